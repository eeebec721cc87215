"""The commands `sealwatch local up`, `status`, `down` and `receive`."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table as Grid

from sealwatch.errors import Misconfigured
from sealwatch.shell.clock import utc_now
from sealwatch_cli.local import receiver
from sealwatch_cli.local.clearing import clear
from sealwatch_cli.local.stack import Stack, sealwatch_table
from sealwatch_cli.local.starting import Options
from sealwatch_cli.local.status import Row, down, is_headless, rows
from sealwatch_cli.local.supervisor import up

AfterStart = Callable[[Stack, bool], Awaitable[int]]

DEFAULT_DATA = Path(".local")
LAST_PORT = 65_535
ONCE_DATA = DEFAULT_DATA / "once"
Data = Annotated[Path, typer.Option(envvar="SEALWATCH_DATA", help="folder with everything the stack keeps")]
_UP_DATA = "folder with everything the stack keeps; .local, or with --once an emptied .local/once"
Ports = Annotated[
    list[str] | None,
    typer.Option("--port", metavar="NAME=PORT", help="fix a port: api, ingest, kafka, postgres, ..."),
]


def parse_ports(words: list[str]) -> dict[str, int]:
    """Return the ports of options like `api=9000`, or raise Misconfigured naming the wrong ones."""
    pairs = [word.partition("=") for word in words]
    if wrong := [word for word, (_, _, port) in zip(words, pairs, strict=True) if not _is_port(port)]:
        raise Misconfigured(f"--port wants NAME=PORT, not {', '.join(wrong)}")
    return {name: int(port) for name, _, port in pairs}


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 1 <= int(text) <= LAST_PORT


def local_app(after_start: AfterStart) -> typer.Typer:
    """Return the commands; `after_start(stack, once)` runs when everything is ready."""
    app = typer.Typer(help="The whole system on this machine, from real parts.", no_args_is_help=True)

    @app.command("up")
    def _up(
        data: Annotated[Path | None, typer.Option(envvar="SEALWATCH_DATA", help=_UP_DATA)] = None,
        port: Ports = None,
        *,
        once: Annotated[bool, typer.Option(help="stop when the first warning was delivered")] = False,
    ) -> None:
        """Start Kafka, PostgreSQL and every service; stop with Ctrl-C."""
        chosen = data or (ONCE_DATA if once else DEFAULT_DATA)
        options = Options(chosen.absolute(), parse_ports(port or []), once=once)
        if once and data is None:
            clear(options.data)
        raise typer.Exit(run_up(options, after_start))

    app.command("status")(_status)
    app.command("down")(_down)
    app.command("receive")(_receive)
    app.command("mailbox")(_mailbox)
    return app


def run_up(options: Options, after_start: AfterStart) -> int:
    """Run the stack until it is told to stop; return the exit code."""
    table = sealwatch_table(options.data)
    known = {"kafka", "postgres", *(member.name for member in table.members)}
    if unknown := sorted(options.ports.keys() - known):
        raise Misconfigured(f"--port: no {', '.join(unknown)} here, only {', '.join(sorted(known))}")
    started = up(options, table, say=typer.echo, after_start=lambda stack: after_start(stack, options.once))
    return asyncio.run(started)


def _status(data: Data = DEFAULT_DATA) -> None:
    """Show what runs; exit 1 when something does not."""
    found = rows(data.absolute())
    if not found:
        typer.echo(f"no stack runs in {data}", err=True)
        raise typer.Exit(1)
    Console().print(_grid(found))
    if is_headless(found):
        typer.echo(
            "its supervisor was killed: `sealwatch local down` or the next `up` ends the rest", err=True
        )
    raise typer.Exit(0 if all(row.ready for row in found) else 1)


def _grid(found: tuple[Row, ...]) -> Grid:
    grid = Grid("name", "pid", "port", "up since (UTC)", "ready")
    for row in found:
        since = f"{row.up_since:%Y-%m-%d %H:%M:%S}" if row.up_since else ""
        grid.add_row(row.name, str(row.pid or ""), str(row.port or ""), since, "yes" if row.ready else "no")
    return grid


def _down(data: Data = DEFAULT_DATA) -> None:
    """Stop the stack that runs in the data folder."""
    typer.echo("stopped" if down(data.absolute()) else f"no stack runs in {data}")


def _receive(
    out: Annotated[Path, typer.Option(help="file that takes one JSON line a webhook")],
    port: Annotated[
        int, typer.Option(envvar="SEALWATCH_HTTP_PORT", min=1, max=LAST_PORT, help="port on 127.0.0.1")
    ] = 8084,
    secret: Annotated[str | None, typer.Option(help="secret that the webhooks are signed with")] = None,
    secret_file: Annotated[Path | None, typer.Option(help="file with one secret a line, read again")] = None,
) -> None:
    """Receive webhooks, check their signatures and keep them."""
    if not out.absolute().parent.is_dir():
        raise Misconfigured(f"--out: there is no folder {out.absolute().parent}")
    inbox = receiver.Inbox(out, receiver.secrets_from(secret, secret_file), utc_now)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with receiver.listening(inbox, port) as server:
        server.serve_forever()


def _mailbox(
    folder: Annotated[Path, typer.Option(help="folder that takes one .eml file a letter")],
    port: Annotated[
        int, typer.Option(envvar="SEALWATCH_HTTP_PORT", min=1, max=LAST_PORT, help="port on 127.0.0.1")
    ] = 8025,
) -> None:
    """Receive letters over SMTP and keep them."""
    from sealwatch_cli.local import mailbox  # noqa: PLC0415  # of the extra `local`, which the image has not

    asyncio.run(mailbox.serve(mailbox.Letters(folder, utc_now), port))
