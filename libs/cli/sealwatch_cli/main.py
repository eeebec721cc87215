"""``sealwatch``: one command, a sub-command for each process and each chore."""

import asyncio
import sys
from importlib import import_module
from typing import Annotated

import typer

from sealwatch.contracts.topics import TOPICS
from sealwatch.errors import SealwatchError
from sealwatch.shell.clock import utc_now
from sealwatch.shell.settings import AdminSettings, load

EXIT_REFUSED = 1
app = typer.Typer(
    help="Risk monitoring and early warning for anti-counterfeiting technology products.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
topics = typer.Typer(help="The topics of the product.", no_args_is_help=True)
app.add_typer(topics, name="topics")


def _process(name: str) -> None:
    """Run a service; imported only when asked for, since the model's library alone takes 0.5 s."""
    import_module(f"sealwatch_{name}.__main__").main()


@app.command()
def scorer() -> None:
    """Run the scorer: evidence into indices, levels and level changes."""
    _process("scorer")


@app.command()
def migrate() -> None:
    """Bring the database up to the newest revision; safe to repeat."""
    from sealwatch.shell.migrate import migrate as apply  # noqa: PLC0415  # only this command needs it

    settings = load(AdminSettings)
    applied = asyncio.run(apply(settings.database_url.get_secret_value(), utc_now().date()))
    typer.echo(f"applied: {', '.join(applied)}" if applied else "nothing to apply")


@topics.command("list")
def list_topics() -> None:
    """Show the topic table."""
    for topic in TOPICS:
        kept = f"{topic.retention.days} d" if topic.retention else "compacted"
        typer.echo(f"{topic.name:32}{topic.key:20}{', '.join(topic.producers):16}{kept}")


@topics.command("apply")
def apply_topics(
    partitions: Annotated[
        int | None, typer.Option(help="partitions of the keyed topics; 24 if not given")
    ] = None,
) -> None:
    """Make the missing topics and refuse a cluster whose settings break the promises."""
    from sealwatch.shell.kafka import Cluster  # noqa: PLC0415  # only this command needs it
    from sealwatch.shell.kafka.clusters import Plan  # noqa: PLC0415  # only this command needs it

    settings = load(AdminSettings)
    plan = Plan.of(settings.kafka_profile, partitions, settings.replication_factor)
    made = asyncio.run(Cluster(settings.kafka_bootstrap).apply(plan))
    typer.echo(f"made: {', '.join(made)}" if made else "all topics are there and keep the promises")


def main() -> None:
    """Run the sub-command that was asked for; what went wrong is said in one line."""
    try:
        app()
    except SealwatchError as error:
        sys.stderr.write(f"sealwatch: {error}\n")
        raise SystemExit(EXIT_REFUSED) from None


if __name__ == "__main__":
    main()
