"""The only place that touches the Kafka client. Every wait on it has a deadline of ours.

With the broker down the client waits for ever (its issue 1101), and a record that we called
unconfirmed may still be written when the broker is back: a retry is harmless because of the uid.
"""

from sealwatch.shell.kafka.clusters import Cluster
from sealwatch.shell.kafka.consumers import GroupConsumer, Tailer, read_at
from sealwatch.shell.kafka.publisher import Publisher, partition_of

__all__ = ["Cluster", "GroupConsumer", "Publisher", "Tailer", "partition_of", "read_at"]
