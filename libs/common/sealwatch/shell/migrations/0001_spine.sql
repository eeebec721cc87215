-- One schema per owner, one role per service. Roles are made by `sealwatch migrate` before this runs.

create schema registry;
create schema scoring;
create schema alerting;

-- ---------------------------------------------------------------- registry (owner: api)

create table registry.organisations (
    organisation_id text primary key check (length(organisation_id) between 1 and 64),
    name            text not null,
    created_at      timestamptz not null default now()
);

create table registry.credentials (
    key_id          text primary key check (key_id ~ '^[0-9a-f]{12}$'),
    organisation_id text not null references registry.organisations,
    source_id       text not null check (length(source_id) between 1 and 64),
    label           text not null default '',
    digest          text not null check (digest ~ '^[0-9a-f]{64}$'),
    scopes          text[] not null,
    source_classes  jsonb not null default '{}',
    accredited      boolean not null default false,
    created_at      timestamptz not null default now(),
    expires_at      timestamptz,
    revoked_at      timestamptz
);
create index on registry.credentials (organisation_id, key_id);

create table registry.devices (
    organisation_id  text not null references registry.organisations,
    device_id        text not null check (length(device_id) between 1 and 128),
    point_id         text not null check (length(point_id) between 1 and 128),
    period_seconds   integer not null check (period_seconds > 0),
    calibrated_until timestamptz,
    recorded_at      timestamptz not null default now(),
    primary key (organisation_id, device_id)
);

create table registry.products (
    product_id     text primary key check (product_id ~ '^[A-Za-z0-9._-]{1,64}$'),
    facts_revision integer not null check (facts_revision > 0),
    name           text not null,
    category       text not null,
    severity_class smallint not null check (severity_class between 1 and 4),
    enterprise_id  text,
    region         text,
    technology     text,
    recorded_at    timestamptz not null,
    recorded_by    text not null
);

create table registry.product_facts (
    product_id     text not null references registry.products,
    facts_revision integer not null,
    facts          jsonb not null,
    recorded_at    timestamptz not null,
    recorded_by    text not null,
    primary key (product_id, facts_revision)
);

create table registry.subscriptions (
    subscription_id bytea primary key check (length(subscription_id) = 16),
    organisation_id text not null references registry.organisations,
    department      text not null check (length(department) between 1 and 300),
    url             text not null check (length(url) between 1 and 2048),
    secret_sealed   bytea not null,
    minimum_level   smallint not null check (minimum_level between 1 and 4),
    categories      text[],
    regions         text[],
    enterprises     text[],
    language        text not null default 'en' check (language in ('en', 'zh')),
    created_at      timestamptz not null default now(),
    deleted_at      timestamptz
);
create index on registry.subscriptions (organisation_id, created_at, subscription_id);

-- The same shape as scoring.outbox: one relay serves both. Headers are packed as in contracts.codec.
create table registry.outbox (
    outbox_id  bigint generated always as identity primary key,
    lane       integer not null,
    topic      text not null,
    key        bytea not null,
    value      bytea,
    headers    bytea not null,
    created_at timestamptz not null default now(),
    sent_at    timestamptz
);
create index outbox_unsent on registry.outbox (lane, outbox_id) where sent_at is null;

-- ---------------------------------------------------------------- scoring (owner: scorer)

create table scoring.positions (
    topic         text not null,
    partition     integer not null check (partition >= 0),
    next_offset   bigint not null check (next_offset >= 0),
    last_offset   bigint,
    last_digest   bytea,
    instant_ms    bigint not null default 0,
    swept_through date,
    primary key (topic, partition)
) with (fillfactor = 50);

-- Narrow on purpose: its keys are random. It also says where the event is, so that no random index
-- is needed on the wide table.
create table scoring.seen (
    uid       bytea not null check (length(uid) = 16),
    digest    bytea not null,
    appended  timestamptz not null,
    partition integer not null,
    "offset"  bigint not null,
    primary key (uid)
) partition by hash (uid);

