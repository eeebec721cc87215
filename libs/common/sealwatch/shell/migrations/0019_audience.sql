-- Who is told, and why: departments, what they asked for, silences, every decision, and what a level asks of people.

-- ---------------------------------------------------------------- registry (owner: api)

-- An office may have an office above it, of the same organisation; the api keeps the tree free of circles.
create table registry.departments (
    organisation_id text not null references registry.organisations,
    department_id   text not null check (length(department_id) between 1 and 64),
    name            text not null check (length(name) between 1 and 300),
    parent_id       text,
    created_at      timestamptz not null,
    deleted_at      timestamptz,
    primary key (organisation_id, department_id),
    foreign key (organisation_id, parent_id) references registry.departments,
    check (parent_id <> department_id)
);

alter table registry.subscriptions
    alter column url drop not null,
    alter column secret_sealed drop not null,
    add column department_id text,
    add column channel       text not null default 'webhook' check (channel in ('webhook', 'email')),
    add column address       text check (length(address) between 3 and 320),
    add column digest        boolean not null default false,
    add column kinds         text[] not null default '{level_change,signal,all_clear}'
        check (kinds <@ '{level_change,signal,all_clear}' and cardinality(kinds) > 0),
    add column factors       text[],
    add column products      text[],
    add constraint subscription_of_a_department
        foreign key (organisation_id, department_id) references registry.departments,
    add constraint webhook_has_url check ((channel = 'webhook') = (url is not null and secret_sealed is not null)),
    add constraint email_has_address check ((channel = 'email') = (address is not null)),
    add constraint digest_by_email check (channel = 'email' or not digest);

create or replace view registry.active_subscriptions as
    select subscription_id, organisation_id, department, url, secret_sealed, minimum_level,
           categories, regions, enterprises, language, created_at,
           department_id, channel, coalesce(url, address) as target, digest, kinds, factors, products
    from registry.subscriptions
    where deleted_at is null;

-- How often an organisation's departments are told, and when one notice stands for many; defaults where no row is.
create table registry.routing_rules (
    organisation_id       text primary key references registry.organisations,
    window_seconds        integer not null check (window_seconds between 60 and 86400),
    most_messages         integer not null check (most_messages between 1 and 1000),
    repeat_seconds        integer not null check (repeat_seconds between 0 and 2592000),
    inhibit_products      integer not null check (inhibit_products between 2 and 100000),
    inhibit_seconds       integer not null check (inhibit_seconds between 60 and 2592000),
    silence_products      integer not null check (silence_products between 1 and 100000),
    recorded_at           timestamptz not null,
    recorded_by           text not null
);

-- Quiet on a person's word. One whose scope is wide acts only once somebody else has approved it.
create table registry.silences (
    silence_id       bytea primary key check (length(silence_id) = 16),
    organisation_id  text not null references registry.organisations,
    department_id    text,
    categories       text[],
    regions          text[],
    enterprises      text[],
    factors          text[],
    products         text[],
    reason           text not null check (length(reason) between 1 and 2000),
    owner            text not null,
    starts_at        timestamptz not null,
    expires_at       timestamptz not null,
    created_at       timestamptz not null,
    matched_products integer not null check (matched_products >= 0),
    most_products    integer not null,
    approved_by      text,
    approved_at      timestamptz,
    ended_by         text,
    ended_at         timestamptz,
    foreign key (organisation_id, department_id) references registry.departments,
    check (expires_at > starts_at),
    check (approved_by <> owner),
    check ((approved_by is null) = (approved_at is null)),
    check ((ended_by is null) = (ended_at is null))
);
create index silences_of_an_organisation on registry.silences (organisation_id, created_at, silence_id);
create index silences_standing on registry.silences (expires_at) where ended_at is null;

-- Who changed what about the warnings; rows are added and never touched again.
create table registry.audit (
    audit_id        bigint generated always as identity primary key,
    organisation_id text not null,
    acted_at        timestamptz not null,
    acted_by        text not null,
    key_id          text not null,
    action          text not null,
    subject         text not null,
    detail          jsonb not null default '{}'
);
create index audit_of_an_organisation on registry.audit (organisation_id, audit_id);
create trigger keep_audit before update or delete on registry.audit
    for each row execute function registry.refuse_change();
create trigger keep_all_audit before truncate on registry.audit
    for each statement execute function registry.refuse_change();

-- ---------------------------------------------------------------- alerting (owner: alerts)

