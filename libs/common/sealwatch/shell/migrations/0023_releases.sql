-- What the public is told: a draft, a second person's word, and from then on a message that nobody can change.

create sequence registry.release_numbers;

create table registry.releases (
    release_id      bytea primary key check (length(release_id) = 16),
    organisation_id text not null references registry.organisations,
    series_id       bytea not null references registry.releases, -- its first message, which may be itself
    notice_id       bytea not null,
    msg_type        text not null check (msg_type in ('Alert', 'Update', 'Cancel')),
    status          text not null check (status in ('Actual', 'Test')),
    content         jsonb not null,
    expires_at      timestamptz not null,
    drafted_by      text not null,
    drafted_at      timestamptz not null,
    released_by     text,
    released_at     timestamptz,
    number          bigint unique,
    cap             bytea, -- the very bytes that are served
    discarded_by    text,
    discarded_at    timestamptz,
    check ((msg_type = 'Alert') = (series_id = release_id)),
    check ((released_by is null) = (released_at is null) and (released_at is null) = (number is null)
           and (number is null) = (cap is null)),
    check ((discarded_by is null) = (discarded_at is null)),
    check (released_at is null or discarded_at is null),
    -- Only a withdrawal needs no second person: what is wrong must go at once.
    check (msg_type = 'Cancel' or released_by <> drafted_by)
);
create index releases_of_an_organisation on registry.releases (organisation_id, drafted_at, release_id);
create index releases_of_a_series on registry.releases (series_id, number);
create unique index withdrawn_once on registry.releases (series_id) where msg_type = 'Cancel';
create trigger keep_release before update on registry.releases for each row
    when (old.released_at is not null or old.discarded_at is not null) execute function registry.refuse_change();
create trigger keep_releases before delete on registry.releases
    for each row execute function registry.refuse_change();

-- Everybody may read what was released, and nothing else of it.
create view registry.public_releases as
    select release_id, series_id, number, msg_type, status, content, released_at, cap
    from registry.releases where released_at is not null;

alter table registry.releases enable row level security;
create policy own_rows on registry.releases to sealwatch_api
    using (organisation_id = current_setting('sealwatch.organisation', true));

grant select, insert, update on registry.releases to sealwatch_api;
grant select on registry.public_releases to sealwatch_api;
grant usage on sequence registry.release_numbers to sealwatch_api;
