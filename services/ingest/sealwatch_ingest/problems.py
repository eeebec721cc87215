"""RFC 9457 problem details: one shape for every refusal, which never echoes what was sent."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse

from sealwatch.contracts.door import FieldError

TYPE = "https://sealwatch.example/problems/"  # RFC 2606 name: an identifier, not an address to fetch


def problem(
    status: int,
    code: str,
    *,
    detail: str = "",
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return a problem document."""
    body: dict[str, Any] = {
        "type": TYPE + code,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
    }
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = [shown(error) for error in errors]
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def shown(error: FieldError) -> dict[str, str]:
    """Return one field's error as it is answered."""
    return {"pointer": error.pointer, "code": error.code, "detail": error.detail}
