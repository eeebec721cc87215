"""``sealwatch quarantine``: records that contradict what was scored, looked at and settled over HTTP."""

from typing import Annotated

import typer

from sealwatch_cli.desk import Answer, Desk
from sealwatch_cli.filters import Api, Key, Lines, Most, Note, Where, listing
from sealwatch_cli.shown import settle, show, show_one

QUARANTINE = "quarantine"
Ids = Annotated[list[str], typer.Argument(help="ids, as the list shows them")]
quarantine_app = typer.Typer(help="Records that contradict what was scored.", no_args_is_help=True)


@quarantine_app.command("list")
def list_records(api: Api, key: Key, where: Where = None, limit: Most = 50, lines: Lines = False) -> None:  # noqa: FBT002  # a flag
    """List quarantined records, newest first: open ones unless --where state=... says otherwise."""
    with Desk(api, key) as desk:
        show(desk.listed(QUARANTINE, listing(where), limit), ("id", "uid", "product"), _cells, lines=lines)


@quarantine_app.command("show")
def show_record(
    api: Api,
    key: Key,
    quarantine_id: Annotated[str, typer.Argument(help="id, as the list shows it")],
    lines: Lines = False,  # noqa: FBT002  # a flag
) -> None:
    """Show one record, with the bytes that stand under its id."""
    with Desk(api, key) as desk:
        show_one(desk.one(QUARANTINE, quarantine_id), lines=lines)


@quarantine_app.command("dismiss")
def dismiss_records(api: Api, key: Key, note: Note, quarantine_ids: Ids) -> None:
    """Leave records as they are, for good."""
    with Desk(api, key) as desk:
        settle(quarantine_ids, "dismissed", lambda id_: desk.act(QUARANTINE, id_, "dismiss", {"note": note}))


def _cells(row: Answer) -> tuple[str, ...]:
    return str(row["quarantine_id"]), row["uid"], row["product_id"]
