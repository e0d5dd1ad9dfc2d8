"""What the settings make of mail and text messages: built, or refused at the start with the key's name."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, cast

import pytest

from dialer.clock import SystemClock, SystemIds
from dialer.config import SettingsError, load
from dialer.domain.notices import Via
from dialer.exchange_parts import ExchangeParts, exchange_parts
from dialer.metrics import Metrics
from dialer.schedule.rotation import Rotation
from dialer.security.vault import MasterVault
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.pool import open_pool

BASE = {"DIALER_DATABASE_DSN": "x", "DIALER_ASTERISK_SECRET": "x", "DIALER_KEYS_MASTER": "x"}
MAIL = {"DIALER_MAIL_HOST": "mail.example", "DIALER_MAIL_SENDER": "a@mail.example"}


async def built(dsn: str, folder: Path, environ: dict[str, str]) -> ExchangeParts:
    async with AsyncExitStack() as stack:
        pool = await open_pool(dsn, size=2)
        stack.push_async_callback(pool.close)
        return exchange_parts(
            stack, load(BASE | environ), pool=pool, vault=MasterVault(b"k" * 32), audit=cast(Any, None),
            clock=SystemClock(), ids=SystemIds(), owner="o", metrics=Metrics(), intake=cast(Any, None), spool=folder,
            catalogues=CatalogueStore(pool), planner=Rotation(),
            exports=cast(Any, None),
        )  # fmt: skip


async def test_what_is_set_is_offered(dsn: str, tmp_path: Path) -> None:
    assert list((await built(dsn, tmp_path, {})).call_slots.confirm_by) == []
    both = await built(dsn, tmp_path, MAIL | {"DIALER_SMS_URL": "https://sms.example/v1"})
    assert list(both.call_slots.confirm_by) == [Via.EMAIL, Via.SMS]
    assert {"slots", "booking-notices", "forget-addresses"} <= {job.name for job in both.jobs}


@pytest.mark.parametrize(
    ("environ", "key"),
    [
        (MAIL | {"DIALER_MAIL_MODE": "ssl"}, "mail.mode"),
        (MAIL | {"DIALER_MAIL_SENDER": "nobody"}, "mail.sender"),
        (MAIL | {"DIALER_MAIL_MODE": "none", "DIALER_MAIL_USERNAME": "x"}, "mail.mode"),
        ({"DIALER_SMS_URL": "http://sms.example"}, "sms.url"),
        ({"DIALER_SMS_URL": "https://10.0.0.1/"}, "sms.url"),
    ],
)
async def test_what_cannot_work_is_refused(dsn: str, tmp_path: Path, environ: dict[str, str], key: str) -> None:
    with pytest.raises(SettingsError, match=key):
        await built(dsn, tmp_path, environ)
