"""Two sites on one database: two dialers and two Asterisks side by side, one killed, and a client that moves across."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

import aiohttp
import pytest

from dialer.clock import SystemClock, SystemIds
from dialer.config import variable
from dialer.demo.seed import CLIENT
from dialer.demo.town_plan import special
from dialer.domain.checklist import ITEMS
from dialer.domain.ids import ClientId
from dialer.security.master_key import parse_master_key
from dialer.security.vault import MasterVault
from dialer.services.checklist import Checklist
from dialer.services.chores import NAME as CHORES
from dialer.services.clients import Clients, NewClient
from dialer.services.sites import InCallError, Sites
from dialer.storage.checklist import PgChecklist
from dialer.storage.clients import PgClientStore
from dialer.storage.pool import open_pool
from dialer.storage.sites import PgSites
from tests.auditor.checks import audit
from tests.auditor.evidence import Evidence, exported_signals, from_database, numbers_of, own_calls, town_calls
from tests.support.city import until
from tests.support.day import Day, Resident
from tests.support.office import Office, RefusedError
from tests.support.plant import AMI_KICKER, AMI_USER, AMI_USER_BESIDE, Plant
from tests.support.raw_ami import RawAmi

pytestmark = [pytest.mark.system, pytest.mark.timeout(420)]

TAKEN_OVER_WITHIN = 5.0
NORTH = NewClient(
    slug="buurstad",
    name="Gemeente Buurstad",
    municipality="Buurstad",
    neutral_name="het Contactteam",
    inbound_number="+31790000001",
)
FIRST = 100
"""Place of the second client's first resident: another person than any of the first's."""


def talkers(start: int, n: int) -> list[Resident]:
    return [Resident(special("200", start + place)) for place in range(n)]


class TwoSites:
    """A day of site main, and beside it site noord with a client, an Asterisk and two dialers of its own."""

    def __init__(self, day: Day) -> None:
        self.day = day
        self.asterisk = day.plant.second_site()
        self.there = talkers(20, 3)
        self.later: list[Resident] = []

    async def open(self) -> None:
        day, sounds = self.day, Path(self.day.plant.sounds)
        await asyncio.to_thread(shutil.copytree, sounds / CLIENT.slug, sounds / NORTH.slug, dirs_exist_ok=True)
        await day.open()
        await self._client()
        await day.serve("north", env=self._env(AMI_USER))
        await day.serve("north-2", env=self._env(AMI_USER_BESIDE))
        office = await day.office()
        body = {"client": str(self.client), "name": "Noord", "settings": dict(day.settings)}
        self.campaign = (await office("POST", "/campaigns", body))["id"]
        await self.deliver(self.there, FIRST)
        day.hire([day.person(0), day.person(1)], self.http("north"), self.there, FIRST)

        async def ready() -> bool:
            agents = (await day.floor("north"))["agents"]
            return bool(sum(agent["phone"] == "ready" for agent in agents) == 2)

        await day.until(ready, 60)

    def _env(self, user: str) -> dict[str, str]:
        instance = self.asterisk.instance
        settings = {
            ("asterisk", "port"): str(instance.ami_port),
            ("asterisk", "username"): user,
            ("asterisk", "sip_port"): str(instance.sip_port),
            ("asterisk", "http_port"): str(instance.http_port),
            ("service", "site"): "noord",
        }
        return {variable(section, key): value for (section, key), value in settings.items()}

    async def _client(self) -> None:
        self.pool = await open_pool(self.day.dsn(), size=2)
        clock, vault = SystemClock(), MasterVault(parse_master_key(self.day.plant.master_key))
        client = await Clients(PgClientStore(self.pool), vault, clock, SystemIds(), demo=True).add(NORTH)
        self.client = client.id
        for item in ITEMS:
            await Checklist(PgChecklist(self.pool), clock).waive(
                client.id, item, "proef: er is geen opdrachtgever", user=None, actor="cli"
            )
        await self.move("noord", unserved=True)

    async def move(self, site: str, *, unserved: bool = False) -> str:
        sites = Sites(PgSites(self.pool), SystemClock())
        return await sites.move(ClientId(self.client), site, unserved=unserved, actor="cli")

    async def deliver(self, residents: list[Resident], first: int) -> None:
        """A list of the second client."""
        form = aiohttp.FormData()
        form.add_field("file", self.day.delivered(residents, first), filename=f"noord-{first}.csv")
        await (await self.day.office())("POST", f"/campaigns/{self.campaign}/deliveries", form)

    def http(self, name: str) -> str:
        return f"http://127.0.0.1:{self.day.dialers[name].http.port}"

    async def owner(self, name: str) -> str:
        """Name of the process that has this lease now."""
        owner = await self.day.pool.fetchval(
            "select owner from lease where name = $1 and expires_at > clock_timestamp()", name
        )
        return str(owner or "").rpartition("-")[0]

    async def users(self, logins: Iterable[tuple[str, str]]) -> set[UUID]:
        rows = await self.day.pool.fetch(
            "select id from app_user where login = any($1)", [login for login, _ in logins]
        )
        return {row["id"] for row in rows}

    async def call_in(self, resident: str, number: str, sip_port: int) -> None:
        """A resident rings a client's number; the carrier brings it to the Asterisk on this port."""
        async with RawAmi(*self.day.plant.town.ami) as town:
            await town.action(
                "Originate",
                Channel=f"PJSIP/dialer/sip:{number}@127.0.0.1:{sip_port}",
                Context="caller",
                Exten="s",
                Priority="1",
                CallerID=f"<{resident}>",
                Async="true",
                Variable=["PATIENCE=30", "LASTS=12", "KEYS="],
            )

    async def evidence(self) -> Evidence:
        """What the auditor asks: of both Asterisks, and of the second client's list and results."""
        day = self.day
        await day.until_silent()
        office = await day.office()
        run = await office("POST", f"/campaigns/{self.campaign}/exports", {"kind": "full"})
        exported = bytes(await office("GET", f"/exports/{run['id']}/file?format=csv", raw=True))
        numbers = numbers_of(day.delivered()) | numbers_of(day.delivered(self.there, FIRST))
        numbers |= numbers_of(day.delivered(self.later, FIRST + 10))
        found = await from_database(day.dsn(), numbers)
        theirs = {
            row["signal_ref"]
            for row in await day.pool.fetch("select signal_ref from signal where client_id = $1", self.client)
        }
        found["signals"] = [one for one in found["signals"] if one in theirs]
        return Evidence(
            own=[one for server in (day.plant.asterisk, self.asterisk) for one in own_calls(server.cel, day.began)],
            town=town_calls(day.plant.town.server.cel, day.began),
            table=exported_signals(exported),
            acknowledged={attempt: code for robot in day.robots for attempt, code in robot.filed.items()},
            **found,
        )


