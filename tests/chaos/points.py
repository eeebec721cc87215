"""The named points of a scorer's turn, and how it is held at each from the side of the database.

A lock on the table that a statement needs next holds the scorer before it. What no table lock can
single out is held by triggers of the test's own database that wait for an advisory lock.
"""

from typing import NamedTuple

COMMIT, MARK, HEARD = 1, 2, 3
TRAPS = f"""
create schema chaos;
create function chaos.hold() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(tg_argv[0]::int);
    return null;
end $$;
create constraint trigger held_commit after insert or update of revision on scoring.product_state
    deferrable initially deferred for each row execute function chaos.hold({COMMIT});
create trigger held_mark before update on scoring.outbox
    for each statement execute function chaos.hold({MARK});
create trigger held_heard before update on alerting.positions
    for each statement execute function chaos.hold({HEARD});
create table chaos.gate (
    instance text primary key,
    asked    integer not null default 0,
    granted  integer not null default 0,
    allowed  integer not null default 0
);
grant usage on schema chaos to sealwatch_scorer;
grant select, update on chaos.gate to sealwatch_scorer;
"""


class Point(NamedTuple):
    """How to hold it, a pattern of the statement that then waits, and what becomes of its transaction."""

    hold: str
    waiting: str
    lost: bool = True
    "the server ends the transaction too; else it goes on after the process is dead"
    process: str = "one"


WRITING = "share row exclusive"  # readers pass
FEW, TOGETHER = (
    "with in_",
    "with step0",
)  # how statements begin that the server shows only 1 KB of


def _table(name: str, mode: str = "access exclusive", schema: str = "scoring") -> str:
    return f"lock table {schema}.{name} in {mode} mode"


def _trap(number: int) -> str:
    return f"select pg_advisory_xact_lock({number})"


def _alerts(table: str, statement: str) -> Point:
    return Point(_table(table, WRITING, "alerting"), statement, process="alerts")


SCORER_POINTS = {
    "during take-over": Point(_table("positions"), "insert into scoring.positions"),
    "after poll": Point(_table("positions"), "update scoring.positions"),
    "after positions": Point(_table("seen"), "insert into scoring.seen"),
    "after claim": Point(_table("events"), r'scoring"?\."?events'),
    "before the outbox": Point(_table("outbox", WRITING), rf'(copy|insert into) "?scoring"?\."?outbox|{FEW}'),
    "before commit": Point(_table("product_state", WRITING), f"insert into scoring.product_state|{FEW}"),
    "inside commit": Point(_trap(COMMIT), "commit"),
    "after commit, before memory": Point(_trap(COMMIT), "commit", lost=False),
    "between relay and its mark": Point(_trap(MARK), "update scoring.outbox"),
}
ALERTS_POINTS = {
    "after a poll of changes": Point(_trap(HEARD), "update alerting.positions", process="alerts"),
    "before the notices": _alerts("notices", "insert into alerting.notices"),
    "before the deliveries": _alerts("deliveries", f"insert into alerting.deliveries|{TOGETHER}"),
    "before a lease": _alerts("deliveries", "endpoints as"),
    "between an attempt and its record": _alerts("attempts", "insert into alerting.attempts"),
}
POINTS = SCORER_POINTS | ALERTS_POINTS
