"""Secrets renewed: shown once, the old one valid beside the new one for a while, audited, by API and by command."""

from __future__ import annotations

import asyncio
import base64
import os
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from dialer.domain.errors import ConflictError, InvalidError
from dialer.domain.exchange import ChannelKind
from dialer.exchange.webhook import verify
from dialer.services.access import Role
from dialer.services.secrets import Secrets
from dialer.storage.channels import PgChannels
from dialer.storage.outlets import PgOutlets
from dialer.storage.secrets import PgSecrets
from tests.integration.test_api_channels import URL, town
from tests.support.api import Centre, centre
from tests.support.exchange import Exchange, exchange
from tests.support.intake import VAULT
from tests.support.receiver import Receiver, receiver


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path) as built:
        yield built


async def _takes(e: Exchange, there: Receiver, channel: UUID, *secrets: str) -> list[bool]:
    """Which of these a receiver could know us by."""
    receipt = await e.channels.try_out(channel, e.w.viewer)
    assert receipt.fault is None
    headers, body = there.came[-1]
    return [verify(secret, headers, body, e.w.clock.now().timestamp()) for secret in secrets]


async def test_a_webhook_signs_with_both_until_the_overlap_is_over(dsn: str, tmp_path: Path) -> None:
    async with exchange(dsn, tmp_path) as e, receiver() as there:
        channel, old = await e.channel(ChannelKind.WEBHOOK, there.url)
        secrets = Secrets(
            store=PgSecrets(e.w.pool), channels=PgChannels(e.w.pool), outlets=PgOutlets(e.w.pool), vault=VAULT,
            audit=e.w.audit, clock=e.w.clock,
        )  # fmt: skip
        renewed, new = await secrets.renew_channel(channel, 1, 24, e.w.viewer)
        assert (renewed.version, renewed.old_until) == (2, e.w.clock.now() + timedelta(hours=24))
        assert await _takes(e, there, channel, old, new, "whsec_c2VjcmV0") == [True, True, False]
        await e.conversation()
        e.later(minutes=16)
        assert await e.sender().tend() == 1  # and so does a message of the outbox
        headers, body = there.came[-1]
        assert [verify(one, headers, body, e.w.clock.now().timestamp()) for one in (old, new)] == [True, True]
        assert await secrets.forget() == 0
        e.later(hours=25)
        assert await _takes(e, there, channel, old, new) == [False, True]
        assert await secrets.forget() == 1
        assert await e.w.one("select old_secret from exchange_channel") is None
        last = (await secrets.renew_channel(channel, 2, 0, e.w.viewer))[1]  # one that others may have seen
        assert await _takes(e, there, channel, new, last) == [False, True]
        lines = await e.w.rows("select action, detail::text as detail from audit_event where action like '%renew%'")
        assert [one["action"] for one in lines] == ["channel.renew_secret"] * 2
        stored = await e.w.one("select to_jsonb(c)::text from exchange_channel c")
        assert not any(secret in str(lines) + stored for secret in (old, new, last))
        with pytest.raises(InvalidError):
            await secrets.renew_channel(channel, 3, 721, e.w.viewer)
        by_hand, _ = await e.channel(ChannelKind.HAND)
        with pytest.raises(ConflictError):
            await secrets.renew_channel(by_hand, 1, 24, e.w.viewer)


async def test_over_http_under_the_version_that_was_read(api: Centre) -> None:
    client = await town(api)
    administrator, supervisor = await api.person(Role.ADMINISTRATOR), await api.person(Role.SUPERVISOR)
    body = {"kind": "webhook", "name": "Zaaksysteem", "url": URL}
    made = (await administrator("createChannel", client=client, json=body)).json
    channel, tag, overlap = made["channel"]["id"], {"If-Match": '"1"'}, {"overlap_hours": 72}
    refused = await supervisor("renewChannelSecret", channel=channel, headers=tag, json=overlap)
    assert refused.status == 403
    renewed = await administrator("renewChannelSecret", channel=channel, headers=tag, json=overlap)
    assert renewed.status == 200
    assert renewed.json["secret"] != made["secret"]
    assert renewed.json["channel"]["old_secret_until"] is not None
    twice = await administrator("renewChannelSecret", channel=channel, headers=tag, json=overlap)
    assert (twice.status, twice.code) == (412, "changed-since")  # two fingers make one secret
    too_long = await administrator(
        "renewChannelSecret", channel=channel, headers={"If-Match": '"2"'}, json={"overlap_hours": 721}
    )
    assert too_long.status == 422
    assert renewed.json["secret"] not in (await administrator("listChannels")).raw.decode()


