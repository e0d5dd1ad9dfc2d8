"""The description of the API, read: it makes the routes and checks what comes in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any
from uuid import UUID

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

PREFIX = "/api/v1"
_URN = "urn:dialer:openapi"
_METHODS = ("get", "put", "post", "delete", "patch")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

formats = FormatChecker(())


@formats.checks("uuid", ValueError)
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or (len(value) == 36 and bool(UUID(value)))


@formats.checks("date", ValueError)
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or (_DATE.fullmatch(value) is not None and bool(date.fromisoformat(value)))


@formats.checks("date-time", ValueError)
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or (
        _DATE.match(value) is not None and datetime.fromisoformat(value).tzinfo is not None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A query parameter, or a header."""

    name: str
    required: bool
    type: str  # string | integer | boolean
    default: Any
    validator: Draft202012Validator


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of the description."""

    id: str
    method: str
    path: str  # below PREFIX
    permission: str  # x-permission
    query: tuple[Parameter, ...]
    idempotency_key: Parameter | None
    if_match: bool
    body: Draft202012Validator | None  # of a JSON body
    upload: bool  # multipart
    body_required: bool = True  # else a request without one is as one with nothing in it


class Spec:
    """The whole description."""

    def __init__(self, text: str) -> None:
        self.text = text
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.document: dict[str, Any] = yaml.load(text, Loader=loader)  # noqa: S506 - a safe loader
        self._registry: Registry[Any] = Registry().with_resource(_URN, DRAFT202012.create_resource(self.document))
        self.operations: Mapping[str, Operation] = {
            operation.id: operation
            for path, item in self.document["paths"].items()
            for operation in self._operations(path, item)
        }

    def validator(self, *pointer: str) -> Draft202012Validator:
        """A validator of the schema at this place of the document."""
        path = "/".join(part.replace("~", "~0").replace("/", "~1") for part in pointer)
        return Draft202012Validator({"$ref": f"{_URN}#/{path}"}, registry=self._registry, format_checker=formats)

    def resolve(self, node: Any, *pointer: str) -> tuple[Any, tuple[str, ...]]:
        """Follow `$ref`s of a description object; returns the object and where it stands."""
        while isinstance(node, dict) and "$ref" in node:
            pointer = tuple(node["$ref"].removeprefix("#/").split("/"))
            node = self.document
            for part in pointer:
                node = node[part]
        return node, pointer

    def _operations(self, path: str, item: dict[str, Any]) -> list[Operation]:
        found = []
        for method in _METHODS:
            if method not in item:
                continue
            what = item[method]
            places: list[tuple[str, ...]] = [
                ("paths", path, "parameters", str(i)) for i in range(len(item.get("parameters", [])))
            ]
            places += [("paths", path, method, "parameters", str(i)) for i in range(len(what.get("parameters", [])))]
            nodes = [*item.get("parameters", []), *what.get("parameters", [])]
            parameters = [self.resolve(node, *place) for node, place in zip(nodes, places, strict=True)]
            headers = {node["name"]: (node, place) for node, place in parameters if node["in"] == "header"}
            key = headers.get("Idempotency-Key")
            body, upload = self._body(what, path, method)
            found.append(
                Operation(
                    id=what["operationId"],
                    method=method.upper(),
                    path=path,
                    permission=what["x-permission"],
                    query=tuple(self._parameter(*pair) for pair in parameters if pair[0]["in"] == "query"),
                    idempotency_key=self._parameter(*key) if key is not None else None,
                    if_match="If-Match" in headers,
                    body=body,
                    upload=upload,
                    body_required=what.get("requestBody", {}).get("required", True),
                )
            )
        return found

    def _parameter(self, node: dict[str, Any], place: tuple[str, ...]) -> Parameter:
        schema, _ = self.resolve(node["schema"])
        return Parameter(
            name=node["name"],
            required=node.get("required", False),
            type=schema.get("type", "string"),
            default=schema.get("default"),
            validator=self._at(place, "schema"),
        )

    def _body(self, what: dict[str, Any], path: str, method: str) -> tuple[Draft202012Validator | None, bool]:
        if "requestBody" not in what:
            return None, False
        node, place = self.resolve(what["requestBody"], "paths", path, method, "requestBody")
        if "multipart/form-data" in node["content"]:
            return None, True
        return self._at(place, "content", "application/json", "schema"), False

    def _at(self, place: tuple[str, ...], *below: str) -> Draft202012Validator:
        return self.validator(*place, *below)


@cache
def load() -> Spec:
    """The description that is part of this package. Reading it takes a third of a second: all share one."""
    return Spec((resources.files("dialer.api") / "openapi.yaml").read_text(encoding="utf-8"))
