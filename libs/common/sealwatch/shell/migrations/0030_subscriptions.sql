-- A subscription says how often its digest comes, and until when it is paused; both by the api.

alter table registry.subscriptions
    add column digest_seconds integer check (digest_seconds between 3600 and 604800),
    add column paused_until   timestamptz,
    add constraint interval_of_a_digest check (digest_seconds is null or digest);

create or replace view registry.active_subscriptions as
    select subscription_id, organisation_id, department, url, secret_sealed, minimum_level,
           categories, regions, enterprises, language, created_at,
           department_id, channel, coalesce(url, address) as target, digest, kinds, factors, products,
           digest_seconds, paused_until
    from registry.subscriptions
    where deleted_at is null;
