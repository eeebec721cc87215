"""A letter as plain text."""

from collections.abc import Iterable

from sealwatch_alerts.mail.blocks import Block, Button, Lead, Note, Table
from sealwatch_alerts.mail.words import Words


def in_text(title: str, blocks: Iterable[Block], words: Words) -> str:
    """Return a letter as text, a blank line between its parts."""
    return "\n\n".join([title, *(_written(block, words.colon) for block in blocks)]) + "\n"


def _written(block: Block, colon: str) -> str:
    match block:
        case Lead(said) | Note(said):
            return said
        case Button(label, url):
            return f"{label}{colon.rstrip()}\n{url}"
        case Table(heading, rows):
            return "\n".join([heading, *(f"  {name}{colon}{value}" for name, value in rows)])
        case _:
            return "\n".join(f"{name}{colon}{value}" for name, value in block.rows)
