"""Small JSON files beside the data, which tell the next start what the last one chose."""

import json
import os
from collections.abc import Mapping
from pathlib import Path


def recall(path: Path) -> dict[str, str]:
    """Return what was remembered; nothing when the file is missing or was torn by a crash."""
    try:
        known = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return {str(name): str(value) for name, value in known.items()}


def recall_ports(path: Path) -> dict[str, int]:
    """Return the remembered ports by name."""
    return {name: int(value) for name, value in recall(path).items() if value.isdecimal()}


def remember(path: Path, facts: Mapping[str, str | int]) -> None:
    """Replace the file at once and only for our own eyes: some facts are secrets."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private(path, json.dumps(dict(facts), indent=1))


def write_private(path: Path, text: str) -> None:
    """Write the text so that a reader sees the old file or the new one, and only its owner may."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
