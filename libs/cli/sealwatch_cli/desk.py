"""The desk where letters and quarantined records are settled: a client of the api."""

import re
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self, cast

import httpx2

from sealwatch.errors import Misconfigured, SealwatchError
from sealwatch_cli.opened import opened

PAGE = 200
AT_ONCE = 50
TIMEOUT_SECONDS = 30.0
ID = re.compile("[0-9a-f]+")  # 32 of letters, a number of quarantined records: the api knows which
Answer = dict[str, Any]


class Refused(SealwatchError):  # noqa: N818  # an answer, not a fault of ours
    """The api said no to this one record; the message says why."""


class Desk:
    """One key at one api."""

    def __init__(self, api: str, key: str) -> None:
        """Keep where to ask."""
        self._http = opened(key, TIMEOUT_SECONDS, base_url=f"{api.rstrip('/')}/v1/")

    def __enter__(self) -> Self:
        """Return the desk."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self._http.close()

    def listed(self, what: str, filters: Mapping[str, str], most: int) -> Iterator[Answer]:
        """Return the records of a list over all its pages, at most so many."""
        asked = dict(filters) | {"limit": str(min(most, PAGE))}
        left = most
        while left > 0:
            page = self._ask("GET", what, params=asked)
            yield from page["items"][:left]
            left -= len(page["items"])
            if page["next_cursor"] is None:
                return
            asked["cursor"] = page["next_cursor"]

    def one(self, what: str, id_: str) -> Answer:
        """Return one record in full."""
        return self._ask("GET", f"{what}/{_id(id_)}")

    def act(self, what: str, id_: str, action: str, wish: Mapping[str, object]) -> Answer:
        """Settle one record and return it, or raise Refused."""
        return self._ask("POST", f"{what}/{_id(id_)}/{action}", json=wish)

    def replay_many(self, note: str, filters: Mapping[str, str]) -> Iterator[Answer]:
        """Replay open letters in portions and return what became of each portion."""
        wish: dict[str, object] = {"note": note, "limit": AT_ONCE, **filters}
        while True:
            answer = self._ask("POST", "dead-letters/replay", json=wish)
            yield answer
            if answer["next_cursor"] is None:
                return
            wish["cursor"] = answer["next_cursor"]

    def _ask(self, method: str, path: str, **more: Any) -> Answer:  # noqa: ANN401  # what the client takes
        answer = self._http.request(method, path, **more)
        if answer.is_success:
            return cast("Answer", answer.json())
        said = _problem(answer)
        if answer.status_code in (401, 403) or answer.is_server_error:
            raise Misconfigured(f"the api refuses: {said}")
        raise Refused(said)


def _id(said: str) -> str:
    """Return an id, or raise Refused: it becomes part of an address and must not lead to another one."""
    if not ID.fullmatch(said):
        raise Refused(f"{said!r} is no id as the list shows them")
    return said


def _problem(answer: httpx2.Response) -> str:
    """Return status, code, detail and fields of a problem document in one line."""
    try:
        problem = answer.json()
    except ValueError:
        return f"{answer.status_code}, and no problem document"
    fields = [f"{one['pointer'] or '-'} {one['detail']}" for one in problem.get("errors") or ()]
    parts = [f"{answer.status_code} {problem.get('code', '-')}", problem.get("detail"), *fields]
    return "; ".join(part for part in parts if part)
