"""The cluster itself: topics are made from the table and checked against the promises."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from sealwatch.contracts.topics import (
    DEFAULT_PARTITIONS,
    MAX_MESSAGE_BYTES,
    ONE_MACHINE_PARTITIONS,
    TOPICS,
    Topic,
)
from sealwatch.errors import Misconfigured
from sealwatch.shell.kafka.access import Where
from sealwatch.shell.kafka.connecting import START_SECONDS, answered, started, stopped

PRODUCTION_REPLICAS = 3
PRODUCTION_IN_SYNC = 2
SETTLING_TRIES, SETTLING_SECONDS = 50, 0.2


@dataclass(frozen=True, slots=True)
class Plan:
    """How topics are made on this cluster."""

    partitions: int = DEFAULT_PARTITIONS
    replicas: int = PRODUCTION_REPLICAS
    in_sync: int = PRODUCTION_IN_SYNC
    timestamps: str = "LogAppendTime"

    @classmethod
    def of(cls, profile: str, partitions: int | None = None, replicas: int | None = None) -> "Plan":
        """Return the plan of a profile; local and test need fewer copies and partitions, test no clock."""
        small = profile != "production"
        copies = replicas or (1 if small else PRODUCTION_REPLICAS)
        return cls(
            partitions or (ONE_MACHINE_PARTITIONS if small else DEFAULT_PARTITIONS),
            copies,
            1 if small else PRODUCTION_IN_SYNC,
            "CreateTime" if profile == "test" else "LogAppendTime",
        )

    def settings(self, topic: Topic) -> dict[str, str]:
        """Return the configuration that the promises need for a topic."""
        chosen = {
            "cleanup.policy": topic.cleanup_policy,
            "message.timestamp.type": self.timestamps,
            "min.insync.replicas": str(self.in_sync),
            "unclean.leader.election.enable": "false",
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
        }
        if topic.retention:
            chosen["retention.ms"] = str(int(topic.retention.total_seconds() * 1000))
        return chosen


class Cluster:
    """Makes what is missing and names what breaks a promise."""

    def __init__(self, where: Where) -> None:
        """Keep where Kafka is."""
        self._where = where

    async def apply(self, plan: Plan, patience: float = START_SECONDS) -> list[str]:
        """Make the missing topics, check all of them, and return the names of the new ones.

        Kafka may take ``patience`` seconds to answer at first, and as long again for all the work.
        """
        admin = await started(AIOKafkaAdminClient, self._where, patience)
        try:
            async with answered("make and describe its topics", patience):
                known = set(await admin.list_topics())
                missing = [topic for topic in TOPICS if topic.name not in known]
                if missing:
                    await admin.create_topics([_new(topic, plan) for topic in missing])
                faults = await _faults(admin, plan)
        finally:
            await stopped(admin)
        if faults:
            raise Misconfigured("topics break a promise: " + "; ".join(faults))
        return [topic.name for topic in missing]


def _new(topic: Topic, plan: Plan) -> NewTopic:
    return NewTopic(
        topic.name, topic.partitions or plan.partitions, plan.replicas, topic_configs=plan.settings(topic)
    )


async def _faults(admin: Any, plan: Plan) -> list[str]:  # noqa: ANN401  # the client ships no types
    shapes = await _shapes(admin)
    found: list[str] = []
    for topic in TOPICS:
        copies = min((len(part["replicas"]) for part in shapes.get(topic.name, [])), default=0)
        if copies < plan.replicas:
            found.append(f"{topic.name} has {copies} copies, needs {plan.replicas}")
        found += differences(topic, plan, await _settings(admin, topic.name))
    return found


async def _shapes(admin: Any) -> dict[str, list[Any]]:  # noqa: ANN401  # the client ships no types
    """Return the partitions of each topic, once the brokers have told each other of the new ones."""
    shapes: dict[str, list[Any]] = {}
    for _ in range(SETTLING_TRIES):
        described = await admin.describe_topics([topic.name for topic in TOPICS])
        shapes = {one["topic"]: one["partitions"] for one in described}
        if all(shapes.get(topic.name) for topic in TOPICS):
            break
        await asyncio.sleep(SETTLING_SECONDS)
    return shapes


def differences(topic: Topic, plan: Plan, actual: Mapping[str, str]) -> list[str]:
    """Return what a topic's configuration has otherwise than the promises need."""
    return [
        f"{topic.name} has {name}={actual.get(name)}, needs {needed}"
        for name, needed in plan.settings(topic).items()
        if actual.get(name) != needed
    ]


async def _settings(admin: Any, topic: str) -> dict[str, str]:  # noqa: ANN401  # the client ships no types
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    return {entry[0]: entry[1] for answer in answers for one in answer.resources for entry in one[4]}
