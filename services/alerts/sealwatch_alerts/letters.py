"""Letters of what is no level change: as rows, and told through the outbox of scoring."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.contracts.letters import letter_of
from sealwatch.shell import outbox
from sealwatch.shell.db import driver_of
from sealwatch.shell.letters import Letter, keep


async def keep_letters(connection: AsyncConnection, letters: Sequence[Letter]) -> None:
    """Keep what is no level change as rows and in the outbox of scoring.

    The outbox first: its statement opens the transaction, which the driver's own then joins.
    """
    for record, error_class, reason in letters:
        await outbox.add(connection, "scoring", record.partition, [letter_of(record, error_class, reason)])
    if letters:
        await keep(await driver_of(connection), letters)