async def test_two_sites_call_side_by_side_one_dies_and_a_client_moves(plant: Plant) -> None:
    async with Day(plant, talkers(0, 3), agents=2, people=2, most_talk=40.0) as day:
        sites = TwoSites(day)
        try:
            await sites.open()
            await _side_by_side(sites)
            await _killed(sites)
            await _callers(sites)
            await _moved(sites)
            report = audit(await sites.evidence())
            assert report.violations == []
            assert report.counts["calls by the town"] >= 7
        finally:
            await sites.pool.close()


async def _side_by_side(sites: TwoSites) -> None:
    day = sites.day
    office = await day.office()
    await day.run()
    await office("PUT", f"/campaigns/{sites.campaign}/state", {"state": "running"})  # by the other site's process
    await day.until_count("state = 'joined'", 4, 40)
    assert await day.doubled() == []
    for name, campaign, asterisk in (
        ("service", day.campaign, day.plant.asterisk),
        ("north", sites.campaign, sites.asterisk),
    ):
        floor = await day.floor(name)
        assert floor["site"] == ("main" if name == "service" else "noord")
        assert [one["campaign"] for one in floor["campaigns"]] == [campaign]
        assert {one["campaign"] for one in floor["calls"]} == {campaign}
        assert len(floor["agents"]) == 2
        rows = await day.pool.fetch("select id from attempt where campaign_id = $1", UUID(campaign))
        ours = {str(row["id"]) for row in rows}
        on = {one.account for one in own_calls(asterisk.cel, day.began) if one.kind == "resident"}
        assert on == ours, "each site dials over its own Asterisk"
    assert (await day.floor("north-2"))["link_up"] is False, "who stands by does nothing"
    assert {await sites.owner("centre"), await sites.owner("centre:noord")} == {"service", "north"}
    assert await sites.owner(CHORES) == "service", "who came first does what is done once"
    # An agent of main's who logs in at the other panel is told where she is.
    login, password = day.logins.robots[0]
    there = Office(sites.http("north"), login, password)
    await there.sign_in()
    try:
        with pytest.raises(RefusedError) as refused:
            await there("PUT", "/agents/me/duty", {"duty": "on"})
        status, problem = refused.value.args
        assert (status, problem["code"]) == (409, "on-duty-elsewhere")
        assert "main" in problem["title"]
    finally:
        await there.close()
    with pytest.raises(InCallError):
        await sites.move("main")


