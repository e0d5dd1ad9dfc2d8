"""Invented ways out and files for the pretended service behind the panel."""

from __future__ import annotations

from typing import Any

from tests.support.panel_people import CAMPAIGN, CLIENT, at, uid

Json = dict[str, Any]
_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO8vJ2w0VvS0T0lS7wJ1kq1oPpJm8o2vN1xQy0Xq4v9w dialer"


def layout() -> Json:
    """Of a client, with its own words."""
    columns = [("Zaaknummer", "client_ref"), ("Wijk", ""), ("Bereikt", "reached"), ("Uitkomst", "outcome_label")]
    return {
        "columns": [{"title": title, "field": field} for title, field in columns], "format": "csv", "delimiter": ";",
        "encoding": "utf-8-sig", "dates": "dd-mm-jjjj", "times": True, "yes": "ja", "no": "nee",
        "words": {"HELP_WANTED": "Wil hulp"},
    }  # fmt: skip


def profiles() -> list[Json]:
    """Every version of one, the newest first: the first of them had a column less."""
    first = layout()
    del first["columns"][1]
    return [
        {"name": "Weekbestand", "version": 2, "created_at": at(days=-3), "layout": layout()},
        {"name": "Weekbestand", "version": 1, "created_at": at(days=-30), "layout": {**first, "times": False}},
    ]


def listed(kept: list[Json], name: str | None) -> list[Json]:
    """The newest of each, or all of one."""
    if name is not None:
        return [one for one in kept if one["name"] == name]
    newest: dict[str, Json] = {}
    for one in kept:
        newest.setdefault(one["name"], one)
    return [newest[key] for key in sorted(newest)]


def save_profile(kept: list[Json], body: Json) -> Json:
    """The next version of its name."""
    version = sum(one["name"] == body["name"] for one in kept) + 1
    kept.insert(0, {"name": body["name"], "version": version, "created_at": at(), "layout": body["layout"]})
    return kept[0]


LEARNED = [("Zaaknummer", "client_ref"), ("Wijk", ""), ("Bereikt", "reached"), ("Consulent", "")]
"""Columns of an example that the pretended service has read."""


def preview_of(wished: Json) -> Json:
    """Invented lines in a layout: as many columns as it has."""
    cells = {"client_ref": "VOORBEELD-1", "reached": "ja", "outcome_label": "Wil hulp", "": ""}
    row = [cells.get(column["field"], "...") for column in wished["columns"]]
    return {"header": [column["title"] for column in wished["columns"]], "rows": [row]}


def outlets() -> list[Json]:
    """One that goes well, one that does not."""
    base = {
        "client": CLIENT, "campaign": CAMPAIGN, "state": "on", "port": 22, "waiting": 0, "dead": 0, "version": 1,
        "last_ok_at": at(days=-1), "at": "17:00",
        "old_secret_until": None,
    }  # fmt: skip
    return [
        {**base, "id": uid(1301), "kind": "sftp", "name": "Weekbestand", "path": "/in", "host": "sftp.stad.example",
         "user": "dialer", "host_key": _KEY, "public_key": _KEY, "profile": "Weekbestand", "weekdays": [0, 3],
         "last_error": ""},
        {**base, "id": uid(1302), "kind": "push", "name": "Dagbestand", "path": "https://dorp.example/resultaten",
         "host": "", "user": "", "host_key": "", "public_key": "", "profile": "", "weekdays": [0, 1, 2, 3, 4],
         "last_error": "refused", "dead": 1},
    ]  # fmt: skip


def dispatches() -> list[Json]:
    """Received, tried again, given up."""
    base = {
        "campaign": CAMPAIGN, "export": uid(70), "replacements": 0, "error": "", "tries": 1,
        "sha256": "9f2c41d07be3" * 5, "size": 18_231, "created_at": at(days=-1), "due_at": at(minutes=20),
        "done_at": None,
    }  # fmt: skip
    return [
        {**base, "id": uid(1311), "outlet": uid(1302), "name": "resultaten-voorjaar-20261129-0004.csv", "lines": 12,
         "state": "dead", "error": "refused"},
        {**base, "id": uid(1312), "outlet": uid(1301), "name": "resultaten-voorjaar-20261126-0007.csv", "lines": 41,
         "replacements": 3, "state": "confirmed", "done_at": at(days=-1)},
    ]  # fmt: skip


def add(kept: list[Json], campaign: str, body: Json) -> Json:
    """A new one; of a push with a secret."""
    usual = {"state": "on", "host": "", "port": 22, "user": "", "host_key": "", "profile": "", "weekdays": [],
             "at": "17:00"}  # fmt: skip
    made = {
        **usual, **body, "id": uid(1303 + len(kept)), "client": CLIENT, "campaign": campaign, "last_ok_at": None,
        "last_error": "", "waiting": 0, "dead": 0, "version": 1,
        "public_key": _KEY if body["kind"] == "sftp" else "", "old_secret_until": None,
    }  # fmt: skip
    kept.append(made)
    return {"outlet": made, "secret": "whsec_c2VjcmV0" if body["kind"] == "push" else ""}


def change(kept: list[Json], identity: str, body: Json) -> Json:
    """The next version."""
    found = next(one for one in kept if one["id"] == identity)
    found.update(body, version=found["version"] + 1)
    return found


def send(kept: list[Json], files: list[Json], identity: str) -> Json:
    """What is new goes in a file: given up where the last one was, else received."""
    found = next(one for one in kept if one["id"] == identity)
    fault = found["last_error"]
    state = {"state": "dead", "error": fault} if fault else {"state": "confirmed", "done_at": at()}
    name = f"resultaten-voorjaar-20261130-{len(files):04d}.csv"
    files.insert(0, {**dispatches()[1], "id": uid(1330 + len(files)), "outlet": identity, "name": name, "lines": 7,
                     "replacements": 1, "created_at": at(), "done_at": None, **state})  # fmt: skip
    found["dead"] += fault != ""
    found["last_ok_at"] = at() if not fault else found["last_ok_at"]
    return found


def resend(kept: list[Json], files: list[Json], identity: str) -> Json:
    """On its way again."""
    file = next(one for one in files if one["id"] == identity)
    outlet = next(one for one in kept if one["id"] == file["outlet"])
    outlet.update(dead=outlet["dead"] - 1, waiting=outlet["waiting"] + 1)
    file.update(state="waiting", error="", tries=0)
    return file
