"""A command whose ``--help`` lists the settings that it reads from the environment."""

from typing import Any

import typer
from typer.core import TyperCommand

from sealwatch.shell.settings import ALL
from sealwatch.shell.settings_table import table_of, text_of


def documented(process: str) -> type[TyperCommand]:
    """Return the kind of command that shows the settings of this process beneath its help."""

    class Documented(TyperCommand):
        def format_help(self, *told: Any) -> None:  # noqa: ANN401  # types of a private module
            super().format_help(*told)
            typer.echo(f"Settings, from the environment:\n{text_of(table_of(ALL[process]))}")

    return Documented
