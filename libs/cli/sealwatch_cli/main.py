"""``sealwatch``: one command, a sub-command for each process and each chore."""

import asyncio
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from sealwatch.contracts.topics import TOPICS
from sealwatch.shell.clock import utc_now
from sealwatch.shell.logs import quieten
from sealwatch.shell.settings import AdminSettings, TopicsSettings, load
from sealwatch_cli.complaints import OUTSIDE, complaint_of
from sealwatch_cli.demo import demonstrate, doors_of, operator_key, send_food, send_notices
from sealwatch_cli.documented import documented
from sealwatch_cli.events import events_app
from sealwatch_cli.letters import letters_app
from sealwatch_cli.local.commands import local_app
from sealwatch_cli.model import model
from sealwatch_cli.policy import policy
from sealwatch_cli.positions import positions_app
from sealwatch_cli.quarantine import quarantine_app
from sealwatch_cli.rescore import rescore_app

EXIT_REFUSED = 1
app = typer.Typer(
    help="Risk monitoring and early warning for anti-counterfeiting technology products.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
topics = typer.Typer(help="The topics of the product.", no_args_is_help=True)
keys = typer.Typer(help="Keys of organisations.", no_args_is_help=True)
replay = typer.Typer(help="Real data over HTTP, like any client.", no_args_is_help=True)
app.add_typer(topics, name="topics")
app.add_typer(keys, name="keys")
app.add_typer(replay, name="replay")
app.add_typer(model, name="model")
app.add_typer(policy, name="policy")
app.add_typer(positions_app, name="positions")
app.add_typer(local_app(demonstrate), name="local")
app.add_typer(letters_app, name="letters")
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(rescore_app, name="rescore")
app.add_typer(events_app, name="events")
Where = Annotated[str, typer.Option("--to", help="INGEST,API: the two addresses")]
Key = Annotated[str, typer.Option(help="an API key", envvar="SEALWATCH_KEY")]
Late = Annotated[bool, typer.Option("--late", help="apply also what sorts before what is there")]
Fraction = Annotated[float, typer.Option(min=0.00001, max=1.0, help="share of the 3,673,579 batches")]


def _process(name: str) -> None:
    """Run a service; imported only when asked for, since the model's library alone takes 0.5 s."""
    import_module(f"sealwatch_{name}.__main__").main()


@app.command(cls=documented("ingest"))
def ingest() -> None:
    """Run the public door: HTTP into the evidence log."""
    _process("ingest")


@app.command(cls=documented("scorer"))
def scorer() -> None:
    """Run the scorer: evidence into indices, levels and level changes."""
    _process("scorer")


@app.command(cls=documented("alerts"))
def alerts() -> None:
    """Run the warnings: level changes into signed webhooks."""
    _process("alerts")


@app.command(cls=documented("api"))
def api() -> None:
    """Run the API: queries and administration."""
    _process("api")


@app.command()
def doctor(data: Annotated[Path, typer.Option(help="folder of the local stack")] = Path(".local")) -> None:
    """Say in plain words what this machine lacks to run the local stack, and how to get it."""
    from sealwatch_cli.doctor import doctor as examine  # noqa: PLC0415  # only this command needs it

    raise typer.Exit(examine(data.absolute()))


@keys.command("create", cls=documented("admin"))
def create_key(
    organisation: Annotated[str, typer.Option(help="whose key it is; made where it is missing")],
    source: Annotated[str, typer.Option(help="the source that will send with it")] = "operator",
    scope: Annotated[
        list[str] | None,
        typer.Option(help="what it may; when not given all that stays within one organisation"),
    ] = None,
) -> None:
    """Make a key of an organisation and show it, once."""
    typer.echo(asyncio.run(operator_key(load(AdminSettings), organisation, source, scope)))


@replay.command("food")
def replay_food(target: Where, key: Key, fraction: Fraction = 0.001) -> None:
    """Send national food batches as inspection lots; single dates are synthetic and shifted."""
    send_food(doors_of(target, key), fraction, utc_now().date())


@replay.command("safety-gate")
def replay_safety_gate(target: Where, key: Key) -> None:
    """Send the Safety Gate alerts as sightings of official notices."""
    send_notices(doors_of(target, key), utc_now().date())


@app.command(cls=documented("admin"))
def migrate(*, late: Late = False) -> None:
    """Bring the database up to the newest revision; safe to repeat."""
    from sealwatch.shell.migrate import migrate as apply  # noqa: PLC0415  # only this command needs it

    settings = load(AdminSettings)
    applied = asyncio.run(apply(settings.database_url.get_secret_value(), utc_now().date(), late=late))
    typer.echo(f"applied: {', '.join(applied)}" if applied else "nothing to apply")


@topics.command("list")
def list_topics() -> None:
    """Show the topic table."""
    for topic in TOPICS:
        kept = f"{topic.retention.days} d" if topic.retention else "compacted"
        typer.echo(f"{topic.name:32}{topic.key:20}{', '.join(topic.producers):16}{kept}")


@topics.command("apply", cls=documented("topics"))
def apply_topics(
    partitions: Annotated[
        int | None,
        typer.Option(min=1, help="partitions of the keyed topics; 24, or 6 outside production"),
    ] = None,
    patience: Annotated[
        float, typer.Option(min=1, max=600, metavar="SECONDS", help="longest wait for Kafka to answer")
    ] = 60.0,
) -> None:
    """Make the missing topics and refuse a cluster whose settings break the promises."""
    from sealwatch.shell.kafka import Cluster, access_of  # noqa: PLC0415  # only this command needs it
    from sealwatch.shell.kafka.clusters import Plan  # noqa: PLC0415  # only this command needs it

    settings = load(TopicsSettings)
    plan = Plan.of(settings.kafka_profile, partitions, settings.replication_factor)
    made = asyncio.run(Cluster(access_of(settings)).apply(plan, patience))
    typer.echo(f"made: {', '.join(made)}" if made else "all topics are there and keep the promises")


def main() -> None:
    """Run the sub-command that was asked for; what went wrong is said in one line."""
    quieten()
    try:
        app()
    except OUTSIDE as error:
        sys.stderr.write(f"sealwatch: {complaint_of(error)}\n")
        raise SystemExit(EXIT_REFUSED) from None


if __name__ == "__main__":
    main()
