"""What well endpoints feel of one that never answers and one that drips, against a round without them."""

import asyncio
import secrets
import time
from dataclasses import dataclass

import asyncpg
import httpx2

from bench.figures import Figures, VoidRun, in_ms, percentile
from bench.sizes import DeliverySize
from bench.stage import Stage, say
from sealwatch.contracts.base import derived_uid
from sealwatch.contracts.codec import Envelope, Record, Stamp, encode
from sealwatch.contracts.risk import LevelChanged
from sealwatch.contracts.topics import LEVEL_CHANGES
from sealwatch.shell.clock import utc_now
from sealwatch.shell.kafka import Publisher
from sealwatch.shell.secrets import Seal

PACED, WARM_UP = "paced", "warm up"
SICK = ("hangs", "drips")
SECRET_BYTES, LOOK_SECONDS, PATIENCE_SECONDS = 32, 0.05, 120.0
STAMP = Stamp("sealwatch", "scorer").headers()
SUBSCRIBE = (
    "insert into registry.subscriptions (subscription_id, organisation_id, department, url, secret_sealed, "
    "minimum_level, categories) values ($1, $2, 'bench', $3, $4, 1, array[$5])"
)
UNSUBSCRIBE = "update registry.subscriptions set deleted_at = now() where url like any($1)"


@dataclass(frozen=True, slots=True)
class Ward:
    """Where the round takes place: stage, database, receiver, organisation and size."""

    stage: Stage
    watch: asyncpg.Connection
    url: str
    organisation: str
    size: DeliverySize

    async def subscribe(self, path: str) -> None:
        """Subscribe one endpoint to the paced changes."""
        secret = b"whsec_" + secrets.token_hex(SECRET_BYTES).encode()
        sealed = Seal(self.stage.stack.secrets_key).seal(secret)
        where = f"{self.url}/{path}"
        await self.watch.execute(SUBSCRIBE, secrets.token_bytes(16), self.organisation, where, sealed, PACED)


async def compare(ward: Ward) -> Figures:
    """Return the delays of the well ones alone, and beside the sick ones."""
    for number in range(ward.size.endpoints):
        await ward.subscribe(f"well{number}")
    await _round(ward, WARM_UP, 1)
    say(f"{ward.size.endpoints} well endpoints, {ward.size.paced} changes a second, alone")
    alone = await _round(ward, "alone", ward.size.paced_seconds)
    for path in SICK:
        await ward.subscribe(path)
    say("the same beside one that never answers and one that drips")
    beside = await _round(ward, "beside", ward.size.paced_seconds)
    await ward.watch.execute(UNSUBSCRIBE, [f"%/{path}" for path in (*SICK, "well%")])
    worst = percentile(alone, 0.99), percentile(beside, 0.99)
    return {
        "alone_p50_ms": in_ms(percentile(alone, 0.5)),
        "alone_p99_ms": in_ms(worst[0]),
        "beside_sick_p50_ms": in_ms(percentile(beside, 0.5)),
        "beside_sick_p99_ms": in_ms(worst[1]),
        "beside_to_alone_p99": round(worst[1] / worst[0], 2),
    }


async def _round(ward: Ward, name: str, seconds: int) -> list[float]:
    """Return the seconds from when each change was due to its arrival at each well endpoint."""
    publisher = Publisher(ward.stage.stack.kafka_bootstrap)
    await publisher.start()
    due: dict[str, float] = {}
    began = time.monotonic()
    for number in range(ward.size.paced * seconds):
        at = began + number / ward.size.paced
        await asyncio.sleep(max(0.0, at - time.monotonic()))
        record = _change(f"{PACED}-{name.replace(' ', '-')}-{number:05}")
        due[record.key.decode()] = at
        await publisher.publish([record])
    await publisher.stop()
    arrived = await _arrived(ward, due)
    return [at - due[product] for product, times in arrived.items() for at in times]


async def _arrived(ward: Ward, due: dict[str, float]) -> dict[str, list[float]]:
    """Return when each change came to each well endpoint, once all have."""
    ends, wanted = time.monotonic() + PATIENCE_SECONDS, len(due) * ward.size.endpoints
    async with httpx2.AsyncClient(trust_env=False) as http:
        while time.monotonic() < ends:
            paced = (await http.get(ward.url)).raise_for_status().json()["paced"]
            found = {product: times for product, times in paced.items() if product in due}
            if sum(map(len, found.values())) == wanted:
                return found
            await asyncio.sleep(LOOK_SECONDS)
    raise VoidRun(f"not all of {wanted} webhooks came within {PATIENCE_SECONDS:.0f} s")


def _change(product_id: str) -> Record:
    """Return the record of a change to Serious, which is told by itself."""
    now, uid = utc_now(), derived_uid("bench", product_id)
    change = LevelChanged(
        product_id=product_id, category=PACED, enterprise_id=None, region="330106", severity_class=3,
        facts_known=True, facts_revision=1, policy_version="bench", last_event_uid="00" * 16, uid=uid.hex(),
        sequence=1, before="medium", after="serious", start_level="medium", index=60.0, indicated="serious",
        main_factor="COPY", reason="raised", changed_at=now.isoformat(),
    )  # fmt: skip
    envelope = Envelope("level.changed.v1", uid, product_id, now)
    return encode(envelope, change.model_dump_json().encode(), STAMP, LEVEL_CHANGES.name)
