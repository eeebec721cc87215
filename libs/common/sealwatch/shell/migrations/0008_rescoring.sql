-- Stored events scored once more, into rows of their own beside the live ones.

-- The instant of an event: the running maximum of append times in its partition. Where the broker's clock
-- never went back it is the append time; the few others are found by the small index.
alter table scoring.events add column if not exists instant timestamptz;
create index events_after_the_clock on scoring.events (instant) where instant > appended;

create table scoring.rescorings (
    name           text primary key check (name ~ '^[A-Za-z0-9._-]{1,64}$'),
    kind           text not null check (kind in ('shadow', 'checkpoint')),
    policy_version text,  -- empty: the versions that were in force, day by day
    document       jsonb not null,  -- of that version, else of the one that scorers were started with
    known_at       timestamptz,
    as_of          timestamptz,
    began_with     text,  -- the checkpoint it goes on from
    lanes          integer not null check (lanes > 0),
    started_at     timestamptz not null,
    dropped_at     timestamptz,  -- of a checkpoint: when the events before its end were dropped
    check (kind = 'shadow' or (policy_version is null and known_at is not null and as_of is null))
);

-- Where each partition ends for a rescoring: where live scoring stood when it was begun.
create table scoring.rescoring_bounds (
    name          text not null references scoring.rescorings on delete cascade,
    partition     integer not null,
    lane          integer not null,
    next_offset   bigint not null,
    instant_ms    bigint not null,
    swept_through date,
    events        bigint not null,
    primary key (name, partition)
);

-- How far a lane has come; what it made of its products is committed together with this row.
create table scoring.rescoring_lanes (
    name          text not null references scoring.rescorings on delete cascade,
    lane          integer not null,
    instant       timestamptz not null,
    partition     integer not null,
    "offset"      bigint not null,
    swept_through date,
    events        bigint not null default 0,
    changes       bigint not null default 0,
    done          boolean not null default false,
    primary key (name, lane)
);

create table scoring.rescored_states (
    name text not null references scoring.rescorings on delete cascade,
    like scoring.product_state including defaults,
    primary key (name, product_id)
) with (fillfactor = 70);
create index rescored_states_of_a_partition on scoring.rescored_states (name, partition);

create table scoring.rescored_rollups (
    name text not null references scoring.rescorings on delete cascade,
    like scoring.rollups including defaults,
    primary key (name, dimension, value, severity_class, partition)
);

-- Events of dropped months whose product has a retraction in a later month: it is worked out by them.
create table scoring.events_kept (like scoring.events, primary key (appended, partition, "offset"));
create index events_kept_of_a_product on scoring.events_kept (product_id);
grant select on scoring.events_kept to sealwatch_scorer, sealwatch_api;

grant select, insert, update, delete on
    scoring.rescorings, scoring.rescoring_bounds, scoring.rescoring_lanes, scoring.rescored_states,
    scoring.rescored_rollups
    to sealwatch_scorer;