create table scoring.events (
    appended     timestamptz not null,
    partition    integer not null,
    "offset"     bigint not null,
    uid          bytea not null,
    product_id   text not null,
    type         text not null,
    organisation text not null,
    source       text not null,
    occurred_at  timestamptz not null,
    headers      bytea not null,
    body         bytea not null,
    folded       bytea not null,
    retracted_by bytea,
    primary key (appended, partition, "offset")
) partition by range (appended);
create index events_of_a_product on scoring.events (product_id, occurred_at);

create table scoring.events_rest partition of scoring.events default;

create table scoring.tombstones (
    uid          bytea primary key check (length(uid) = 16),
    product_id   text not null,
    retracted_by bytea not null,
    appended     timestamptz not null
);

create table scoring.product_state (
    product_id           text primary key,
    partition            integer not null,
    revision             bigint not null check (revision > 0),
    epoch                integer not null default 0,
    state                bytea not null,
    level                smallint not null check (level between 0 and 4),
    start_level          smallint check (start_level between 1 and 4),
    below_since          date,
    changes              integer not null default 0,
    facts_known          boolean not null,
    facts_revision       integer not null default 0,
    category             text,
    severity_class       smallint not null check (severity_class between 1 and 4),
    enterprise_id        text,
    region               text,
    indicated            smallint not null check (indicated between 0 and 4),
    index                double precision check (index between 0 and 100),
    index_p05            double precision check (index_p05 between 0 and 100),
    index_p50            double precision check (index_p50 between 0 and 100),
    index_p95            double precision check (index_p95 between 0 and 100),
    main_factor          text,
    events               bigint not null default 0,
    newest_evidence_at   timestamptz,
    last_event_uid       bytea not null,
    policy_version       text not null,
    assessed_at          timestamptz not null,
    published_index      double precision,
    published_on         date,
    publish_due_revision bigint
) with (fillfactor = 70);
create index product_state_by_level on scoring.product_state (level, index desc nulls last, product_id);
create index product_state_to_sweep on scoring.product_state (partition, product_id) where level >= 2;
create index product_state_to_publish on scoring.product_state (partition, product_id)
    where publish_due_revision is not null;

create table scoring.level_changes (
    uid            bytea primary key check (length(uid) = 16),
    product_id     text not null,
    sequence       integer not null check (sequence > 0),
    before         smallint not null check (before between 0 and 4),
    after          smallint not null check (after between 0 and 4),
    start_level    smallint check (start_level between 1 and 4),
    index          double precision check (index between 0 and 100),
    indicated      smallint not null,
    main_factor    text,
    reason         text not null,
    category       text,
    enterprise_id  text,
    region         text,
    severity_class smallint not null,
    facts_revision integer not null,
    policy_version text not null,
    last_event_uid bytea not null,
    changed_at     timestamptz not null,
    unique (product_id, sequence)
);
create index level_changes_by_time on scoring.level_changes (changed_at, uid);

create table scoring.outbox (like registry.outbox including all);

create table scoring.quarantine (
    quarantine_id bigint generated always as identity primary key,
    uid           bytea not null,
    product_id    text not null,
    organisation  text not null,
    reason        text not null,
    partition     integer not null,
    "offset"      bigint not null,
    appended      timestamptz not null,
    headers       bytea not null,
    body          bytea not null,
    unique (partition, "offset", reason)
);
create index quarantine_by_uid on scoring.quarantine (uid);

-- ---------------------------------------------------------------- alerting (owner: alerts)

create table alerting.positions (
    topic       text not null,
    partition   integer not null check (partition >= 0),
    next_offset bigint not null check (next_offset >= 0),
    primary key (topic, partition)
);

