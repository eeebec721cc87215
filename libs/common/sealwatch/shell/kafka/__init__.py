"""The only place that touches the Kafka client. Every wait on it has a deadline of ours.

With the broker down the client waits for ever (its issue 1101), and a record that we called
unconfirmed may still be written when the broker is back: a retry is harmless because of the uid.
"""

from sealwatch.shell.kafka.access import Access, Where, access_of
from sealwatch.shell.kafka.clusters import Cluster
from sealwatch.shell.kafka.consumers import GroupConsumer
from sealwatch.shell.kafka.identity import ReadAt, faults_of
from sealwatch.shell.kafka.publisher import Publisher, partition_of
from sealwatch.shell.kafka.readers import Tailer, read_at

__all__ = [
    "Access",
    "Cluster",
    "GroupConsumer",
    "Publisher",
    "ReadAt",
    "Tailer",
    "Where",
    "access_of",
    "faults_of",
    "partition_of",
    "read_at",
]
