"""``sealwatch positions``: where scoring and warnings stand in their logs, and the remedy after a halt."""

import asyncio
import getpass
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from sealwatch.shell.db import open_engine
from sealwatch.shell.logs import configure, logger
from sealwatch.shell.settings import AdminSettings, load

if TYPE_CHECKING:
    from sealwatch.shell.remedy import Reader, Stand

HELP = """Set positions anew while no scorer runs (no alerts, with --of alerts).

Refuses while one is connected to the database. One that slipped through, on a connection that does not
say so, is fenced: a position that moved is not touched, and a service whose position moved rolls back and
reads it again. Events that were counted are not counted again, since their uids are claimed, and changes that
were told are not told again, since their notices are known; records that became dead letters become letters
again. Without --yes it only says what it would do.
"""
positions_app = typer.Typer(help="Where scoring and warnings stand in their logs.", no_args_is_help=True)


class Service(StrEnum):
    """Whose positions."""

    SCORER = "scorer"
    ALERTS = "alerts"


Of = Annotated[Service, typer.Option("--of", help="whose positions: scorer reads evidence, alerts changes")]


@positions_app.command()
def show(of: Of = Service.SCORER) -> None:
    """Show positions beside what the log holds, and what would halt their reader."""
    stands = asyncio.run(_surveyed(load(AdminSettings), _reader(of)))
    typer.echo(_line("partition", "next", "log from", "log to", "lag", "swept", "state"))
    for partition, stand in stands.items():
        typer.echo(_row(partition, stand))


@positions_app.command(help=HELP)
def reset(
    to: Annotated[str, typer.Option(help="earliest, latest, or an offset that the log holds")],
    partition: Annotated[int | None, typer.Option(min=0, help="the partition")] = None,
    every: Annotated[bool, typer.Option("--all", help="all partitions")] = False,  # noqa: FBT002  # a flag
    yes: Annotated[bool, typer.Option("--yes", help="really do it")] = False,  # noqa: FBT002  # a flag
    of: Of = Service.SCORER,
) -> None:
    """Set positions anew while their reader does not run."""
    if every == (partition is not None):
        raise typer.BadParameter("name one partition or --all", param_hint="--partition / --all")
    if to not in {"earliest", "latest"} and not (to.isascii() and to.isdigit()):
        raise typer.BadParameter("must be earliest, latest or an offset", param_hint="--to")
    settings, reader = load(AdminSettings), _reader(of)
    before = asyncio.run(_surveyed(settings, reader))
    if partition is not None and partition not in before:
        raise typer.BadParameter(f"there are partitions 0 to {len(before) - 1}", param_hint="--partition")
    stands = before if partition is None else {partition: before[partition]}
    chosen = _aims(stands, to)
    _say(stands, chosen)
    if not yes:
        typer.echo("nothing was changed: add --yes to do it")
        raise typer.Exit(1)
    asyncio.run(_reset(settings, reader, stands, chosen))
    typer.echo("done: start the scorers" if of is Service.SCORER else "done: start alerts")


def _reader(of: Service) -> "Reader":
    from sealwatch.shell import remedy  # noqa: PLC0415  # loads Kafka's client, other commands need it not

    return remedy.SCORING if of is Service.SCORER else remedy.WARNINGS


def _aims(stands: Mapping[int, "Stand"], to: str) -> dict[int, int]:
    from sealwatch.shell import remedy  # noqa: PLC0415  # as above

    try:
        return remedy.aims(stands, to)
    except remedy.OutOfLog as error:
        raise typer.BadParameter(str(error), param_hint="--to") from None


async def _surveyed(settings: AdminSettings, reader: "Reader") -> dict[int, "Stand"]:
    from sealwatch.shell.kafka import access_of  # noqa: PLC0415  # as above
    from sealwatch.shell.remedy import survey  # noqa: PLC0415  # as above

    engine = _engine(settings, reader)
    try:
        return await survey(engine, access_of(settings), reader)
    finally:
        await engine.dispose()


async def _reset(
    settings: AdminSettings, reader: "Reader", stands: Mapping[int, "Stand"], chosen: Mapping[int, int]
) -> None:
    from sealwatch.shell import remedy  # noqa: PLC0415  # as above

    engine = _engine(settings, reader)
    try:
        await remedy.reset(engine, reader, stands, chosen)
    finally:
        await engine.dispose()
    configure("positions", settings.log_level)
    for partition, offset in sorted(chosen.items()):
        before = _next(stands[partition])
        logger().warning(
            "position reset",
            topic=reader.topic,
            partition=partition,
            before=before,
            after=offset,
            by=getpass.getuser(),
        )


def _engine(settings: AdminSettings, reader: "Reader") -> AsyncEngine:
    return open_engine(settings, reader.role, application="sealwatch-positions")


def _next(stand: "Stand") -> int | None:
    return stand.position.next_offset if stand.position else None


def _say(stands: Mapping[int, "Stand"], chosen: Mapping[int, int]) -> None:
    typer.echo(f"{'partition':>9} {'before':>12} {'after':>12}  {'log holds':24}")
    for partition, offset in sorted(chosen.items()):
        stand = stands[partition]
        held = f"{stand.bounds.start} to {stand.bounds.end}" if stand.bounds else "-"
        typer.echo(f"{partition:>9} {_shown(_next(stand)):>12} {offset:>12}  {held}")


def _row(partition: int, stand: "Stand") -> str:
    next_offset, bounds = _next(stand), stand.bounds
    lag = bounds.end - next_offset if bounds and next_offset is not None else None
    held = (bounds.start, bounds.end) if bounds else (None, None)
    swept = stand.position.swept_through if stand.position else None
    state = f"HALT {stand.trouble}" if stand.trouble else "ok" if stand.position else "never read"
    return _line(str(partition), *map(_shown, (next_offset, *held, lag, swept)), state)


def _shown(value: object) -> str:
    return "-" if value is None else str(value)


def _line(*cells: str) -> str:
    *numbers, state = cells
    return f"{numbers[0]:>9} {' '.join(f'{cell:>12}' for cell in numbers[1:])}  {state}"
