"""Hot paths are answered in front of the framework, and everything else behind it."""

import httpx2
import pytest
from starlette.responses import JSONResponse, PlainTextResponse

from sealwatch_ingest.front import Front


async def hot(request):
    return PlainTextResponse(await request.body())


async def broken(_request):
    raise ZeroDivisionError


async def on_fault(_request, error):
    return PlainTextResponse(type(error).__name__, 500)


async def asked(method, path):
    front = Front({"/hot": hot, "/broken": broken}, JSONResponse("behind"), on_fault)
    transport = httpx2.ASGITransport(front, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://ingest") as client:
        answer = await client.request(method, path, content=b"body")
    return answer.status_code, answer.text


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("POST", "/hot", (200, "body")),
        ("GET", "/hot", (200, '"behind"')),
        ("POST", "/other", (200, '"behind"')),
        ("POST", "/hot/", (200, '"behind"')),
        ("POST", "/broken", (500, "ZeroDivisionError")),
    ],
)
async def test_only_posts_to_hot_paths_are_answered_in_front(method, path, expected):
    assert await asked(method, path) == expected
