-- What an explanation is made of, kept where it was true; and levels that a named person puts in force.

-- The instant of an event, the running maximum of append times in its partition: its own append time does
-- not tell it, and a product is walked again in the order of instants. Empty in rows of before: there the
-- append time counts.
alter table scoring.events add column instant timestamptz;

-- The sums as a level change left them. With the standing, the facts and the policy of the row they are
-- everything that its explanation depends on. Empty for the first sight of a product at its start level.
alter table scoring.level_changes
    add column state       bytea,
    add column model_level smallint check (model_level between 0 and 4),
    add column below_since date;

-- `level` stays the model's; where a person's word holds, that is the level in force.
alter table scoring.product_state
    add column override_level    smallint check (override_level between 1 and 4),
    add column override_until    timestamptz,
    add column override_revision integer not null default 0,
    add constraint override_whole check ((override_level is null) = (override_until is null));
create index product_state_overridden on scoring.product_state (partition, product_id)
    where override_until is not null;

-- Who said what about a level, when, and what was in force before; rows are added and never touched again.
create table registry.level_overrides (
    product_id   text not null check (product_id ~ '^[A-Za-z0-9._-]{1,64}$'),
    revision     integer not null check (revision > 0),
    level        smallint check (level between 1 and 4),
    reason       text not null check (length(reason) <= 2000),
    expires_at   timestamptz,
    before_level smallint not null check (before_level between 0 and 4),
    recorded_at  timestamptz not null,
    recorded_by  text not null,
    key_id       text not null,
    primary key (product_id, revision),
    check ((level is null) = (expires_at is null)),
    check (level is null or length(reason) > 0),
    check (expires_at > recorded_at)
);
create trigger keep_override before update or delete on registry.level_overrides
    for each row execute function registry.refuse_change();
create trigger keep_all_overrides before truncate on registry.level_overrides
    for each statement execute function registry.refuse_change();

grant select, insert on registry.level_overrides to sealwatch_api;
