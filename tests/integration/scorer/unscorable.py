"""A scorer whose own policy is at fault: two tiny steps multiply to none, which no proof lets pass."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from sealwatch.shell.policy_documents import Version, load_version
from sealwatch.shell.serve import run
from sealwatch.shell.settings import ScorerSettings
from sealwatch_scorer.__main__ import wire


def unproven(_path: Path | None) -> Version:
    """Return the shipped version with steps that divide by zero."""
    shipped = load_version()
    tiny = {"one": 1e-200, "other": 1e-200}
    scenarios = tuple(replace(one, steps=tiny) for one in shipped.policy.scenarios)
    return Version(replace(shipped.policy, scenarios=scenarios), shipped.document)


if __name__ == "__main__":
    run("scorer", ScorerSettings, partial(wire, load_base=unproven))
