"""``sealwatch rescore``: stored events scored once more, and whom it would move."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import asyncpg
import typer

from sealwatch.shell.clock import utc_now
from sealwatch.shell.first_policy import shipped_as
from sealwatch.shell.policy_documents import Version, load_version
from sealwatch.shell.settings import ScorerSettings, load
from sealwatch_cli.lanes import walk_all
from sealwatch_cli.patience import patient_driver
from sealwatch_cli.policy import version_named
from sealwatch_cli.rescored import show_all, show_blast, show_comparison
from sealwatch_cli.shown import progress_bar

if TYPE_CHECKING:
    from sealwatch_scorer.rescoring.register import Rescoring

ROLE = "sealwatch_scorer"
RECORDED = "recorded"
EXIT_DIFFERENT = 1
HELP = """Score the stored events once more, into a shadow state beside the live one.

Live scoring goes on meanwhile; the shadow ends where it stood when the shadow was begun. The same command
goes on where a killed one stopped, and shows the result again once everything is scored.
"""
Found = TypeVar("Found")
rescore_app = typer.Typer(help=HELP, invoke_without_command=True)
Lines = Annotated[bool, typer.Option("--json", help="JSON lines instead of tables")]


def instant(text: str) -> datetime:
    """Return an instant in UTC: a date is its first moment, a time without an offset is in UTC."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


@rescore_app.callback()
def rescore(  # noqa: PLR0913  # one argument for each option
    context: typer.Context,
    *,
    into: Annotated[str, typer.Option(help="name of the shadow")] = "",
    policy: Annotated[
        str,
        typer.Option(help="version, file or `default`; `recorded` is what was in force day by day"),
    ] = RECORDED,
    known_at: Annotated[
        datetime | None, typer.Option(parser=instant, metavar="T", help="leave out what was recorded later")
    ] = None,
    as_of: Annotated[
        datetime | None, typer.Option(parser=instant, metavar="T", help="leave out what happened later")
    ] = None,
    lanes: Annotated[int, typer.Option(min=0, max=64, help="processes; 0 is one a core")] = 0,
    check: Annotated[bool, typer.Option("--check", help="compare with the live state to the byte")] = False,
    limit: Annotated[int, typer.Option(min=0, help="most products to name")] = 50,
    lines: Lines = False,
) -> None:
    """Score the stored events once more."""
    if context.invoked_subcommand is not None:
        return
    if not into:
        raise typer.BadParameter("name the shadow", param_hint="--into")
    if check and (known_at or as_of):
        raise typer.BadParameter("the live state is of now", param_hint="--check")
    asked = _asked(into, policy, lanes or os.cpu_count() or 1, known_at, as_of)
    asyncio.run(walked(asked))
    shown = _check if check else _blast
    shown(into, limit, lines=lines)


@rescore_app.command("list")
def list_shadows(*, lines: Lines = False) -> None:
    """List shadows and checkpoints with how far they are."""
    from sealwatch_scorer.rescoring.register import listed  # noqa: PLC0415  # its model takes 0.5 s

    show_all(asyncio.run(_asked_of(listed)), lines=lines)


@rescore_app.command("drop")
def drop(name: Annotated[str, typer.Argument(help="name of the shadow")]) -> None:
    """Drop a shadow with everything in it; a checkpoint stays."""
    from sealwatch_scorer.rescoring.register import dropped  # noqa: PLC0415  # as above

    if not asyncio.run(_asked_of(lambda driver: dropped(driver, name))):
        raise typer.BadParameter(f"there is no shadow {name}", param_hint="NAME")
    typer.echo(f"dropped {name}")


def first_policy() -> Version:
    """Return the policy that holds until a published version does: as the scorer has it."""
    from sealwatch_scorer.published import first_named  # noqa: PLC0415  # as above

    file = load(ScorerSettings).policy_file
    if file:
        return load_version(Path(file))
    return shipped_as(asyncio.run(_asked_of(first_named)))


def _asked(
    name: str, policy: str, lanes: int, known_at: datetime | None, as_of: datetime | None
) -> "Rescoring":
    from sealwatch_scorer.rescoring.plan import Wish  # noqa: PLC0415  # as above
    from sealwatch_scorer.rescoring.register import Rescoring  # noqa: PLC0415  # as above

    if policy == RECORDED:
        version, named = first_policy(), None
    else:
        version = version_named(policy)
        named = version.policy.version
    return Rescoring(name, Wish(named, version.digest, known_at, as_of), version.document, lanes)


async def walked(asked: "Rescoring") -> None:
    """Begin or go on, and return when every lane is done."""
    from sealwatch_scorer.rescoring.register import begun, progress  # noqa: PLC0415  # as above

    async with patient_driver(ROLE, "sealwatch-rescore") as driver:
        rescoring = await begun(driver, asked, utc_now())
        before, total, done = await progress(driver, asked.name)
    if done:
        return
    with progress_bar() as bar:
        task = bar.add_task("events", total=total, completed=before)
        await walk_all(asked.name, rescoring.lanes, lambda events: bar.update(task, completed=events))


def _check(name: str, limit: int, *, lines: bool) -> None:
    from sealwatch_scorer.rescoring.outcome import compared  # noqa: PLC0415  # as above

    comparison = asyncio.run(_asked_of(lambda driver: compared(driver, name, limit)))
    show_comparison(name, comparison, lines=lines)
    if not comparison.equal:
        raise typer.Exit(EXIT_DIFFERENT)


def _blast(name: str, limit: int, *, lines: bool) -> None:
    from sealwatch_scorer.rescoring.outcome import blast_of  # noqa: PLC0415  # as above

    show_blast(name, asyncio.run(_asked_of(lambda driver: blast_of(driver, name, limit))), lines=lines)


async def _asked_of(question: Callable[[asyncpg.Connection], Awaitable[Found]]) -> Found:
    async with patient_driver(ROLE, "sealwatch-rescore") as driver:
        return await question(driver)
