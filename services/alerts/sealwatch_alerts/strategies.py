"""What is to be done at a level, by the version of the policy that a level change names."""

from collections.abc import Iterable, Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.errors import Misconfigured
from sealwatch.risk.policy import Coping, Level, Policy
from sealwatch.shell.logs import logger
from sealwatch.shell.policy_documents import version_of
from sealwatch_alerts import store

Strategies = Mapping[Level, Coping]


class Shelf:
    """The strategies of every version that was asked for: the first policy's, and those published since.

    A published version never changes, so each is read once. Of one that nobody knows nothing is
    told, since the words of another version could be wrong.
    """

    def __init__(self, *first: Policy) -> None:
        """Keep the policies of which one holds until a published one does, as the scorer has them."""
        self._first: dict[str, Strategies] = {policy.version: policy.coping for policy in first}
        self._known: dict[str, Strategies] = {}
        self._strange: set[str] = set()

    async def learn(self, connection: AsyncConnection, versions: Iterable[str]) -> None:
        """Read the versions that are not known yet from the registry."""
        missing = set(versions) - self._known.keys()
        if not missing:
            return
        for version, document in (await store.published(connection, missing)).items():
            self._keep(version, document)
        for version in self._first.keys() & missing - self._known.keys():
            self._known[version] = self._first[version]  # published or drafted by nobody
        if unheard := missing - self._known.keys() - self._strange:
            self._strange |= unheard
            logger().error("coping strategy unknown", policy_versions=sorted(unheard))

    async def learn_of(self, connection: AsyncConnection, due: Iterable[store.Due]) -> None:
        """Read what these deliveries will name; a message that gathers names no strategy."""
        changes = [change for one in due if (change := one.told.change) is not None]
        await self.learn(connection, {change.policy_version for change in changes})

    def of(self, version: str, level: Level) -> Coping | None:
        """Return what a version says is to be done at a level, or None where it is not known."""
        return (self._known.get(version) or self._first.get(version, {})).get(level)

    def _keep(self, version: str, document: bytes) -> None:
        try:
            self._known[version] = version_of(document).policy.coping
        except Misconfigured as error:
            logger().error("policy cannot be read", policy_version=version, reason=str(error))
            self._known[version] = {}
