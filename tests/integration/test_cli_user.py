"""`dialer user` on a real database."""

from __future__ import annotations

import argparse
import asyncio
import base64
import io
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from dialer.cli.user import UserServices, register
from dialer.domain.errors import DialerError, InvalidError, NotFoundError
from dialer.domain.one_time import STEP_SECONDS, code_at, secret_of
from dialer.services.access import Role
from dialer.services.clients import Clients
from tests.support.api import PASSWORD, Centre, centre


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path) as built:
        yield built


async def _run(api: Centre, *words: str) -> int:
    parser = argparse.ArgumentParser()
    register(parser.add_subparsers())
    args = parser.parse_args(["user", *words])

    async def everybody() -> object:
        return await api.deps.office.clients(None)

    clients = cast(Clients, SimpleNamespace(all=everybody))
    services = UserServices(
        accounts=api.deps.accounts, factors=api.deps.factors, second_step=api.deps.second_step, clients=clients
    )
    return cast(int, await args.step(args, services))


def _stdin(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


async def test_add_list_disable(
    api: Centre, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _stdin(monkeypatch, f"{PASSWORD}\n")
    assert await _run(api, "add", "anna", "--name", "Anna", "--role", "agent", "--password-stdin") == 0
    visitor = api.visitor()
    assert (await visitor.sign_in("anna")).status == 200
    await _run(api, "disable", "anna")
    assert (await visitor("getSession")).status == 401
    await _run(api, "list", "--role", "agent")
    assert "disabled" in capsys.readouterr().out
    await _run(api, "disable", "anna", "--undo")
    assert (await visitor.sign_in("anna")).status == 200


async def test_a_generated_password_is_shown_once_and_works(api: Centre, capsys: pytest.CaptureFixture[str]) -> None:
    await api.client("zoetermeer")
    await _run(api, "add", "via", "--name", "VIA", "--role", "client", "--client", "zoetermeer", "--generate")
    password = capsys.readouterr().out.splitlines()[0].removeprefix("password: ")
    assert (await api.visitor().sign_in("via", password)).json["user"]["client"] is not None


async def test_password_is_asked_twice(api: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    await _run(api, "add", "anna", "--name", "Anna", "--role", "agent", "--generate")
    answers = iter([PASSWORD, "iets-heel-anders-1", PASSWORD, PASSWORD])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(answers))
    with pytest.raises(InvalidError, match="differ"):
        await _run(api, "password", "anna")
    await _run(api, "password", "anna")
    assert (await api.visitor().sign_in("anna")).status == 200


async def test_a_token_with_all_scopes_of_its_role(api: Centre, capsys: pytest.CaptureFixture[str]) -> None:
    await _run(api, "token", "grafana", "--role", "monitor", "--days", "1")
    machine = api.visitor()
    machine.bearer = capsys.readouterr().out.splitlines()[-1]
    assert (await machine("getSession")).json["permissions"] == ["floor.read", "live", "pause.read"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("disable", "niemand"), NotFoundError),
        (("add", "x1", "--name", "X", "--role", "client", "--client", "nergens", "--generate"), NotFoundError),
        (("add", "x1", "--name", "X", "--role", "client", "--generate"), InvalidError),
        (("add", "Groot!", "--name", "X", "--role", "agent", "--generate"), InvalidError),
        (("token", "x", "--role", "agent", "--scope", "floor.read"), InvalidError),
        (("token", "x", "--role", "monitor", "--days", "999"), InvalidError),
    ],
)
async def test_refusals_are_errors_of_ours(api: Centre, words: tuple[str, ...], error: type[DialerError]) -> None:
    with pytest.raises(error):
        await _run(api, *words)


async def test_the_command_line_itself(dsn: str, tmp_path: Path) -> None:
    """A process of its own, settings from the environment."""
    environment = {
        "PATH": os.environ["PATH"],
        "DIALER_DATABASE_DSN": dsn,
        "DIALER_KEYS_MASTER": base64.b64encode(bytes(32)).decode(),
        "DIALER_ASTERISK_SECRET": "x" * 20,
    }
    words = ["user", "add", "anna", "--name", "Anna", "--role", "agent", "--generate"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "dialer", *words, env=environment, stdout=PIPE, stderr=PIPE
    )
    out, error = await process.communicate()
    assert process.returncode == 0, error
    assert b"added anna (agent)" in out


async def test_who_has_lost_the_phone_is_helped_from_the_shell_too(
    api: Centre, capsys: pytest.CaptureFixture[str]
) -> None:
    boss = await api.person(Role.ADMINISTRATOR, login="baas")
    assert await _run(api, "second-factor", "baas") == 0
    assert capsys.readouterr().out == "baas: none\n"
    started = await boss("startSecondFactor", json={"password": PASSWORD})
    step = int(api.clock.wall()) // STEP_SECONDS
    await boss("confirmSecondFactor", json={"code": code_at(secret_of(started.json["secret"]), step)})
    assert await _run(api, "second-factor", "baas") == 0
    assert "10 recovery codes left" in capsys.readouterr().out
    assert await _run(api, "second-factor", "baas", "--reset", "lost") == 0
    assert (await boss("getSession")).status == 401
    assert (await api.visitor().sign_in("baas")).json["stage"] == "open"
    assert await api.pool.fetchval("select actor from audit_event where action = 'second-factor.reset'") == "cli"
