"""``sealwatch events``: months of raw events dropped behind a checkpoint."""

import asyncio
import os
import re
from typing import TYPE_CHECKING, Annotated

import typer

from sealwatch.shell.clock import utc_now
from sealwatch.shell.policy_documents import Version
from sealwatch_cli.patience import patient_driver
from sealwatch_cli.rescore import first_policy, walked

if TYPE_CHECKING:
    from sealwatch_scorer.rescoring.checkpoints import Month

NO_ROLE = "none"  # tables are dropped by who made them, no service may
events_app = typer.Typer(help="Raw events that were scored.", no_args_is_help=True)


@events_app.callback()
def events() -> None:
    """Raw events that were scored."""


@events_app.command("drop-month")
def drop_month(
    month: Annotated[str, typer.Argument(help="YYYY-MM; months before it go with it")],
    *,
    force: Annotated[bool, typer.Option("--force", help="also one that ended within 13 months")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="really do it")] = False,
) -> None:
    """Drop raw events up to the end of a month, once a checkpoint holds the states of that instant."""
    from sealwatch_scorer.rescoring.checkpoints import Kept, Month  # noqa: PLC0415  # its model takes 0.5 s

    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        raise typer.BadParameter("must be YYYY-MM", param_hint="MONTH")
    chosen = Month(*map(int, month.split("-")))
    base = first_policy()
    reason = asyncio.run(_objection(chosen, base, forced=force))
    if reason:
        raise Kept(reason)
    if not yes:
        typer.echo(f"nothing was changed: add --yes to drop all raw events up to the end of {month}")
        raise typer.Exit(1)
    typer.echo(asyncio.run(_dropped(chosen, base)))


async def _objection(month: "Month", base: Version, *, forced: bool) -> str | None:
    from sealwatch_scorer.rescoring.checkpoints import hindrance, objection, stand_of  # noqa: PLC0415  # as above

    fresh_days = int(base.policy.thresholds.fresh_days)
    reason = objection(month, utc_now(), fresh_days, forced=forced)
    if reason:
        return reason
    async with patient_driver(NO_ROLE, "sealwatch-events") as driver:
        return hindrance(month, await stand_of(driver, month))


async def _dropped(month: "Month", base: Version) -> str:
    from sealwatch_scorer.rescoring.checkpoints import checkpoint_of, drop  # noqa: PLC0415  # as above

    asked = checkpoint_of(month, base, os.cpu_count() or 1)
    await walked(asked)
    async with patient_driver(NO_ROLE, "sealwatch-events") as driver:
        kept = await drop(driver, month, asked.name, utc_now())
    return f"dropped up to the end of {month}; {asked.name} stands for it, {kept} events stay for retractions"
