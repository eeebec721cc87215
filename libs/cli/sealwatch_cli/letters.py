"""``sealwatch letters``: records that could not be scored, looked at and settled over HTTP."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from sealwatch.errors import Misconfigured
from sealwatch_cli.desk import Answer, Desk
from sealwatch_cli.filters import Api, Key, Lines, Most, Note, Where, filters_of, listing
from sealwatch_cli.shown import progress_bar, report, settle, show, show_one

LETTERS = "dead-letters"
LetterId = Annotated[str, typer.Argument(help="id, as the list shows it")]
LetterIds = Annotated[list[str], typer.Argument(help="ids, as the list shows them")]
Save = Annotated[Path | None, typer.Option("--save", help="write the original bytes of the body here")]
RepairedFile = Annotated[
    Path, typer.Argument(help="file with the whole repaired event", exists=True, dir_okay=False)
]
letters_app = typer.Typer(help="Records that could not be scored.", no_args_is_help=True)


@letters_app.command("list")
def list_letters(api: Api, key: Key, where: Where = None, limit: Most = 50, lines: Lines = False) -> None:  # noqa: FBT002  # a flag
    """List letters, newest first: open ones unless --where state=... says otherwise."""
    with Desk(api, key) as desk:
        show(desk.listed(LETTERS, listing(where), limit), ("letter", "where"), _cells, lines=lines)


@letters_app.command("show")
def show_letter(api: Api, key: Key, letter_id: LetterId, save: Save = None, lines: Lines = False) -> None:  # noqa: FBT002  # a flag
    """Show one letter: why it was given up, what its headers say, its bytes."""
    with Desk(api, key) as desk:
        found = desk.one(LETTERS, letter_id)
    if save is not None:
        save.write_bytes(_body_of(found))
    show_one(found, lines=lines)


@letters_app.command("repair")
def repair(
    api: Api,
    key: Key,
    note: Note,
    letter_id: LetterId,
    body: RepairedFile,
) -> None:
    """Send a repaired event in the place of one letter, under the letter's own event id.

    What was stamped on the original (organisation, source, class, accreditation) stays.
    """
    wish = {"note": note, "body": base64.b64encode(body.read_bytes()).decode()}
    with Desk(api, key) as desk:
        settle([letter_id], "replayed", lambda id_: desk.act(LETTERS, id_, "replay", wish))


@letters_app.command("replay")
def replay(
    api: Api, key: Key, note: Note, letter_ids: LetterIds = [], where: Where = None  # noqa: B006  # never changed
) -> None:  # fmt: skip
    """Send letters again as they are, by id or all open ones that --where names; twice is once."""
    if bool(letter_ids) == bool(where):
        raise typer.BadParameter("name letters by id, or many by --where", param_hint="LETTER_IDS / --where")
    filters = filters_of(where)
    if filters.pop("state", "open") != "open":
        raise typer.BadParameter("only open letters are sent again", param_hint="--where")
    with Desk(api, key) as desk:
        if letter_ids:
            settle(letter_ids, "replayed", lambda id_: desk.act(LETTERS, id_, "replay", {"note": note}))
        else:
            _replay_many(desk, note, filters)


@letters_app.command("dismiss")
def dismiss_letters(api: Api, key: Key, note: Note, letter_ids: LetterIds) -> None:
    """Leave letters as they are, for good."""
    with Desk(api, key) as desk:
        settle(letter_ids, "dismissed", lambda id_: desk.act(LETTERS, id_, "dismiss", {"note": note}))


def _replay_many(desk: Desk, note: str, filters: Mapping[str, str]) -> None:
    replayed = 0
    refused: dict[str, str] = {}
    with progress_bar() as bar:
        task = bar.add_task("replayed", total=None)
        for answer in desk.replay_many(note, filters):
            replayed += len(answer["replayed"])
            refused |= {one["letter_id"]: one["code"] for one in answer["refused"]}
            bar.update(task, completed=replayed + len(refused))
    report(replayed, "replayed", refused)


def _cells(row: Answer) -> tuple[str, ...]:
    return row["letter_id"], f"{row['topic']}/{row['partition']}@{row['offset']}"


def _body_of(found: Answer) -> bytes:
    if found["body"] is None:
        raise Misconfigured("this letter has no body: none came, or it was too large to be copied")
    return base64.b64decode(found["body"]["base64"])
