"""The description, served as it is and as a page to read: plain HTML made when it is first asked for, no scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from html import escape
from importlib import resources
from typing import Any

from aiohttp import web

from dialer.api.call import ApiCall, Handler
from dialer.api.spec import PREFIX, Spec


def handlers(spec: Spec) -> Mapping[str, Handler]:
    """The three operations of the description itself."""
    style = (resources.files("dialer.api") / "docs.css").read_text(encoding="utf-8")

    def serve(text: Callable[[], str], kind: str) -> Handler:
        async def handler(_: ApiCall) -> web.StreamResponse:
            return web.Response(text=text(), content_type=kind, headers={"Cache-Control": "no-cache"})

        return handler

    return {
        "getDescription": serve(lambda: spec.text, "application/yaml"),
        "getDocs": serve(lambda: render(spec), "text/html"),
        "getDocsStyle": serve(lambda: style, "text/css"),
    }


@cache
def render(spec: Spec) -> str:
    """The whole page. Made once for each description: it takes a third of a second."""
    info = spec.document["info"]
    body = "".join(_body(spec))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(info["title"])} API</title><link rel="stylesheet" href="docs.css"></head>'
        f"<body><main><h1>{escape(info['title'])} API, version {escape(info['version'])}</h1>"
        f"{_prose(info['description'])}"
        f'<p><a href="openapi.yaml">openapi.yaml</a></p>{body}</main></body></html>'
    )


def _body(spec: Spec) -> Iterator[str]:
    tags = spec.document["tags"]
    yield "<nav><ul>"
    for tag in tags:
        yield f'<li><a href="#{escape(tag["name"])}">{escape(tag["description"])}</a></li>'
    yield '<li><a href="#schemas">Schemas</a></li></ul></nav>'
    for tag in tags:
        yield f'<section id="{escape(tag["name"])}"><h2>{escape(tag["description"])}</h2>'
        for operation in spec.operations.values():
            node = spec.document["paths"][operation.path][operation.method.lower()]
            if tag["name"] in node["tags"]:
                yield from _operation(spec, operation.method, operation.path, node)
        yield "</section>"
    yield '<section id="schemas"><h2>Schemas</h2>'
    for name, schema in spec.document["components"]["schemas"].items():
        yield f'<h3 id="{escape(name)}">{escape(name)}</h3>{_prose(schema.get("description", ""))}{_fields(schema)}'
    yield "</section>"


def _operation(spec: Spec, method: str, path: str, node: Mapping[str, Any]) -> Iterator[str]:
    name = escape(node["operationId"])
    yield f'<article id="{name}"><h3><code>{method} {escape(PREFIX + path)}</code></h3>'
    yield f"<p>{escape(node['summary'])}. Needs <code>{escape(node['x-permission'])}</code>.</p>"
    yield _prose(node.get("description", ""))
    parameters = [spec.resolve(entry)[0] for entry in node.get("parameters", [])]
    if parameters:
        yield "<table><tr><th>Parameter</th><th>In</th><th>Kind</th><th></th></tr>"
        for entry in parameters:
            yield (
                f"<tr><td><code>{escape(entry['name'])}</code></td><td>{entry['in']}</td>"
                f"<td>{_kind(entry['schema'])}</td><td>{escape(entry.get('description', ''))}</td></tr>"
            )
        yield "</table>"
    if "requestBody" in node:
        body = spec.resolve(node["requestBody"])[0]
        for media, content in body["content"].items():
            yield f"<p>Body, <code>{escape(media)}</code>: {_kind(content['schema'])}</p>{_fields(content['schema'])}"
    yield "<ul>"
    for status, entry in node["responses"].items():
        response = spec.resolve(entry)[0]
        kinds = ", ".join(
            f"<code>{escape(media)}</code> {_kind(content['schema'])}"
            for media, content in response.get("content", {}).items()
        )
        yield f"<li><code>{escape(status)}</code> {escape(response['description'])} {kinds}</li>"
    yield "</ul></article>"


def _fields(schema: Mapping[str, Any]) -> str:
    properties = schema.get("properties")
    if not properties:
        return "" if "$ref" in schema else f"<p>{_kind(schema)}</p>"
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code>{' *' if name in schema.get('required', []) else ''}</td>"
        f"<td>{_kind(field)}</td><td>{escape(field.get('description', ''))}</td></tr>"
        for name, field in properties.items()
    )
    return f"<table><tr><th>Field (* always)</th><th>Kind</th><th></th></tr>{rows}</table>"


def _kind(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        name = escape(schema["$ref"].rsplit("/", 1)[-1])
        return f'<a href="#{name}">{name}</a>'
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return " or ".join(_kind(entry) for entry in schema[choice])
    if "enum" in schema:
        return ", ".join(f"<code>{escape(repr(value))}</code>" for value in schema["enum"])
    if "const" in schema:
        return f"<code>{escape(repr(schema['const']))}</code>"
    kind = schema.get("type", "anything")
    kind = " or ".join(kind) if isinstance(kind, list) else kind
    if kind == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return escape(f"{kind} ({schema['format']})" if "format" in schema else kind)


def _prose(text: str) -> str:
    """Paragraphs, lists and code marks of the description's little markdown."""
    parts = []
    for block in text.strip().split("\n\n"):
        lines = block.splitlines()
        if lines and lines[0].startswith("* "):
            items = "\n".join(lines).split("\n* ")
            parts.append("<ul>" + "".join(f"<li>{_marks(item.removeprefix('* '))}</li>" for item in items) + "</ul>")
        elif block:
            parts.append(f"<p>{_marks(block)}</p>")
    return "".join(parts)


def _marks(text: str) -> str:
    out = []
    for number, piece in enumerate(escape(" ".join(text.split())).split("`")):
        out.append(f"<code>{piece}</code>" if number % 2 else _bold(piece))
    return "".join(out)


def _bold(text: str) -> str:
    return "".join(
        f"<strong>{piece}</strong>" if number % 2 else piece for number, piece in enumerate(text.split("**"))
    )
