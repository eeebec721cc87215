"""A page that shows what an HTTP door can do: made here from its OpenAPI document, without scripts.

A centre may have no way out: nothing on the page refers to another host.
"""

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from hashlib import sha256
from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

PATH = "/docs"
DOCUMENT = "openapi.json"
STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
    "section{border-top:1px solid #bbb;margin-top:1.5em}code{font-size:95%}"
    "table{border-collapse:collapse}th,td{text-align:left;vertical-align:top;padding:.2em .8em .2em 0}"
)
_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; frame-ancestors 'none'"
_REFERENCE = "#/components/schemas/"
_Node = Mapping[str, Any]


def manual(document: Callable[[], _Node]) -> Route:
    """Return the route of the page; both are made once, when somebody asks: anybody may."""
    made = cache(lambda: page(document()))

    async def show(_request: Request) -> Response:
        return HTMLResponse(made(), headers={"Content-Security-Policy": POLICY})

    return Route(PATH, show, include_in_schema=False)


def page(document: _Node) -> str:
    """Return the whole page: what can be asked, with which scope, and the form of every body."""
    title = _text(document["info"]["title"])
    operations = "".join(
        _operation(method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    )
    schemas = document.get("components", {}).get("schemas", {})
    forms = "".join(_form(name, schema) for name, schema in sorted(schemas.items()))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head><body><h1>{title}</h1>"
        f'<p>The same for machines: <a href="{DOCUMENT}">{DOCUMENT}</a>, '
        f"OpenAPI {_text(document['openapi'])}.</p>"
        f"{operations}<h2>Forms</h2>{forms}</body></html>"
    )


def _operation(method: str, path: str, operation: _Node) -> str:
    asked = [scope for one in operation.get("security", []) for scopes in one.values() for scope in scopes]
    scope = f"<p>Scope: <code>{_text(', '.join(asked))}</code></p>" if asked else ""
    rows = "".join(_parameter(one) for one in operation.get("parameters", []))
    body = operation.get("requestBody", {}).get("content", {})
    return (
        f"<section><h2><code>{_text(method.upper())} {_text(path)}</code></h2>"
        f"<p>{_text(operation.get('description') or operation.get('summary', ''))}</p>{scope}"
        f"{_table(rows)}{_contents('Body', body)}{_answers(operation['responses'])}</section>"
    )


def _parameter(one: _Node) -> str:
    where = f"{one['in']}, required" if one.get("required") else one["in"]
    said = one.get("description") or one["schema"].get("description", "")
    return _row(one["name"], _text(where), _kind(one["schema"]), _text(said))


def _answers(responses: _Node) -> str:
    rows = "".join(
        _row(status, _text(answer.get("description", "")), _kinds(answer.get("content", {})))
        for status, answer in responses.items()
    )
    return f"<h3>Answers</h3>{_table(rows)}"


def _contents(title: str, content: _Node) -> str:
    return f"<p>{title}: {_kinds(content)}</p>" if content else ""


def _kinds(content: _Node) -> str:
    return "; ".join(f"{_text(media)}: {_kind(one.get('schema', {}))}" for media, one in content.items())


def _form(name: str, schema: _Node) -> str:
    needed = set(schema.get("required", ()))
    rows = "".join(
        _row(field, "required" if field in needed else "", _kind(one), _text(one.get("description", "")))
        for field, one in schema.get("properties", {}).items()
    )
    said = _text(schema.get("description", ""))
    return f'<section id="{_text(name)}"><h3>{_text(name)}</h3><p>{said}</p>{_table(rows)}</section>'


def _kind(schema: _Node) -> str:
    """Return the form of a value in words, with links to the forms that have a name."""
    if "$ref" in schema:
        name = _text(schema["$ref"].removeprefix(_REFERENCE))
        return f'<a href="#{name}">{name}</a>'
    choices = [one for key in ("anyOf", "oneOf", "allOf") for one in schema.get(key, ())]
    if choices:
        return " or ".join(map(_kind, choices))
    if "items" in schema:
        return f"list of {_kind(schema['items'])}"
    return ", ".join(map(_text, _words(schema))) or "any"


def _words(schema: _Node) -> Iterator[str]:
    if "enum" in schema:
        yield "one of " + ", ".join(map(str, schema["enum"]))
    elif "const" in schema:
        yield f"always {schema['const']}"
    elif "type" in schema:
        yield str(schema["type"])
    for name in ("format", "pattern", "minimum", "maximum", "minLength", "maxLength", "default"):
        if name in schema:
            yield f"{name} {schema[name]}"


def _table(rows: str) -> str:
    return f"<table>{rows}</table>" if rows else ""


def _row(name: str, *cells: str) -> str:
    return f"<tr><th><code>{_text(name)}</code></th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _text(text: object) -> str:
    return escape(str(text))
