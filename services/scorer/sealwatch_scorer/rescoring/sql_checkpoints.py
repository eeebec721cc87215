"""The statements that drop months of raw events."""

SWEPT = """
select case when bool_and(swept_through is not null or next_offset = 0) then min(swept_through) end
from scoring.positions where topic = $1
"""
AFTER_THE_END = "select count(*) from scoring.events where appended < $1 and instant >= $1"
TABLES = r"""
select c.relname as table from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'scoring.events'::regclass and c.relname ~ '^events_\d{4}_\d\d$' and c.relname <= $1
order by 1
"""
HOLD = "lock table scoring.events in access exclusive mode"
MARK = """
update scoring.rescorings r set dropped_at = $2
where name = $1 and kind = 'checkpoint'
  and (select bool_and(done) from scoring.rescoring_lanes where name = r.name)
returning name
"""
# Of a product with a retraction afterwards: what it took back, and what its newest time is made of.
KEEP = """
insert into scoring.events_kept
select e.* from scoring.events e
where e.appended < $1 and e.product_id in (
    select product_id from scoring.events where appended >= $1 and type = 'evidence.retracted.v1')
on conflict do nothing
"""
CLEAR_REST = "delete from scoring.events_rest where appended < $1"


def drop_table(table: str) -> str:
    """Return the statement that drops a month; its name comes from the catalogue."""
    return f'drop table scoring."{table}"'
