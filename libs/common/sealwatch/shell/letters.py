"""Dead letters as rows, whoever writes them: in the transaction that passes the record over."""

from collections import deque
from collections.abc import Sequence

import asyncpg

from sealwatch.contracts.codec import Received
from sealwatch.contracts.letters import LETTER_COLUMNS, letter_row
from sealwatch.errors import Halted

Letter = tuple[Received, str, str]
"""A record, the class of its error, and the reason."""

MOST_LETTERS, LETTER_SECONDS = 1_000, 60.0  # docs/operations.md, A halt
# Not by COPY, which row-level security does not allow; letters are few.
KEEP = f"""
insert into scoring.dead_letters ({", ".join(LETTER_COLUMNS)})
select * from unnest({", ".join(f"${n}::{kind}[]" for n, kind in enumerate(LETTER_COLUMNS.values(), 1))})
on conflict (letter_id) do nothing
"""  # noqa: S608  # names come from the table above


async def keep(driver: asyncpg.Connection, letters: Sequence[Letter]) -> None:
    """Write the rows of letters; one that is known already stays as it is."""
    if letters:
        rows = [letter_row(*letter) for letter in letters]
        await driver.execute(KEEP, *map(list, zip(*rows, strict=True)))


class Flood:
    """The letters of the last minute: too many are no accident of single records."""

    def __init__(self) -> None:
        """Begin with none."""
        self._at: deque[float] = deque()

    def count(self, letters: int, now: float) -> None:
        """Count letters that are due, or raise Halted where they are too many for a minute."""
        self._at.extend([now] * letters)
        while self._at and self._at[0] < now - LETTER_SECONDS:
            self._at.popleft()
        if len(self._at) > MOST_LETTERS:
            raise Halted("more than 1,000 dead letters in a minute")
