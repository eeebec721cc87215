"""The statements of the remedy after a halt; they run while no scorer does."""

POSITIONS = """
select partition, next_offset, last_offset, last_digest, instant_ms, swept_through
from scoring.positions where topic = $1 order by partition
"""
# A scorer keeps its connections, also while it is halted: it looks at its outbox all the time.
SCORERS = """
select count(*) from pg_stat_activity
where datname = current_database() and application_name = 'sealwatch-scorer'
"""
FIRST = """
insert into scoring.positions (topic, partition, next_offset)
select $1, * from unnest($2::int[], $3::bigint[]) on conflict do nothing
"""
# What a new log holds before the offset is unknown, so the last record is forgotten. Instant and swept
# day stay: neither ever goes back. A row that moved meanwhile belongs to a scorer and stays as it is.
RESET = """
update scoring.positions p set next_offset = u.next, last_offset = null, last_digest = null
from unnest($2::int[], $3::bigint[], $4::bigint[]) as u (partition, expected, next)
where p.topic = $1 and p.partition = u.partition and p.next_offset = u.expected
"""