-- Every level change that was heard of, told or not, with the reason either way.
create table alerting.notices (
    notice_id    bytea primary key check (length(notice_id) = 16),
    product_id   text not null,
    sequence     integer not null,
    before       smallint not null,
    after        smallint not null,
    decision     text not null check (decision in ('tell', 'quiet')),
    reason       text not null,
    change       jsonb not null,
    heard_at     timestamptz not null,
    unique (product_id, sequence)
);
create index notices_by_time on alerting.notices (heard_at, notice_id);

create table alerting.deliveries (
    delivery_id     bytea primary key check (length(delivery_id) = 16),
    notice_id       bytea not null references alerting.notices,
    subscription_id bytea not null,
    organisation_id text not null,
    product_id      text not null,
    sequence        integer not null,
    state           text not null check (state in ('pending', 'delivered', 'dead', 'cancelled')),
    failures        integer not null default 0 check (failures >= 0),
    next_attempt_at timestamptz,
    leased_until    timestamptz,
    concluded_at    timestamptz,
    reason          text,
    created_at      timestamptz not null,
    unique (notice_id, subscription_id),
    check ((state = 'pending') = (next_attempt_at is not null))
) with (fillfactor = 70);
create index deliveries_due on alerting.deliveries (next_attempt_at) where state = 'pending';
create index deliveries_of_an_endpoint on alerting.deliveries (subscription_id, next_attempt_at)
    where state = 'pending';
create index deliveries_of_a_product on alerting.deliveries (subscription_id, product_id, sequence)
    where state = 'pending';
create index deliveries_of_an_organisation on alerting.deliveries (organisation_id, created_at, delivery_id);

create table alerting.attempts (
    delivery_id bytea not null references alerting.deliveries,
    number      integer not null check (number > 0),
    started_at  timestamptz not null,
    took_ms     integer not null check (took_ms >= 0),
    status      integer,
    outcome     text not null check (outcome in ('delivered', 'unavailable', 'refused')),
    detail      text not null,
    primary key (delivery_id, number)
);

create table alerting.endpoints (
    subscription_id bytea primary key,
    disabled_at     timestamptz,
    reason          text
);

-- ---------------------------------------------------------------- views that cross an owner's border

create view registry.active_subscriptions as
    select subscription_id, organisation_id, department, url, secret_sealed, minimum_level,
           categories, regions, enterprises, language, created_at
    from registry.subscriptions
    where deleted_at is null;

-- ---------------------------------------------------------------- organisations see their own rows

alter table registry.credentials enable row level security;
alter table registry.subscriptions enable row level security;
alter table registry.devices enable row level security;
alter table alerting.deliveries enable row level security;

-- The owner of a row set is named per transaction: set_config('sealwatch.organisation', id, true).
-- '*' is only ever set by the look-up of a key, before an organisation is known.
create policy own_rows on registry.credentials to sealwatch_api
    using (organisation_id = current_setting('sealwatch.organisation', true)
           or current_setting('sealwatch.organisation', true) = '*');
create policy own_rows on registry.subscriptions to sealwatch_api
    using (organisation_id = current_setting('sealwatch.organisation', true));
create policy own_rows on registry.devices to sealwatch_api
    using (organisation_id = current_setting('sealwatch.organisation', true));
create policy own_rows on alerting.deliveries to sealwatch_api
    using (organisation_id = current_setting('sealwatch.organisation', true));
create policy all_rows on alerting.deliveries to sealwatch_alerts using (true) with check (true);

-- ---------------------------------------------------------------- who may do what; no DDL at run time

grant usage on schema registry to sealwatch_api, sealwatch_alerts;
grant usage on schema scoring to sealwatch_scorer, sealwatch_api;
grant usage on schema alerting to sealwatch_alerts, sealwatch_api;

grant select, insert, update on all tables in schema registry to sealwatch_api;
grant select on registry.active_subscriptions to sealwatch_alerts;

grant select, insert, update, delete on all tables in schema scoring to sealwatch_scorer;
grant select on all tables in schema scoring to sealwatch_api;

grant select, insert, update on all tables in schema alerting to sealwatch_alerts;
grant select on all tables in schema alerting to sealwatch_api;
