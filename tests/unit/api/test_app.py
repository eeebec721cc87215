"""Deny by default, and a document that says what is really there."""

import json
from pathlib import Path

import pytest

from sealwatch.contracts.registry import CENTRE_SCOPES, SCOPES
from sealwatch_api.app import create_app

STORED = Path(__file__).parents[3] / "docs" / "openapi" / "api.json"
DOCUMENT = create_app(None).openapi()
OPERATIONS = [
    pytest.param(operation, id=f"{method} {path}")
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_route_asks_for_one_scope(operation):
    [wanted] = operation["security"]

    assert len(wanted["key"]) == 1
    assert wanted["key"][0] in {*SCOPES, *CENTRE_SCOPES}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_route_documents_its_refusals_as_problem_documents(operation):
    assert "application/problem+json" in operation["responses"]["default"]["content"]


def test_the_document_is_openapi_3_1_without_loose_ends():
    text = json.dumps(DOCUMENT)
    referred = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}

    assert DOCUMENT["openapi"].startswith("3.1")
    assert referred <= DOCUMENT["components"]["schemas"].keys()


def test_the_stored_document_is_the_present_one():
    assert json.loads(STORED.read_text()) == DOCUMENT
