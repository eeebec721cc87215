"""RFC 9457 problem details: one shape for every refusal, which never echoes what was sent."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from pydantic import BaseModel
from starlette.responses import Response

from sealwatch.contracts.door import FieldError

TYPE = "https://sealwatch.example/problems/"  # RFC 2606 name: an identifier, not an address to fetch
MEDIA_TYPE = "application/problem+json"


class ProblemField(BaseModel):
    """What is wrong with one field."""

    pointer: str
    code: str
    detail: str


class Problem(BaseModel):
    """Why a request was refused; ``code`` is stable and made for machines."""

    type: str
    title: str
    status: int
    code: str
    detail: str | None = None
    errors: list[ProblemField] | None = None


class Declined(Exception):  # noqa: N818
    """A request that is refused: status, stable code, headers and fields of the answer."""

    def __init__(
        self,
        status: int,
        code: str,
        *,
        detail: str | None = None,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[FieldError] = (),
    ) -> None:
        """Keep what the answer will say."""
        super().__init__(code)
        self.status, self.code, self.detail = status, code, detail
        self.headers, self.errors = dict(headers or {}), tuple(errors)


def answer(declined: Declined) -> Response:
    """Return the problem document of a refusal."""
    fields = [ProblemField(pointer=e.pointer, code=e.code, detail=e.detail) for e in declined.errors]
    problem = Problem(
        type=TYPE + declined.code,
        title=HTTPStatus(declined.status).phrase,
        status=declined.status,
        code=declined.code,
        detail=declined.detail,
        errors=fields or None,
    )
    body = problem.model_dump_json(exclude_none=True)
    return Response(body, declined.status, declined.headers, media_type=MEDIA_TYPE)


def not_found() -> Declined:
    """Return the one answer for what is not there and for what is another organisation's."""
    return Declined(404, "not_found")