async def test_a_token_is_renewed_once_and_its_old_one_ends_after_the_overlap(api: Centre) -> None:
    boss = await api.person(Role.ADMINISTRATOR)
    wish = {"name": "grafana", "role": "monitor", "scopes": ["floor.read"], "days": 90}
    made = (await boss("createToken", json=wish)).json
    old, new = api.visitor(), api.visitor()
    old.bearer, token = made["secret"], made["token"]["id"]
    renewed = await boss("renewToken", token=token, json={"overlap_hours": 24, "days": 90})
    assert (renewed.status, renewed.json["token"]["scopes"], renewed.json["token"]["renewed"]) == (
        201, ["floor.read"], False,
    )  # fmt: skip
    new.bearer = renewed.json["secret"]
    assert [(await one("getFloor")).status for one in (old, new)] == [200, 200]
    again = await boss("renewToken", token=token, json={"overlap_hours": 24, "days": 90})
    assert (again.status, again.code) == (409, "conflict")
    assert {one["id"]: one["renewed"] for one in (await boss("listTokens")).json["items"]}[token]
    api.clock.forward(hours=25)
    assert [(await one("getFloor")).status for one in (old, new)] == [401, 200]
    boss = await api.person(Role.ADMINISTRATOR)  # the day before has ended
    now = await boss("renewToken", token=renewed.json["token"]["id"], json={"overlap_hours": 0, "days": 1})
    assert (now.status, (await new("getFloor")).status) == (201, 401)
    assert (await boss("renewToken", token=api.new_id(), json={"overlap_hours": 0, "days": 1})).status == 404
    actions = await api.pool.fetch("select action from audit_event where action = 'token.renew'")
    assert len(actions) == 2


async def test_two_who_renew_a_token_at_once_make_one(api: Centre) -> None:
    boss = await api.person(Role.ADMINISTRATOR)
    wish = {"name": "grafana", "role": "monitor", "scopes": ["floor.read"], "days": 90}
    token = (await boss("createToken", json=wish)).json["token"]["id"]
    done = await asyncio.gather(
        *(boss("renewToken", token=token, json={"overlap_hours": 1, "days": 9}) for _ in range(4))
    )
    assert sorted(one.status for one in done) == [201, 409, 409, 409]
    assert await api.pool.fetchval("select count(*) from api_token") == 2


async def test_by_command(api: Centre, dsn: str) -> None:
    client = await town(api)
    administrator = await api.person(Role.ADMINISTRATOR)
    body = {"kind": "webhook", "name": "Zaaksysteem", "url": URL}
    channel = (await administrator("createChannel", client=client, json=body)).json["channel"]["id"]

    async def run(*words: str) -> str:
        environment = {
            "PATH": os.environ["PATH"], "DIALER_DATABASE_DSN": dsn, "DIALER_ASTERISK_SECRET": "x" * 20,
            "DIALER_KEYS_MASTER": base64.b64encode(bytes(range(32))).decode(),
        }  # fmt: skip
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "dialer", *words, env=environment,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await child.communicate()
        assert child.returncode == 0, err.decode()
        return out.decode()

    made = (await run("secret", "renew", "channel", channel, "--overlap-hours", "48")).strip()
    assert made.startswith("whsec_")
    await run("user", "token", "grafana", "--role", "monitor", "--scope", "floor.read")
    token = str(await api.pool.fetchval("select id from api_token"))
    bearer = (await run("secret", "renew", "token", token)).splitlines()[-1]
    machine = api.visitor()
    machine.bearer = bearer
    assert (await machine("getFloor")).status == 200
    listed = await run("secret", "list")
    assert "old one until" in listed
    assert made not in listed
    assert bearer not in listed
