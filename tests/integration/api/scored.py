"""A real scorer beside the api, fed from a list of records instead of a broker."""

from datetime import timedelta

from sealwatch.contracts.codec import Received, unpacked_headers
from sealwatch.shell.db import open_engine
from sealwatch.shell.settings import ScorerSettings
from sealwatch_scorer.store import PostgresStore
from tests.factories import received
from tests.integration.api.doors import NOON
from tests.integration.scorer.tape import BASE, play

EVIDENCE = "sealwatch.evidence.v1"


class Log:
    """One partition of evidence, what the api told it included."""

    def __init__(self, doors, base=BASE):
        url = doors.engine.url.render_as_string(hide_password=False)
        self.doors, self.records, self._told, self._base = doors, [], 0, base
        settings = ScorerSettings(database_url=url)
        self.engine = open_engine(settings, "sealwatch_scorer", application="test")
        self.store = PostgresStore(self.engine, EVIDENCE)

    def add(self, body, at):
        self.records.append(received(body, len(self.records), _ms(at)))

    async def relay(self, at):
        """Append what the api wrote into its outbox since the last time."""
        rows = await self.doors.outbox(EVIDENCE)
        for row in rows[self._told :]:
            place = (EVIDENCE, 0, len(self.records), _ms(at))
            self.records.append(Received(*place, row["key"], row["value"], unpacked_headers(row["headers"])))
        self._told = len(rows)

    async def score(self, now=NOON):
        await play(self.engine, self.store, self.records, [3], now=now, base=self._base)

    async def override(self, product_id, key, *, level="serious", days=2, at=NOON):
        """Override a level and let it be scored."""
        expires_at = (NOON + timedelta(days=days)).isoformat()
        body = {"level": level, "reason": "goods were seized", "expires_at": expires_at}
        answer = await self.doors.ask("POST", f"/v1/products/{product_id}/override", key, json=body)
        await self.relay(at)
        await self.score()
        return answer


def _ms(at):
    return int(at.timestamp() * 1000)
