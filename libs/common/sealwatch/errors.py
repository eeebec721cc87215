"""Every error this product raises on purpose, and where each one leads.

* SealwatchError
  x UnreadableRecord   the record can never become an event: dead letter, go on
  x Halted             going on would lose or corrupt: stop this partition, readiness false, alert
    - OutOfRange       the log of these partitions does not hold what comes next: stop these alone
  x Fenced             somebody else owns the partition: roll back, forget, rejoin
  x BrokerUnavailable  Kafka did not confirm in time; the outcome is unknown, retrying is free
  x DeliveryFailed     something could not be handed over
    - Refused          the receiver is gone for good (410, bad address): end it
    - Unavailable      everything else (429, 5xx, other 4xx, timeout): later
  x Misconfigured      settings, topics or policy break a promise: refuse to start, say why
"""

from datetime import timedelta


class SealwatchError(Exception):
    """Root of the tree above."""


class UnreadableRecord(SealwatchError):  # noqa: N818
    """The bytes on a topic are not an event this release knows."""


class Halted(SealwatchError):  # noqa: N818
    """A partition must not be consumed further until a person looked at it."""


class OutOfRange(Halted):
    """The log does not hold the records that come next in some partitions; the others can go on."""

    def __init__(self, message: str, partitions: frozenset[int]) -> None:
        """Keep the partitions beside the message."""
        super().__init__(message)
        self.partitions = partitions


class Fenced(SealwatchError):  # noqa: N818
    """A position or revision moved without us, so everything held in memory is in doubt."""


class BrokerUnavailable(SealwatchError):  # noqa: N818
    """Kafka did not confirm a record within our deadline; it may still be written."""


class Misconfigured(SealwatchError):  # noqa: N818
    """What was configured cannot keep the promises; the message says what to change."""


class DeliveryFailed(SealwatchError):  # noqa: N818
    """Something could not be handed over."""


class Refused(DeliveryFailed):
    """The receiver will never take it."""


class Unavailable(DeliveryFailed):
    """The receiver may take it later, not sooner than ``retry_after`` if it said so.

    ``kind`` is a word of a short list, under which failures without a status are counted.
    """

    def __init__(self, message: str, retry_after: timedelta | None = None, kind: str = "other") -> None:
        """Keep what the receiver asked for, and the kind, beside the message."""
        super().__init__(message)
        self.retry_after, self.kind = retry_after, kind
