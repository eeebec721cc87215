"""What `make run` shows: a small slice of real data in which levels really change, and what arrived."""

import asyncio
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import httpx2
import typer
from rich.progress import Progress

from sealwatch.contracts.registry import CENTRE_SCOPES, SCOPES
from sealwatch.errors import Misconfigured
from sealwatch.shell.clock import utc_now
from sealwatch.shell.db import open_engine
from sealwatch.shell.settings import AdminSettings, DatabaseSettings, load
from sealwatch_cli.local.memory import recall, remember, write_private
from sealwatch_cli.local.stack import Stack
from sealwatch_cli.mailing import says_yes, subscribe_by_mail, warned
from sealwatch_cli.opened import opened
from sealwatch_cli.receiving import arrived, subscribe
from sealwatch_cli.replay import FOOD, SAFETY_GATE, Client, batches, categories, drill, lots, notices
from sealwatch_cli.waiting import held, tried

SLICE = 0.0005
DRILL = 0.01  # of one category: some hundred lots, so that its level is beyond doubt
TIMEOUT_SECONDS = 10.0
MAIL_SECONDS = 15.0  # a letter comes at once, unless a start of a moment ago has used up its mailbox's pace
GATHERED = "its letter is gathered with others, since this mailbox got many of late"
CENTRE = "centre"
CLASSES = {
    "inspection": "national_spot_check",
    "reading": "monitoring_point",
    "incident": "enforcement",
    "official_notice": "official_notice",
    "listing": "web",
    "shop": "web",
    "article": "web",
    "post": "web",
    "review": "web",
    "complaint": "user_report",
    "code_scan": "code_scan",
}


@dataclass(frozen=True, slots=True)
class Doors:
    """Where to send, and with which key."""

    ingest: str
    api: str
    key: str

    def client(self) -> Client:
        """Return a client of both doors."""
        return Client(self.ingest, self.api, self.key)


def doors_of(addresses: str, key: str) -> Doors:
    """Return the doors named by ``INGEST,API``."""
    ingest, comma, api = addresses.partition(",")
    if not comma:
        raise Misconfigured("--to wants two addresses: INGEST,API")
    return Doors(ingest.rstrip("/"), api.rstrip("/"), key)


async def operator_key(
    settings: DatabaseSettings, organisation: str, source: str, scopes: Sequence[str] | None = None
) -> str:
    """Make a key in the database; the API tells intake of it."""
    from sealwatch_api.first_key import Wanted, make_first_key  # noqa: PLC0415  # not needed by every command

    engine = open_engine(settings, "sealwatch_api", application="sealwatch-keys")
    try:
        wanted = Wanted(organisation, source, scopes or SCOPES, CLASSES)
        minted = await make_first_key(engine, wanted, secrets.token_bytes(38), utc_now())
    finally:
        await engine.dispose()
    return minted.key


def send_food(doors: Doors, fraction: float, until: date) -> int:
    """Describe the categories, send their lots, and return how many were accepted."""
    typer.echo("food: counts are the published ones; single lots and their dates are synthetic and shifted")
    client, found = doors.client(), categories(FOOD)
    for category in found:
        client.describe(category)
    total = sum(max(1, round(category.inspected * fraction)) for category in found)
    return _sent(client, "/v1/inspections", lots(found, fraction, until), total)


def send_notices(doors: Doors, until: date) -> int:
    """Send the Safety Gate alerts and return how many were accepted."""
    return _sent(doors.client(), "/v1/sightings", notices(SAFETY_GATE, until), 182)


def _sent(client: Client, path: str, events: Any, total: int) -> int:  # noqa: ANN401  # any iterable of events
    accepted = 0
    with Progress() as progress:
        task = progress.add_task(path, total=total)
        for batch in batches(events):
            accepted += client.post(path, batch)
            progress.advance(task, len(batch))
    return accepted


