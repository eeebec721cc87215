"""What a process said last, for the message that it failed."""

from pathlib import Path


def last_words(log: Path, lines: int = 8) -> str:
    """Return the end of a log."""
    said = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(said[-lines:]) or "(it wrote nothing)"
