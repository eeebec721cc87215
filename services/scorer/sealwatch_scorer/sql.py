"""The statements of the scorer; arrays in, one statement a step."""

from sealwatch_scorer.rows import STATE_TYPES

FIRST_POSITIONS = """
insert into scoring.positions (topic, partition, next_offset)
select $1, * from unnest($2::int[], $3::bigint[]) on conflict do nothing
"""
POSITIONS = """
select partition, next_offset, last_offset, last_digest, instant_ms, swept_through
from scoring.positions where topic = $1 and partition = any($2::int[])
"""
# Locked in partition order first; the row count tells whether every expectation held. A sweep moves the day
# and not the offset, so both are expected.
ADVANCE = """
with locked as materialized (
    select partition from scoring.positions
    where topic = $1 and partition = any($2::int[]) order by partition for update
)
update scoring.positions p
set next_offset = u.next, last_offset = u.last, last_digest = u.digest, instant_ms = u.instant,
    swept_through = u.swept
from unnest($2::int[], $3::bigint[], $4::date[], $5::bigint[], $6::bigint[], $7::bytea[], $8::bigint[],
            $9::date[])
     as u (partition, expected, expected_day, next, last, digest, instant, swept),
     locked
where p.topic = $1 and p.partition = u.partition and locked.partition = u.partition
  and p.next_offset = u.expected and p.swept_through is not distinct from u.expected_day
"""
# Rows come by COPY into a table of the session: encoding them costs a third of arrays (measured).
CLAIM_TYPES = {
    "uid": "bytea", "digest": "bytea", "appended": "timestamptz", "partition": "int", '"offset"': "bigint",
}  # fmt: skip


def claiming(incoming: str) -> str:
    """Return the end of a statement that claims uids, and gives those that somebody had claimed.

    Inserted in one order, as two owners of different partitions would lock each other otherwise.
    """
    return f"""
claimed as (
    insert into scoring.seen ({", ".join(CLAIM_TYPES)})
    select * from {incoming} order by uid on conflict (uid) do nothing returning uid
)
select uid from {incoming} where uid not in (select uid from claimed)
"""  # noqa: S608  # names come from the table above


CLAIM = f"with {claiming('pg_temp.incoming_uids')}"
STORED = """
select s.uid, s.digest, e.body
from scoring.seen s
left join scoring.events e
    on e.appended = s.appended and e.partition = s.partition and e."offset" = s."offset"
where s.uid = any($1::bytea[])
"""
TARGETS = """
select s.uid, e.product_id, e.folded, e.retracted_by
from scoring.seen s
left join scoring.events e
    on e.appended = s.appended and e.partition = s.partition and e."offset" = s."offset"
where s.uid = any($1::bytea[])
"""
# Whoever claims an event that is taken back here waits for us, or we for him: else neither would see the
# other, as a retraction under a strange product comes through another partition.
RESERVE = """
insert into scoring.seen (uid, digest, appended, partition, "offset")
select uid, '', '-infinity', -1, -1 from unnest($1::bytea[]) as uid order by uid
on conflict (uid) do nothing returning uid
"""
RELEASE = "delete from scoring.seen where uid = any($1::bytea[])"
SOME_TOMBSTONES = "select uid from scoring.tombstones limit $1"
TOMBSTONES = """
select uid, product_id, retracted_by, appended, partition, "offset", headers, body
from scoring.tombstones where uid = any($1::bytea[]) order by appended, "offset"
"""
LOADED = """
select product_id, partition, state, level, start_level, below_since, changes, facts_known, facts_revision,
       category, severity_class, enterprise_id, region, technology, revision, events, newest_evidence_at,
       published_index, published_on, stale, override_level, override_until, override_revision
from scoring.product_state
"""
LOAD = f"{LOADED} where product_id = any($1::text[])"
# What could be lowered, what could become stale (its newest evidence is older than $2), what is overridden.
# Low ends only where nothing but opinion holds it; a row from before that was noted does not know.
TO_SWEEP = f"""{LOADED}
where partition = $1
  and (level >= 2 or (level = 1 and opinion_only is not false)
       or override_until is not null or (not stale and newest_evidence_at < $2))
  and product_id > $3
order by product_id limit $4 for update
"""
TO_REDECIDE = f"""{LOADED}
where partition = $1 and product_id > $2 order by product_id limit $3 for update
"""
FIRST_POLICY = "select version from registry.first_policy"
PUBLISHED_POLICIES = """
select version, document::text, digest, effective_from, publication
from registry.published_policies order by publication
"""
_OLDER = """
select occurred_at, uid, folded from scoring.{table}
where product_id = w.product_id and bears = w.bears and occurred_at <= w.until
  and retracted_by is null and uid <> all($4::bytea[])
order by occurred_at desc limit $5
"""
# One walk down the index a stream, across the months; with what was kept of dropped ones, so that scoring
# again from a checkpoint sees the same.
OLDER = f"""
select w.number - 1, e.*
from unnest($1::text[], $2::smallint[], $3::timestamptz[])
     with ordinality as w (product_id, bears, until, number)
cross join lateral (
    ({_OLDER.format(table="events")}) union all ({_OLDER.format(table="events_kept")})
    order by occurred_at desc limit $5
) e
order by w.number, e.occurred_at desc
"""  # noqa: S608  # one fixed text
# The planner knows the average product, and this is about the one with a million events.
BY_THE_INDEX = (
    "set local enable_sort = off; set local enable_bitmapscan = off; set local enable_seqscan = off"
)
BY_COST = "set local enable_sort = on; set local enable_bitmapscan = on; set local enable_seqscan = on"
EVENT_COLUMNS = (
    "appended", "partition", "offset", "uid", "product_id", "type", "organisation", "source", "occurred_at",
    "headers", "body", "folded", "retracted_by", "instant", "bears",
)  # fmt: skip


