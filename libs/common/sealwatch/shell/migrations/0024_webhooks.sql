-- Webhooks: secrets that sign on for a while, the health of endpoints, owners who are told, replays.

-- ---------------------------------------------------------------- registry (owner: api)

-- Whoever looks after the endpoint, told by another way when it is switched off.
alter table registry.subscriptions add column contact text check (length(contact) between 3 and 254);

-- Secrets that were replaced sign beside the new one until then.
create table registry.retiring_secrets (
    secret_id       bigint generated always as identity primary key,
    subscription_id bytea not null references registry.subscriptions,
    organisation_id text not null references registry.organisations,
    secret_sealed   bytea not null,
    retired_at      timestamptz not null,
    signs_until     timestamptz not null check (signs_until > retired_at)
);
create index retiring_secrets_of_an_endpoint on registry.retiring_secrets (subscription_id, signs_until);

create view registry.signing_beside as
    select subscription_id, secret_id, secret_sealed, signs_until from registry.retiring_secrets;
create view registry.endpoint_owners as
    select subscription_id, organisation_id, contact from registry.subscriptions;

-- ---------------------------------------------------------------- alerting (owner: alerts)

-- `failing_for` counts the time since `failing_since` in which the endpoint was to blame, up to `counted_at`.
alter table alerting.endpoints
    add column last_attempt_at timestamptz,
    add column last_success_at timestamptz,
    add column last_detail     text,
    add column failing_since   timestamptz,
    add column failures        integer not null default 0 check (failures >= 0),
    add column failing_for     interval not null default '0',
    add column counted_at      timestamptz;

-- What owners of endpoints are to be told by another way than the one that failed; `told_at` once they were.
create table alerting.owner_news (
    news_id         bigint generated always as identity primary key,
    subscription_id bytea not null,
    organisation_id text not null,
    contact         text,
    kind            text not null check (kind in ('endpoint_disabled')),
    reason          text not null,
    created_at      timestamptz not null,
    told_at         timestamptz
);
create index owner_news_to_tell on alerting.owner_news (news_id) where told_at is null;
create index owner_news_of_an_endpoint on alerting.owner_news (subscription_id, news_id);

-- A replay begins a delivery anew under its old id; attempts go on counting after those that were made before.
alter table alerting.deliveries
    add column attempts_before integer not null default 0 check (attempts_before >= 0),
    add column replayed_at     timestamptz;
create index deliveries_of_a_subscription on alerting.deliveries (subscription_id, created_at, delivery_id);

-- ---------------------------------------------------------------- who may do what

alter table registry.retiring_secrets enable row level security;
alter table alerting.owner_news enable row level security;
create policy own_rows on registry.retiring_secrets to sealwatch_api
    using (organisation_id = current_setting('sealwatch.organisation', true));
create policy own_rows on alerting.owner_news to sealwatch_api
    using (organisation_id = current_setting('sealwatch.organisation', true));
create policy all_rows on alerting.owner_news to sealwatch_alerts using (true) with check (true);

grant select, insert, update (signs_until) on registry.retiring_secrets to sealwatch_api;
grant select on registry.signing_beside, registry.endpoint_owners to sealwatch_alerts;
grant select, insert, update on alerting.owner_news to sealwatch_alerts;
grant select on alerting.owner_news to sealwatch_api;
grant insert on alerting.deliveries to sealwatch_api; -- a test send
grant update (state, failures, next_attempt_at, leased_until, concluded_at, reason, attempts_before, replayed_at)
    on alerting.deliveries to sealwatch_api; -- a replay
grant update (disabled_at, reason, failing_since, failures, failing_for, counted_at)
    on alerting.endpoints to sealwatch_api; -- switching on again
