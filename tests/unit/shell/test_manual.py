"""The page of a door: everything of its document, nothing from outside."""

import re
from html.parser import HTMLParser

import httpx2
import pytest

from sealwatch.shell.manual import page
from sealwatch_api.app import create_app as create_api
from sealwatch_ingest.app import Parts
from sealwatch_ingest.app import create_app as create_ingest
from sealwatch_ingest.limits import RateLimit
from sealwatch_ingest.senders import Registry
from tests.factories import NOON
from tests.fakes.log import MemoryLog

DOORS = {
    "api": create_api(None),
    "ingest": create_ingest(Parts(MemoryLog().publish, Registry(), lambda: NOON, RateLimit(1))),
}
CARRIERS = {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
doors = pytest.mark.parametrize("app", DOORS.values(), ids=DOORS.keys())


class Page(HTMLParser):
    """What a page refers to and what it is made of."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.references, self.ids = set(), [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        self.tags.add(tag)
        self.ids |= {said["id"]} if "id" in said else set()
        self.references += [
            v for k, v in attrs if k in {"href", "src", "action", "srcset", "data"} or k[:2] == "on"
        ]


async def got(app, path):
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://door") as client:
        return await client.get(path)


@doors
async def test_the_page_refers_to_no_other_host_and_runs_nothing(app):
    answer = await got(app, "/docs")

    found = Page(answer.text)
    assert answer.status_code == 200
    assert found.tags.isdisjoint(CARRIERS)
    assert set(found.references) <= {"openapi.json"} | {f"#{name}" for name in found.ids}
    assert not re.search(r"://|@import|url\(|src=", answer.text)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


@doors
async def test_no_other_page_is_left(app):
    assert [(await got(app, path)).status_code for path in ("/redoc", "/docs/oauth2-redirect")] == [404, 404]


@doors
async def test_every_operation_and_every_form_is_on_the_page(app):
    document = (await got(app, "/openapi.json")).json()

    text = (await got(app, "/docs")).text

    asked = [f"{method.upper()} {path}" for path, ways in document["paths"].items() for method in ways]
    assert [one for one in asked if f"<code>{one}</code>" not in text] == []
    assert Page(text).ids == document["components"]["schemas"].keys()


def test_text_of_a_document_is_never_markup():
    document = {
        "openapi": "3.1.0",
        "info": {"title": "<script>alert(1)</script>"},
        "paths": {"/<b>": {"get": {"summary": "<i>", "responses": {"200": {"description": "<u>"}}}}},
        "components": {"schemas": {'"><s>': {"properties": {"<q>": {"enum": ["<p>"]}}}}},
    }

    assert Page(page(document)).tags.isdisjoint({"script", "b", "i", "u", "s", "q"})
