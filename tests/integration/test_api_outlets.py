"""Results as files over HTTP, on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from dialer.services.access import Role
from tests.integration.test_api_bookings import town
from tests.support.api import Centre, centre
from tests.support.rows import add_rows

LAYOUT = {
    "columns": [{"title": "Zaak", "field": "client_ref"}, {"title": "Wijk", "field": ""}], "format": "csv",
    "delimiter": ",", "encoding": "utf-8", "dates": "jjjj-mm-dd", "times": False, "yes": "J", "no": "N",
    "words": {"HELP_WANTED": "Wil hulp"},
}  # fmt: skip


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path) as built:
        yield built


async def test_a_layout_is_learned_seen_and_kept_in_versions(api: Centre) -> None:
    client = await town(api)
    administrator = await api.person(Role.ADMINISTRATOR)
    form = aiohttp.FormData()
    form.add_field("file", b"Zaaknummer;Wijk;Bereikt\r\n1;2;3\r\n", filename="voorbeeld.csv")
    learned = await administrator("learnResultProfile", data=form)
    assert learned.json["columns"] == [
        {"title": "Zaaknummer", "field": "client_ref"}, {"title": "Wijk", "field": ""},
        {"title": "Bereikt", "field": "reached"},
    ]  # fmt: skip
    seen = await administrator("previewResultProfile", json={"layout": LAYOUT})
    assert (seen.json["header"], seen.json["rows"][0]) == (["Zaak", "Wijk"], ["VOORBEELD-1", ""])
    bad = await administrator("previewResultProfile", json={"layout": {**LAYOUT, "no": "J"}})
    assert (bad.status, bad.json["field"]) == (422, "no")
    saved = await administrator("saveResultProfile", client=client, json={"name": "vps", "layout": LAYOUT})
    assert (saved.json["version"], saved.json["layout"]) == (1, LAYOUT)
    again = await administrator(
        "saveResultProfile", client=client, json={"name": "vps", "layout": {**LAYOUT, "times": True}}
    )
    assert again.json["version"] == 2
    (listed,) = (await administrator("listResultProfiles", client=client)).json["items"]
    assert (listed["name"], listed["version"]) == ("vps", 2)
    versions = (await administrator("listResultProfiles", client=client, query={"name": "vps"})).json["items"]
    assert [(one["version"], one["layout"]["times"]) for one in versions] == [(2, True), (1, False)]
    back = await administrator(
        "saveResultProfile", client=client, json={"name": "vps", "layout": versions[-1]["layout"]}
    )
    assert (back.json["version"], back.json["layout"]) == (3, LAYOUT)  # an earlier one is had back as the newest
    assert (await administrator("listResultProfiles", client=client, query={"name": "none"})).json["items"] == []


@pytest.mark.parametrize(("format_", "media"), [("csv", "text/csv"), ("json", "application/json")])
async def test_a_file_is_had_as_the_client_gets_it_by_who_may_see_results(
    api: Centre, format_: str, media: str
) -> None:
    client = await town(api)
    rows = await add_rows(api.pool, client, api.clock.now())
    administrator, supervisor = await api.person(Role.ADMINISTRATOR), await api.person(Role.SUPERVISOR)
    layout = {**LAYOUT, "format": format_}
    await administrator("saveResultProfile", client=client, json={"name": "vps", "layout": layout})
    await api.pool.execute(
        "update result_dispatch set profile_id = (select id from result_profile) where id = $1", rows.dispatch
    )
    file = await supervisor("downloadDispatch", dispatch=rows.dispatch)
    assert file.headers["Content-Type"].startswith(media)
    assert file.headers["Cache-Control"] == "no-store"
    assert "attachment" in file.headers["Content-Disposition"]
    if format_ == "csv":
        assert file.raw.splitlines()[0] == b"Zaak,Wijk"
    else:
        assert file.json == []
    assert (await administrator("downloadDispatch", dispatch=rows.dispatch)).status == 403
    seen = await api.pool.fetch("select actor from audit_event where action = 'export.download'")
    assert [row["actor"].split(":")[0] for row in seen] == ["user"]  # nobody but who asked


async def test_a_secret_goes_out_once_and_a_dead_file_is_sent_again(api: Centre) -> None:
    client = await town(api)
    rows = await add_rows(api.pool, client, api.clock.now())
    administrator = await api.person(Role.ADMINISTRATOR)
    push = {
        "kind": "push",
        "name": "Naar de stad",
        "path": "https://stad.example/in",
        "weekdays": [0, 3],
        "at": "17:30",
    }
    taken = await administrator("createOutlet", campaign=rows.campaign, json=push)
    assert (taken.status, taken.code) == (409, "outlet-exists")  # this campaign has its way out
    off = await administrator("updateOutlet", outlet=rows.outlet, headers={"If-Match": '"1"'}, json={"state": "off"})
    assert off.json["state"] == "off"
    made = await administrator("createOutlet", campaign=rows.campaign, json=push)
    assert made.status == 201
    assert made.json["secret"].startswith("whsec_")
    listed = await administrator("listOutlets")
    assert made.json["secret"] not in listed.raw.decode()
    assert {one["name"]: (one["weekdays"], one["at"]) for one in listed.json["items"]}["Naar de stad"] == (
        [0, 3],
        "17:30",
    )
    tried = await administrator("tryOutlet", outlet=rows.outlet)
    assert tried.json == {"fault": "folder"}
    assert (await administrator("listDispatches")).status == 403  # results are none of an administrator's
    supervisor = await api.person(Role.SUPERVISOR)
    (file,) = (await supervisor("listDispatches")).json["items"]
    assert (file["state"], file["sha256"], file["done_at"]) == ("dead", "", None)
    assert (await supervisor("getDay")).json["exchange"]["dead_files"] == 1
    again = await supervisor("resendDispatch", dispatch=rows.dispatch)
    assert (await supervisor("getDay")).json["exchange"]["dead_files"] == 0
    assert (again.json["state"], again.json["tries"]) == ("waiting", 0)
    assert (await supervisor("resendDispatch", dispatch=rows.dispatch)).status == 409
    wrong = await administrator("createOutlet", campaign=rows.campaign, json={**push, "name": "x", "path": "http://x"})
    assert (wrong.status, wrong.json["field"]) == (422, "path")
    stale = await administrator("updateOutlet", outlet=rows.outlet, headers={"If-Match": '"1"'}, json={"name": "y"})
    assert stale.code == "changed-since"
    assert (await supervisor("sendOutlet", outlet=rows.outlet)).code == "outlet-off"
