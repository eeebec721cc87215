"""What is published of the contracts: a JSON Schema and an example for every type of event.

``python -m sealwatch.contracts.published`` writes the schemas anew; a test finds a forgotten one.
"""

import json
from pathlib import Path

from pydantic import TypeAdapter

from sealwatch.contracts.incidents import IncidentCount
from sealwatch.contracts.inspections import Inspection
from sealwatch.contracts.overrides import LevelOverridden
from sealwatch.contracts.products import ProductDescribed
from sealwatch.contracts.readings import Reading
from sealwatch.contracts.registry import AnyEntry
from sealwatch.contracts.retractions import Retraction
from sealwatch.contracts.risk import LevelChanged, RiskAssessed
from sealwatch.contracts.sightings import Sighting
from sealwatch.contracts.signals import SignalRaised

FOLDER = Path(__file__).parent
MODELS: dict[str, TypeAdapter[object]] = {
    "inspection.reported.v1": TypeAdapter(Inspection),
    "reading.taken.v1": TypeAdapter(Reading),
    "sighting.recorded.v1": TypeAdapter(Sighting),
    "incidents.counted.v1": TypeAdapter(IncidentCount),
    "evidence.retracted.v1": TypeAdapter(Retraction),
    "product.described.v1": TypeAdapter(ProductDescribed),
    "level.overridden.v1": TypeAdapter(LevelOverridden),
    "level.changed.v1": TypeAdapter(LevelChanged),
    "risk.assessed.v1": TypeAdapter(RiskAssessed),
    "signal.raised.v1": TypeAdapter(SignalRaised),
    "registry.recorded.v1": TypeAdapter(AnyEntry),
}


def schema_path(event_type: str) -> Path:
    """Return the file of a type's schema."""
    return FOLDER / "schemas" / f"{event_type}.json"


def example(event_type: str) -> bytes:
    """Return an event of this type as a sender would write it."""
    return (FOLDER / "examples" / f"{event_type}.json").read_bytes()


def schema(event_type: str) -> str:
    """Return the JSON Schema of a type as it is kept in its file."""
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:sealwatch:schema:{event_type}",
    }
    return json.dumps(head | MODELS[event_type].json_schema(), indent=2, ensure_ascii=True) + "\n"


def main() -> None:
    """Write every schema."""
    for event_type in MODELS:
        schema_path(event_type).write_text(schema(event_type))


if __name__ == "__main__":
    main()