def _staging(name: str, types: dict[str, str]) -> str:
    columns = ", ".join(f"{column} {kind}" for column, kind in types.items())
    return f"create temporary table if not exists {name} ({columns}) on commit delete rows"


STAGE_UIDS = _staging("incoming_uids", CLAIM_TYPES)
STAGE_STATES = _staging("incoming_states", STATE_TYPES)
# What follows an insert where the row may be there; of a product only over the revision it was made from.
OVER_STATE = f"""
on conflict (product_id) do update
set {", ".join(f"{name} = excluded.{name}" for name in STATE_TYPES if name != "product_id")}
where old.revision = excluded.revision - 1
"""  # names come from the table above
OVER_ROLLUP = """
on conflict (dimension, value, severity_class, partition) do update
set state = excluded.state, products = excluded.products
"""
OVER_DUE = "on conflict (product_id) do nothing"
SAVE = f"""
insert into scoring.product_state as old ({", ".join(STATE_TYPES)})
select * from pg_temp.incoming_states
{OVER_STATE}
"""  # noqa: S608  # names come from the table above
_GROUPS = "unnest($1::text[], $2::text[], $3::smallint[], $4::int[])"
LOAD_ROLLUPS = f"""
select r.dimension, r.value, r.severity_class, r.partition, r.state, r.products
from {_GROUPS} as u (dimension, value, severity_class, partition)
join scoring.rollups r using (dimension, value, severity_class, partition)
"""  # noqa: S608  # one fixed text
SAVE_ROLLUPS = f"""
insert into scoring.rollups (dimension, value, severity_class, partition, state, products)
select * from unnest($1::text[], $2::text[], $3::smallint[], $4::int[], $5::bytea[], $6::bigint[])
{OVER_ROLLUP}
"""  # noqa: S608  # one fixed text
BURY = """
insert into scoring.tombstones (uid, product_id, retracted_by, appended, partition, "offset", headers, body)
select * from unnest($1::bytea[], $2::text[], $3::bytea[], $4::timestamptz[], $5::int[], $6::bigint[],
                     $7::bytea[], $8::bytea[])
on conflict do nothing
"""
RETRACT = """
update scoring.events e set retracted_by = u.by, bears = 0
from unnest($1::bytea[], $2::bytea[]) as u (uid, by)
join scoring.seen s on s.uid = u.uid
where e.appended = s.appended and e.partition = s.partition and e."offset" = s."offset"
"""
QUARANTINE = """
insert into scoring.quarantine
    (uid, product_id, organisation, reason, partition, "offset", appended, headers, body)
select * from unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::int[], $6::bigint[],
                     $7::timestamptz[], $8::bytea[], $9::bytea[])
on conflict (partition, "offset", appended, reason) do nothing
"""
OUTBOX_COLUMNS = ("lane", "topic", "key", "value", "headers")
NOW_DUE = f"""
insert into scoring.indices_due (product_id, partition)
select * from unnest($1::text[], $2::int[])
{OVER_DUE}
"""  # noqa: S608  # one fixed text
DUE = """
select s.*
from scoring.indices_due d join scoring.product_state s using (product_id)
where d.partition = any($1::int[]) limit $2
"""
# Who was touched since stays due. States are held first: who is about to touch one must find the row gone.
PUBLISHED = """
with told as materialized (
    select s.product_id
    from unnest($1::text[], $2::bigint[]) as u (product_id, revision)
    join scoring.product_state s on s.product_id = u.product_id and s.revision = u.revision
    order by s.product_id for update of s
)
delete from scoring.indices_due d using told where d.product_id = told.product_id
"""
