"""Requests that schemathesis makes of the description, those that fit it and those that do not: never a 5xx, never an
answer that the description does not know, never a hang.

It makes the cases, we send them: signed in, with the panel's own token, in the service's own loop. What once broke
something is kept as it was sent, in `tests/corpus/http-*.json`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from yarl import URL

from dialer.api.spec import PREFIX
from dialer.services.access import Role
from tests.contract.test_api_description import PLAIN
from tests.integration.test_api_fuzz import ENDS
from tests.support.api import SPEC, Answer, Centre, Visitor, centre, check

schemathesis: Any = pytest.importorskip(
    "schemathesis", reason="not set up yet: `scripts/setup test` installs the lock file"
)

CORPUS = Path(__file__).parents[1] / "corpus"
SMALL, WHOLE = 10, int(os.environ.get("DIALER_FUZZ_CASES", "20"))
"""Operations of one run of `make test`; cases of each operation and kind by night."""
OURS = {
    "authorization",
    "cookie",
    "x-csrf-token",
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "expect",
}
"""Headers that stay ours: who asks, and how the message is framed."""


@dataclass(frozen=True)
class Case:
    """One request."""

    operation: str
    path: str  # below the prefix, as it goes over the wire
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: Any  # None: none

    def kept(self) -> str:
        """For the corpus."""
        return json.dumps(self.__dict__, default=repr, ensure_ascii=True)


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path) as built:
        yield built


def operations() -> list[Any]:
    """Of the description, but for what ends a session or is no operation of JSON."""
    found = (result.ok() for result in schemathesis.openapi.from_dict(SPEC.document).get_all_operations())
    return [one for one in found if one.definition.raw["operationId"] not in PLAIN | ENDS]


def made(operation: Any, many: int, number: int) -> list[Case]:
    """Cases that fit the description, and as many that do not; the same ones for the same number."""
    name = operation.definition.raw["operationId"]
    found = []
    for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
        for case in drawn(operation.as_strategy(generation_mode=mode), many, number):
            headers = {key: str(value) for key, value in (case.headers or {}).items() if key.lower() not in OURS}
            body = None if type(case.body).__name__ == "NotSet" else case.body
            found.append(Case(name, case.formatted_path, dict(case.query or {}), headers, body))
    return found


def drawn(strategy: Any, many: int, number: int) -> list[Any]:
    cases: list[Any] = []

    @seed(number)
    @settings(
        max_examples=many, database=None, phases=[Phase.generate], deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def take(case: Any) -> None:
        cases.append(case)

    with contextlib.suppress(Unsatisfiable):  # nothing in it can be broken
        take()
    return cases


async def sent(visitor: Visitor, case: Case) -> int:
    """The status; fails on an answer that the description does not know."""
    method = SPEC.operations[case.operation].method
    headers = {"X-CSRF-Token": visitor.csrf or ""} | {
        key: value for key, value in case.headers.items() if value.isascii() and value.isprintable()
    }
    query = [
        (name, str(one).encode("utf-8", "ignore").decode())
        for name, value in case.query.items()
        for one in (value if isinstance(value, list) else [value])
    ]
    more: dict[str, Any] = {}
    if isinstance(case.body, bytes):
        more = {"data": case.body}
        headers.setdefault("Content-Type", "application/json")
    elif case.body is not None:
        more = {"data": json.dumps(case.body, default=repr)}
        headers.setdefault("Content-Type", "application/json")
    url = visitor.http.make_url("/").join(URL(PREFIX + case.path, encoded=True)).with_query(query)
    async with (
        asyncio.timeout(20),
        visitor.http.session.request(method, url, headers=headers, allow_redirects=False, **more) as response,
    ):
        answer = Answer(response.status, response.headers, await response.read())
    check(case.operation, answer)
    return answer.status


async def walk(api: Centre, chosen: list[Any], many: int, number: int) -> dict[int, int]:
    """How often which status came. Fails at the end, with all that broke something."""
    visitor = await api.person(Role.ADMINISTRATOR)
    told: dict[int, int] = {}
    broke: list[str] = []
    for operation in chosen:
        for case in await asyncio.to_thread(made, operation, many, number):
            try:
                status = await sent(visitor, case)
            except (AssertionError, TimeoutError) as error:
                broke.append(f"{str(error)[:300]}\n{case.kept()[:2000]}")
                continue
            told[status] = told.get(status, 0) + 1
            if status >= 500 and status != 503:
                broke.append(f"{status}\n{case.kept()[:2000]}")
    assert not broke, "keep these as tests/corpus/http-NAME.json:\n" + "\n".join(broke)
    return told


async def test_some_operations_bear_what_is_made_of_their_description(api: Centre) -> None:
    number = int(os.environ.get("DIALER_FUZZ_SEED", "1"))
    chosen = random.Random(number).sample(operations(), SMALL)
    told = await walk(api, chosen, 3, number)
    assert sum(told.values()) >= 4 * SMALL
    assert told.get(422, 0) + told.get(400, 0) + told.get(404, 0) + told.get(415, 0) > 0, told
    assert (await api.visitor()("getSession")).status == 401, "it lives"


@pytest.mark.nightly
@pytest.mark.timeout(3000)
async def test_every_operation_bears_what_is_made_of_its_description(api: Centre) -> None:
    told = await walk(api, operations(), WHOLE, 7)
    print(f"\nstatuses: {told}")
    assert sum(told.values()) > WHOLE * len(operations())


async def test_what_once_broke_it(api: Centre) -> None:
    visitor = await api.person(Role.ADMINISTRATOR)
    for path in sorted(CORPUS.glob("http-*.json")):
        status = await sent(visitor, Case(**json.loads(await asyncio.to_thread(path.read_text))))
        assert status < 500, path.name