-- One row for each notice and each subscription whose filters it passes: told or not, and why.
-- `cause` is what the change is to this reader, `reason` why it was told in this way or not at all,
-- `rule_id` the silence, or the notice of the enterprise, that kept it quiet.
create table alerting.decisions (
    notice_id       bytea not null references alerting.notices,
    subscription_id bytea not null,
    organisation_id text not null,
    office          text not null,
    product_id      text not null,
    sequence        integer not null,
    before          smallint not null,
    after           smallint not null,
    enterprise_id   text,
    outcome         text not null check (outcome in ('tell', 'quiet')),
    reason          text not null,
    cause           text not null,
    rule_id         bytea,
    delivery_id     bytea,
    decided_at      timestamptz not null,
    primary key (notice_id, subscription_id),
    check ((outcome = 'tell') = (delivery_id is not null))
);
create index decisions_told_of_a_product on alerting.decisions (product_id, subscription_id, sequence desc)
    where outcome = 'tell';
create index decisions_told_of_an_enterprise on alerting.decisions (enterprise_id, decided_at)
    where outcome = 'tell' and after >= 3 and enterprise_id is not null;
create index decisions_of_a_delivery on alerting.decisions (delivery_id) where delivery_id is not null;
create index decisions_by_rule on alerting.decisions (rule_id, product_id) where rule_id is not null;
create index decisions_of_an_organisation
    on alerting.decisions (organisation_id, decided_at, notice_id, subscription_id);

-- How much a subscription was told of late, and the message that gathers for it. Whoever adds to that message
-- holds this row and the row of the delivery, so that nothing is added to what is on its way.
create table alerting.paces (
    subscription_id bytea primary key,
    told_at         timestamptz[] not null default '{}',
    group_id        bytea,
    closes_at       timestamptz,
    digest_id       bytea,
    digest_at       timestamptz
) with (fillfactor = 50);

-- A delivery is of one notice, or gathers many: then its decisions name it.
alter table alerting.deliveries
    alter column notice_id drop not null,
    alter column product_id drop not null,
    alter column sequence drop not null,
    add column grouped boolean not null default false,
    add column urgent  boolean not null default false,
    add column cause   text,
    add constraint delivery_of_a_notice check (grouped = (notice_id is null)),
    add constraint delivery_of_a_product check (grouped = (product_id is null and sequence is null));

-- What a level asks of people, each with its owner; without `due_at` the plan that the text names sets the day.
create table alerting.actions (
    action_id      bytea primary key check (length(action_id) = 16),
    notice_id      bytea not null references alerting.notices,
    product_id     text not null,
    sequence       integer not null,
    level          smallint not null check (level between 0 and 4),
    position       smallint not null check (position > 0),
    action         text not null,
    owner          text not null,
    deadline       text not null,
    due_at         timestamptz,
    policy_version text not null,
    reached_at     timestamptz not null,
    done_at        timestamptz,
    done_by        text,
    follow_up      text check (length(follow_up) between 1 and 2000),
    unique (notice_id, position),
    check ((done_at is null) = (done_by is null) and (done_at is null) = (follow_up is null))
);
create index actions_by_time on alerting.actions (reached_at, action_id);
create index actions_of_a_product on alerting.actions (product_id, sequence);
create index actions_open on alerting.actions (due_at) where done_at is null;

-- ---------------------------------------------------------------- organisations see their own rows

alter table registry.departments enable row level security;
alter table registry.routing_rules enable row level security;
alter table registry.silences enable row level security;
alter table registry.audit enable row level security;
alter table alerting.decisions enable row level security;

create policy own_rows on registry.departments to sealwatch_api
    using (organisation_id = current_setting('sealwatch.organisation', true));
create policy all_rows on registry.departments to sealwatch_alerts using (true);
create policy own_rows on registry.routing_rules to sealwatch_api
    using (organisation_id = current_setting('sealwatch.organisation', true));
create policy all_rows on registry.routing_rules to sealwatch_alerts using (true);
create policy own_rows on registry.silences to sealwatch_api
    using (organisation_id = current_setting('sealwatch.organisation', true));
create policy all_rows on registry.silences to sealwatch_alerts using (true);
create policy own_rows on registry.audit to sealwatch_api
    using (organisation_id = current_setting('sealwatch.organisation', true));
create policy own_rows on alerting.decisions to sealwatch_api
    using (organisation_id = current_setting('sealwatch.organisation', true));
create policy all_rows on alerting.decisions to sealwatch_alerts using (true) with check (true);

grant select, insert, update on registry.departments, registry.routing_rules, registry.silences to sealwatch_api;
grant select, insert on registry.audit to sealwatch_api;
grant select on registry.departments, registry.routing_rules, registry.silences to sealwatch_alerts;
grant select, insert, update on alerting.decisions, alerting.paces, alerting.actions to sealwatch_alerts;
grant select on alerting.decisions, alerting.paces, alerting.actions to sealwatch_api;
grant update (done_at, done_by, follow_up) on alerting.actions to sealwatch_api;
