"""Conditions that are joined into a statement only when they are asked for, so that indexes serve them."""

from collections.abc import Iterable, Mapping

Clauses = Mapping[str, str]


def where(conditions: Iterable[str]) -> str:
    """Return the conditions as one."""
    return " and ".join(conditions) or "true"


def asked(clauses: Clauses, filters: Mapping[str, object]) -> list[str]:
    """Return the clauses of the filters that were given; only our own text gets into a statement."""
    return [clauses[name] for name in filters]
