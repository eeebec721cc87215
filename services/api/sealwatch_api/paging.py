"""Lists in pages: what may be asked of each, and how the next page is found."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from sealwatch_api.auth import Access
from sealwatch_api.cursor import Position, binding, position_of, sign

Item = TypeVar("Item")
Row = TypeVar("Row")


class Asked(BaseModel):
    """What may be asked of any list; an unknown parameter is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit: Annotated[int, Field(ge=1, le=200, description="most items of a page")] = 50
    cursor: Annotated[str | None, Field(max_length=512, description="`next_cursor` of the page before")] = (
        None
    )

    @property
    def filters(self) -> dict[str, object]:
        """Return the filters that were given."""
        return self.model_dump(exclude={"limit", "cursor"}, exclude_none=True)

    @property
    def written(self) -> dict[str, object]:
        """Return the filters as JSON writes them, instants too: a cursor is bound to them."""
        return self.model_dump(mode="json", exclude={"limit", "cursor"}, exclude_none=True)


class Page(BaseModel, Generic[Item]):
    """One page of a list; without ``next_cursor`` it is the last one."""

    items: list[Item]
    next_cursor: str | None


class Reading:
    """One reading of a list: from where, how many, and the cursor of what follows."""

    def __init__(self, access: Access, listing: str, asked: Asked) -> None:
        """Check the cursor, or raise Declined."""
        self._key = access.parts.cursor_key
        self._bound_to = binding(access.organisation, listing, asked.written)
        self._limit = asked.limit
        self.filters = asked.filters
        self.most = asked.limit + 1  # one more row tells whether another page follows
        self.after: Position | None = None
        if asked.cursor is not None:
            self.after = position_of(self._key, self._bound_to, asked.cursor)

    def instant_after(self) -> tuple[datetime, bytes] | None:
        """Return the position in a list that is ordered by instant and id."""
        if self.after is None:
            return None
        instant, uid = self.after
        return datetime.fromisoformat(instant), bytes.fromhex(uid)

    def place_after(self) -> tuple[datetime, bytes, bytes] | None:
        """Return the position in a list that is ordered by instant and two ids."""
        if self.after is None:
            return None
        instant, one, other = self.after
        return datetime.fromisoformat(instant), bytes.fromhex(one), bytes.fromhex(other)

    def filters_by(self, ids: Collection[str]) -> dict[str, object]:
        """Return the filters, with those that are ids as the bytes that tables hold."""
        return {name: bytes.fromhex(str(v)) if name in ids else v for name, v in self.filters.items()}

    def page(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Return the rows that belong to this page."""
        return rows[: self._limit]

    def next_cursor(self, rows: Sequence[Row], position: Callable[[Row], Sequence[str]]) -> str | None:
        """Return the cursor of the next page, or None after the last one."""
        if len(rows) < self.most:
            return None
        return sign(self._key, self._bound_to, position(rows[self._limit - 1]))
