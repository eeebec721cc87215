"""A deliberately broken sender: it writes that a webhook was delivered before it sends it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.shell.acknowledging import Word
from sealwatch.shell.serve import run
from sealwatch.shell.settings import AlertsSettings
from sealwatch_alerts import store
from sealwatch_alerts.__main__ import wire
from sealwatch_alerts.attempt import Conclusion
from sealwatch_alerts.carriers import Webhooks
from sealwatch_alerts.store import Done, Due, Room

HOPED = Conclusion("delivered", "delivered", "")


class HastyWebhooks(Webhooks):
    """Marks first, sends afterwards."""

    async def claim(
        self, connection: AsyncConnection, now: datetime, lease: timedelta, room: Room
    ) -> list[Due]:
        """Claim, and write at once that all went well."""
        due = await super().claim(connection, now, lease, room)
        if due:
            await store.conclude(connection, [Done(one, HOPED, now, now) for one in due])
        return due

    async def conclude(
        self,
        connection: AsyncConnection,  # noqa: ARG002  # nothing is left to write
        ended: Sequence[Done],  # noqa: ARG002
    ) -> list[Word]:
        """Write nothing: it is all written."""
        return []


if __name__ == "__main__":
    run("alerts", AlertsSettings, partial(wire, make_webhooks=HastyWebhooks))
