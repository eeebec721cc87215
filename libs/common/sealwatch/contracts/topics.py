"""The topics of the product, as data: name, key, who writes, what travels, how long it stays."""

from dataclasses import dataclass
from datetime import timedelta

DEFAULT_PARTITIONS = 24  # never changed in place: the order of a product's events hangs on it; ours
ONE_MACHINE_PARTITIONS = 6  # so that two scorers have something to share; ours
MAX_MESSAGE_BYTES = 1_048_588  # Kafka's own default
MAX_EVENT_BYTES = 256 * 1024  # well below it, so that the broker never refuses what we accepted; ours


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic; without a retention it is compacted, with ``partitions`` it has just so many."""

    name: str
    key: str
    producers: tuple[str, ...]
    types: tuple[str, ...]
    retention: timedelta | None = None
    partitions: int | None = None

    @property
    def cleanup_policy(self) -> str:
        """Return Kafka's word for how old records go."""
        return "delete" if self.retention else "compact"


EVIDENCE_TYPES = (
    "inspection.reported.v1",
    "reading.taken.v1",
    "sighting.recorded.v1",
    "incidents.counted.v1",
    "evidence.retracted.v1",
    "product.described.v1",
    "level.overridden.v1",
)
MONTH, QUARTER = timedelta(days=30), timedelta(days=90)

EVIDENCE = Topic("sealwatch.evidence.v1", "product id", ("ingest", "api"), EVIDENCE_TYPES, MONTH)
RISK_INDICES = Topic("sealwatch.risk-indices.v1", "product id", ("scorer",), ("risk.assessed.v1",))
LEVEL_CHANGES = Topic("sealwatch.level-changes.v1", "product id", ("scorer",), ("level.changed.v1",), QUARTER)
SIGNALS = Topic("sealwatch.signals.v1", "product id", ("scorer",), ("signal.raised.v1",), QUARTER)
REGISTRY = Topic("sealwatch.registry.v1", "kind:id", ("api",), ("registry.recorded.v1",), partitions=1)
DEAD_LETTERS = Topic("sealwatch.dead-letters.v1", "that of the record", ("scorer",), (), QUARTER)

TOPICS = (EVIDENCE, RISK_INDICES, LEVEL_CHANGES, SIGNALS, REGISTRY, DEAD_LETTERS)
TOPIC_OF = {type_: topic.name for topic in TOPICS for type_ in topic.types}