async def demonstrate(stack: Stack, once: bool) -> int:  # noqa: FBT001  # the supervisor's signature
    """Feed the stack, wait for a warning, print where to look; return 0 once a warning was delivered.

    Only a warning that this run caused counts: over kept data there are those of earlier runs.
    """
    key, began = await _key_of(stack), utc_now()
    doors = Doors(stack.url("ingest"), stack.url("api"), key)
    await tried(lambda: _known(doors), "intake did not learn of the key")
    await asyncio.to_thread(_subscribe, stack, doors)
    await tried(lambda: _has_said_yes(stack, doors), "the mailbox was not asked, or could not say yes")
    sent = await asyncio.to_thread(_feed, stack, doors, began)
    await tried(lambda: bool(arrived(stack.received, began)), "no warning was delivered")
    await held(lambda: bool(warned(stack.mail, began)), MAIL_SECONDS)
    _report(stack, doors, sent, began)
    if not once:
        typer.echo("Ctrl-C stops everything; the data stays for the next start.")
    return 0


def _feed(stack: Stack, doors: Doors, began: datetime) -> int:
    """Send the slice and return how many events were accepted; over kept data send a drill too.

    The slice keeps the day of the first run: sent again it is the same to the byte, and changes
    nothing. What changes a level then is the worst category once more, as a product of its own.
    """
    kept = recall(stack.data / "slice.json")
    until = date.fromisoformat(kept["until"]) if kept else began.date()
    remember(stack.data / "slice.json", {"until": until.isoformat()})
    sent = send_food(doors, SLICE, until) + send_notices(doors, until)
    return sent + (send_drill(doors, began) if kept else 0)


def send_drill(doors: Doors, began: datetime) -> int:
    """Send the lots of the worst category once more, as a product made for this, and return how many."""
    again = drill(categories(FOOD), f"{began:%Y%m%dt%H%M%S}")
    typer.echo(f"drill: the lots of {again.name} once more, as product {again.product_id}")
    client = doors.client()
    client.describe(again)
    made = list(lots([again], DRILL, began.date()))
    return _sent(client, "/v1/inspections", made, len(made))


async def _key_of(stack: Stack) -> str:
    kept = stack.data / "key"
    if not kept.exists():
        environment = stack.environment() | {"SEALWATCH_DATABASE_URL": stack.database_url}
        settings = load(
            AdminSettings, {n: v for n, v in environment.items() if n.startswith("SEALWATCH_DATABASE")}
        )
        key = await operator_key(settings, CENTRE, "spot-checks", (*SCOPES, *CENTRE_SCOPES))
        write_private(kept, key)
    return kept.read_text()


def _http(doors: Doors) -> httpx2.Client:
    return opened(doors.key, TIMEOUT_SECONDS)


def _known(doors: Doors) -> bool:
    """Return whether intake knows the key: an empty body is then its first complaint."""
    with _http(doors) as http:
        answer = http.post(f"{doors.ingest}/v1/inspections", headers={"content-type": "application/json"})
    return answer.status_code == httpx2.codes.BAD_REQUEST


def _subscribe(stack: Stack, doors: Doors) -> None:
    with opened(doors.key, TIMEOUT_SECONDS, base_url=doors.api) as http:
        subscribe(http, stack.url("receiver"), stack.receiver_secrets)
        subscribe_by_mail(http)


def _has_said_yes(stack: Stack, doors: Doors) -> bool:
    with opened(doors.key, TIMEOUT_SECONDS, base_url=doors.api) as http:
        return says_yes(http, stack.mail)


def _report(stack: Stack, doors: Doors, sent: int, began: datetime) -> None:
    warnings, letters = arrived(stack.received, began), warned(stack.mail, began)
    first = warnings[0]
    typer.echo(
        "\n".join(
            (
                "",
                f"{sent} events were accepted; {len(warnings)} warnings of this run have arrived, the first:",
                json.dumps(first, ensure_ascii=False, indent=1)[:3000],
                "signature verified: yes",
                "a warning was delivered",
                f"and one by e-mail: {letters[0]['subject']}" if letters else GATHERED,
                "",
                f"API       {doors.api}/docs",
                f"intake    {doors.ingest}/docs",
                f"key       {doors.key}",
                f"webhooks  {stack.received}",
                f"e-mails   {stack.mail}",
                f"try       curl -H 'Authorization: Bearer {doors.key}' {doors.api}/v1/products",
            )
        )
    )
