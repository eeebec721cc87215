"""Dead letters: of one's own organisation, or of all for whoever looks after the centre."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch_api.queries.clauses import asked, where

After = tuple[datetime, int, int]
OF_APPENDED = {
    "state": "state = :state",
    "reason": "reason = :reason",
    "organisation": "organisation = :organisation",
    "appended_from": "appended >= cast(cast(:appended_from as text) as timestamptz)",
    "appended_to": "appended < cast(cast(:appended_to as text) as timestamptz)",
}
_OF_LETTERS = {**OF_APPENDED, "error_class": "error_class = :error_class"}
_LETTER = (
    'letter_id, topic, partition, "offset", appended as appended_at, size, error_class, reason, uid, '
    "organisation, source, state, resolved_at, resolved_by, note, replay_uid"
)
_IN_FULL = f"{_LETTER}, key, headers, body, repaired_body"
_RESOLVE = """
update scoring.dead_letters
set state = :state, resolved_at = :now, resolved_by = :by, note = :note, replay_uid = :uid,
    repaired_body = :repaired
where letter_id = :id
"""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What is written on a letter that is resolved."""

    letter_id: bytes
    state: str
    now: datetime
    by: str
    note: str
    uid: bytes | None = None
    repaired: bytes | None = None


async def see_all(connection: AsyncConnection) -> None:
    """Let row-level security show the records of every organisation, and of none, in this transaction."""
    await connection.execute(text("select set_config('sealwatch.letters', 'all', true)"))


def of_own(own: str | None) -> list[str]:
    """Return the clause that keeps organisations apart; None looks after all of them."""
    return [] if own is None else ["organisation = :own"]


async def listed(
    connection: AsyncConnection,
    own: str | None,
    filters: Mapping[str, object],
    after: After | None,
    most: int,
) -> Sequence[RowMapping]:
    """Return letters, newest first."""
    beyond = ['(appended, partition, "offset") < (:at, :partition, :place)'] if after else []
    conditions = where([*of_own(own), *asked(_OF_LETTERS, filters), *beyond])
    statement = (
        f"select {_LETTER} from scoring.dead_letters where {conditions} "  # noqa: S608  # our own names
        'order by appended desc, partition desc, "offset" desc limit :most'
    )
    return await _found(connection, statement, {**filters, "own": own, "most": most, **_place(after)})


async def open_ones(
    connection: AsyncConnection,
    own: str | None,
    filters: Mapping[str, object],
    after: After | None,
    most: int,
) -> Sequence[RowMapping]:
    """Return open letters in the order of the log, held until the transaction ends."""
    beyond = ['(appended, partition, "offset") > (:at, :partition, :place)'] if after else []
    conditions = where([*of_own(own), *asked(_OF_LETTERS, filters), *beyond])
    statement = (
        f"select {_IN_FULL} from scoring.dead_letters where {conditions} "  # noqa: S608  # our own names
        'order by appended, partition, "offset" limit :most for update'
    )
    return await _found(connection, statement, {**filters, "own": own, "most": most, **_place(after)})


async def _found(
    connection: AsyncConnection, statement: str, values: Mapping[str, object]
) -> Sequence[RowMapping]:
    return (await connection.execute(text(statement), values)).mappings().all()


async def find(
    connection: AsyncConnection, own: str | None, letter_id: bytes, *, hold: bool = False
) -> RowMapping | None:
    """Return one letter with its bytes, held until the transaction ends if asked for."""
    conditions = where([*of_own(own), "letter_id = :id"])
    found = await connection.execute(
        text(
            f"select {_IN_FULL} from scoring.dead_letters where {conditions}"  # noqa: S608  # our own names
            + (" for update" if hold else "")
        ),
        {"own": own, "id": letter_id},
    )
    return found.mappings().one_or_none()


async def resolve(connection: AsyncConnection, resolutions: Sequence[Resolution]) -> None:
    """Write what became of letters that this transaction holds."""
    rows = [
        {
            "id": one.letter_id,
            "state": one.state,
            "now": one.now,
            "by": one.by,
            "note": one.note,
            "uid": one.uid,
            "repaired": one.repaired,
        }
        for one in resolutions
    ]
    if rows:
        await connection.execute(text(_RESOLVE), rows)


def _place(after: After | None) -> dict[str, object]:
    return dict(zip(("at", "partition", "place"), after, strict=True)) if after else {}
