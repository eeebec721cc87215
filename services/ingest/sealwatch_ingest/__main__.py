"""Wire the public door: settings, parts, run."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from sealwatch.contracts.topics import REGISTRY
from sealwatch.measure.units import prepare
from sealwatch.shell.clock import utc_now
from sealwatch.shell.health import Health
from sealwatch.shell.kafka import Publisher, Tailer, access_of
from sealwatch.shell.serve import Service, run
from sealwatch.shell.settings import IngestSettings
from sealwatch_ingest.app import Parts, create_app
from sealwatch_ingest.limits import RateLimit
from sealwatch_ingest.senders import Registry, follow

MakePublisher = Callable[..., Publisher]


@asynccontextmanager
async def wire(settings: IngestSettings, make_publisher: MakePublisher = Publisher) -> AsyncIterator[Service]:
    """Return the door with all its parts, and take them apart again."""
    prepare()
    kafka = access_of(settings)
    publisher = make_publisher(kafka, max_in_flight_bytes=settings.max_in_flight_bytes)
    registry = Registry()
    health = Health({}, {"registry": registry.ready, "kafka": publisher.ready})
    parts = Parts(publisher.publish, registry, utc_now, RateLimit(settings.requests_per_minute))
    tail = partial(Tailer, kafka, REGISTRY.name)
    try:
        app = create_app(parts, health.routes())
        loops = {
            "kafka": publisher.keep_connected,
            "registry": lambda stopping: follow(registry, tail, stopping),
        }
        yield Service(app, health, loops)
    finally:
        await publisher.stop()


def main() -> None:
    """Start, and block until SIGTERM."""
    run("ingest", IngestSettings, wire)


if __name__ == "__main__":
    main()