async def _killed(sites: TwoSites) -> None:
    """The other site's conversations go on, and so do this one's: its standby has them."""
    day = sites.day
    before = {row["id"] for row in await day.pool.fetch("select id from attempt where state = 'joined'")}
    epoch = await day.pool.fetchval("select epoch from lease where name = 'centre'")
    await day.plant.kill("north")
    began = time.time()
    day.dialers["north"].http.lead(day.dialers["north-2"].port)  # as the proxy before both does

    async def adopted() -> bool:
        return len((await day.floor("north-2"))["calls"]) == 2

    await day.until(adopted, TAKEN_OVER_WITHIN + 3.0)
    assert await sites.owner("centre:noord") == "north-2"
    assert await sites.owner("centre") == "service"
    assert await day.pool.fetchval("select epoch from lease where name = 'centre'") == epoch
    ended = [call for call in day.town_calls() if call.answered and call.ended and call.ended > began]
    joined = {row["id"] for row in await day.pool.fetch("select id from attempt where state = 'joined'")}
    assert (joined, ended) == (before, []), "nobody was cut off"
    await day.until_count("outcome is not null and not live", 6, 180)
    await day.until_empty()
    assert await day.doubled() == []
    assert await day.count("agent_id is null or not counted") == 0


async def _callers(sites: TwoSites) -> None:
    """Each number's callers are answered by its own site's agents."""
    day = sites.day
    main = await sites.users(day.logins.robots[:2])
    north = await sites.users(day.logins.robots[2:4])
    await sites.call_in("+31600000071", CLIENT.inbound_number, day.plant.instance.sip_port)
    await sites.call_in("+31600000072", NORTH.inbound_number, sites.asterisk.instance.sip_port)
    await day.until_count("direction = 'in' and joined_at is not null", 2, 60)
    rows = await day.pool.fetch("select client_id, agent_id from attempt where direction = 'in'")
    for row in rows:
        assert row["agent_id"] in (north if row["client_id"] == sites.client else main)
    with pytest.raises(InCallError):
        await sites.move("main")
    await day.until_empty(90)


async def _moved(sites: TwoSites) -> None:
    day = sites.day
    assert await sites.move("main") == "noord"

    async def seen() -> bool:
        here = {one["campaign"] for one in (await day.floor("service"))["campaigns"]}
        there = {one["campaign"] for one in (await day.floor("north-2"))["campaigns"]}
        return (here, there) == ({day.campaign, sites.campaign}, set())

    await day.until(seen)
    main = await sites.users(day.logins.robots[:2])
    sites.later = talkers(30, 1)
    day.knows(sites.later, FIRST + 10)
    await sites.deliver(sites.later, FIRST + 10)
    await day.until_count("direction = 'out' and joined_at is not null", 7, 60)
    row = await day.pool.fetchrow("select * from attempt where direction = 'out' order by claimed_at desc limit 1")
    assert (row["client_id"], row["agent_id"] in main) == (sites.client, True)
    await until(
        lambda: str(row["id"]) in {one.account for one in own_calls(day.plant.asterisk.cel, day.began)}, what="its dial"
    )

    async def named() -> bool:
        async with RawAmi(sites.asterisk.instance.ami_port, AMI_KICKER, day.plant.ami_secret) as ami:
            answer = await ami.action("Command", Command=f"database get did {NORTH.inbound_number}")
            return "Value" in answer["Output"]

    async def forgotten() -> bool:
        return not await named()

    await day.until(forgotten)
    await sites.call_in("+31600000073", NORTH.inbound_number, day.plant.instance.sip_port)
    await day.until_count("direction = 'in' and joined_at is not null", 3, 60)
    row = await day.pool.fetchrow("select * from attempt where direction = 'in' order by claimed_at desc limit 1")
    assert (row["client_id"], row["agent_id"] in main) == (sites.client, True)
    await day.until_empty(90)
    assert await day.doubled() == []
