"""The mark of a site in a real Asterisk's own database."""

from __future__ import annotations

import pytest

from dialer.asterisk.link import LinkSettings
from dialer.asterisk.site_mark import SITE_ROW
from dialer.asterisk.telephony import AsteriskTelephony
from dialer.clock import SystemClock
from dialer.services.ports.telephony import TelephonyError
from tests.support.city import TelephoneCity, until

pytestmark = pytest.mark.system


async def test_another_sites_dialer_is_kept_out_and_a_standby_is_not(telephone_city: TelephoneCity) -> None:
    def dialer(user: tuple[str, str], site: str, *, may: bool = True) -> AsteriskTelephony:
        settings = LinkSettings(
            port=telephone_city.instance.ami_port, username=user[0], secret=user[1], retry_first=0.1, retry_most=0.1
        )
        made = AsteriskTelephony(settings, SystemClock(), permitted=lambda: may, site=site)
        made.start(lambda _event: None)
        return made

    main = dialer(telephone_city.ami_user, "proef-main")
    beside = dialer(telephone_city.ami_other, "proef-main", may=False)
    north = None
    try:
        assert await main.link.came_up(30.0)
        await main.mark_owner("main-1")
        await main.alive()
        assert await main.site() == "proef-main"
        assert await beside.link.came_up(30.0)
        north = dialer(telephone_city.ami_other, "proef-noord")
        refused = north.link
        await until(lambda: "that of site proef-main" in refused.refusal, 30, "a refusal")
        assert not north.up
        assert main.up
        await main.mark_site("proef-noord")
        assert await north.link.came_up(30.0)
        with pytest.raises(TelephonyError, match="site proef-noord"):
            await main.alive()
    finally:
        async with telephone_city.ami() as anybody:
            await anybody.action("DBDel", Family=SITE_ROW[0], Key=SITE_ROW[1])
        for one in (main, beside, north):
            if one is not None:
                await one.stop()
