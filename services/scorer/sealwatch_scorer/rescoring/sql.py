"""The statements of rescoring; events are read in the order of instants, a slice at a time."""

from sealwatch_scorer.rows import STATE_TYPES
from sealwatch_scorer.sql import LOADED

# Times as seconds in a double: a driver's time costs a tenth of all that an event costs.
_LINE = """
select date_part('epoch', coalesce(instant, appended)), partition, "offset", product_id, uid, type, headers,
       body"""
_EVENT = f"{_LINE} from scoring.events"  # one fixed text
# A slice walks the primary key from where the last one ended. Whatever statistics say, sorting a whole month
# for each slice is never the better plan, and lanes take all the cores already.
BY_THE_KEY = """
set enable_seqscan = off; set enable_bitmapscan = off; set enable_sort = off;
set max_parallel_workers_per_gather = 0
"""
# In the order of the primary key. The few events whose instant is later than their append time come by
# their own small index and are put between the others.
SLICE = f"""{_EVENT}
where appended >= $2 and appended <= $5 and partition = any($1::int[])
  and (appended, partition, "offset") > ($2, $3, $4) and (instant > appended) is not true
order by appended, partition, "offset" limit $6
"""
AFTER_THE_CLOCK = f"""{_EVENT}
where instant > appended and instant >= $2 and instant <= $5 and partition = any($1::int[])
  and (instant, partition, "offset") > ($2, $3, $4) and (instant, partition, "offset") <= ($5, $6, $7)
order by instant, partition, "offset"
"""
# Which events somebody took back at any time, and everything that is stored of their products.
FATED = """
select uid, product_id from scoring.events where retracted_by is not null and partition = any($1::int[])
union all
select uid, product_id from scoring.events_kept where retracted_by is not null and partition = any($1::int[])
"""
PASTS = f"""
{_LINE}, retracted_by from scoring.events where product_id = any($1::text[])
union all
{_LINE}, retracted_by from scoring.events_kept where product_id = any($1::text[])
"""  # one fixed text
STONES = 'select uid, product_id, retracted_by from scoring.tombstones order by appended, "offset"'
FIND = """
select kind, policy_version, document::text, known_at, as_of, lanes, began_with
from scoring.rescorings where name = $1
"""
BEGIN = """
insert into scoring.rescorings
    (name, kind, policy_version, document, known_at, as_of, began_with, lanes, started_at)
values ($1, $2, $3, $4::text::jsonb, $5, $6, $7, $8, $9)
"""
# The positions are those of live scoring, as they stand in this statement.
BOUND = """
insert into scoring.rescoring_bounds (name, partition, lane, next_offset, instant_ms, swept_through, events)
select $1, p.partition, p.partition % $3, p.next_offset, p.instant_ms, p.swept_through,
       coalesce((select sum(s.events) from scoring.product_state s where s.partition = p.partition), 0)
from scoring.positions p where p.topic = $2
"""
START_LANES = """
insert into scoring.rescoring_lanes (name, lane, instant, partition, "offset", swept_through)
select $1, lane, $2, $3, $4, $5 from generate_series(0, $6::int - 1) as lane
"""
BOUNDS = """
select partition, next_offset, instant_ms, swept_through
from scoring.rescoring_bounds where name = $1 and lane = any($2::int[]) order by partition
"""
LANE = """
select instant, partition, "offset", swept_through, events, changes, done
from scoring.rescoring_lanes where name = $1 and lane = $2
"""
PROGRESS = """
select (select coalesce(sum(events), 0) from scoring.rescoring_lanes where name = $1) as events,
       (select coalesce(sum(events), 0) from scoring.rescoring_bounds where name = $1) as total,
       (select bool_and(done) from scoring.rescoring_lanes where name = $1) as done
"""
STATES = LOADED.replace("scoring.product_state", "scoring.rescored_states") + (
    "where name = $1 and partition = any($2::int[])"
)
# A lane that another process took further meanwhile is not moved back.
ADVANCE = """
update scoring.rescoring_lanes
set instant = $4, partition = $5, "offset" = $6, swept_through = $7, events = $8, changes = $9, done = $10
where name = $1 and lane = $2 and events = $3 and not done
"""
_COLUMNS = ", ".join(STATE_TYPES)
SAVE = f"""
insert into scoring.rescored_states (name, {_COLUMNS})
select $1, * from pg_temp.incoming_states
on conflict (name, product_id) do update
set {", ".join(f"{name} = excluded.{name}" for name in STATE_TYPES if name != "product_id")}
"""  # noqa: S608  # names come from the table of columns
SAVE_ROLLUPS = """
insert into scoring.rescored_rollups (name, dimension, value, severity_class, partition, state, products)
select $1, * from unnest($2::text[], $3::text[], $4::smallint[], $5::int[], $6::bytea[], $7::bigint[])
"""
LIST = """
select r.name, r.kind, coalesce(r.policy_version, 'recorded') as policy, r.known_at, r.as_of, r.began_with,
       r.started_at, l.events, b.total, l.done
from scoring.rescorings r
cross join lateral (select sum(events) as events, bool_and(done) as done
                    from scoring.rescoring_lanes where name = r.name) l
cross join lateral (select sum(events) as total from scoring.rescoring_bounds where name = r.name) b
order by r.started_at, r.name
"""
DROP = "delete from scoring.rescorings where name = $1 and kind = 'shadow'"
# The checkpoint that stands for everything that was dropped, with the versions that made it.
DROPPED = """
select r.name, r.known_at, array(
    select policy_version from scoring.level_changes where changed_at <= r.known_at
    union select policy_version from scoring.rescored_states where name = r.name) as versions
from scoring.rescorings r where r.dropped_at is not null order by r.known_at desc limit 1
"""
GO_ON_WITH = f"""
insert into scoring.rescored_states (name, {_COLUMNS})
select $1, {_COLUMNS} from scoring.rescored_states where name = $2
"""  # noqa: S608  # names come from the table of columns
GO_ON_AFTER = """
update scoring.rescoring_lanes l
set events = coalesce((select sum(s.events) from scoring.rescored_states s
                       where s.name = $1 and s.partition % $2::int = l.lane), 0)
where l.name = $1
"""
# Positions that live scoring has left since: then the two cannot be compared.
MOVED = """
select p.partition
from scoring.positions p
left join scoring.rescoring_bounds b on b.name = $1 and b.partition = p.partition
where p.topic = $2 and (p.next_offset, p.swept_through) is distinct from (b.next_offset, b.swept_through)
order by p.partition
"""
# What must be equal to the byte. Revisions and what was published depend on where polls were cut; an index
# is that of the newest assessment, which a sweep of several days at once dates later than daily ones.
_SAME = (
    "state", "level", "start_level", "below_since", "changes", "facts_known", "facts_revision", "category",
    "severity_class", "enterprise_id", "region", "technology", "events", "newest_evidence_at", "stale",
    "override_level", "override_until", "override_revision",
)  # fmt: skip
_ASSESSED = ("index", "indicated", "main_factor", "policy_version", "last_event_uid")


def _row(alias: str, columns: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"{alias}.{column}" for column in columns) + ")"


DIFFERENT = f"""
select coalesce(live.product_id, shadow.product_id) as product_id,
       (to_jsonb(live) - 'state')::text as live, (to_jsonb(shadow) - 'state')::text as shadow,
       live.state is distinct from shadow.state as sums_differ, count(*) over () as count
from scoring.product_state live
full join (select * from scoring.rescored_states where name = $1) shadow using (product_id)
where {_row("live", _SAME)} is distinct from {_row("shadow", _SAME)}
   or (live.assessed_at = shadow.assessed_at
       and {_row("live", _ASSESSED)} is distinct from {_row("shadow", _ASSESSED)})
order by 1 limit $2
"""  # noqa: S608  # names come from the tables above
# A group that every product left keeps a live row of nothing, which no rescoring makes.
DIFFERENT_ROLLUPS = """
select count(*)
from (select * from scoring.rollups where not (products = 0 and state = $2)) live
full join (select * from scoring.rescored_rollups where name = $1) shadow
    using (dimension, value, severity_class, partition)
where (live.state, live.products) is distinct from (shadow.state, shadow.products)
"""
MOVES = """
select live.level as live, shadow.level as shadow, count(*) as products
from scoring.product_state live
full join (select * from scoring.rescored_states where name = $1) shadow using (product_id)
group by 1, 2 order by 1 nulls first, 2 nulls first
"""
MOVERS = """
select coalesce(live.product_id, shadow.product_id) as product_id, live.level as live, shadow.level as shadow,
       live.index as live_index, shadow.index as shadow_index,
       coalesce(live.category, shadow.category) as category,
       coalesce(live.enterprise_id, shadow.enterprise_id) as enterprise_id,
       coalesce(live.region, shadow.region) as region
from scoring.product_state live
full join (select * from scoring.rescored_states where name = $1) shadow using (product_id)
where live.level is distinct from shadow.level
order by coalesce(shadow.level, 0) - coalesce(live.level, 0) desc, 1 limit $2
"""
