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
    """One."""
    return [{"name": "Weekbestand", "version": 2, "created_at": at(days=-3), "layout": layout()}]


def preview() -> Json:
    """Invented lines."""
    return {
        "header": ["Zaaknummer", "Wijk", "Bereikt", "Uitkomst"],
        "rows": [["VOORBEELD-1", "", "ja", "Wil hulp"], ["VOORBEELD-2", "", "nee", ""]],
    }


def outlets() -> list[Json]:
    """One that goes well, one that does not."""
    base = {
        "client": CLIENT, "campaign": CAMPAIGN, "state": "on", "port": 22, "waiting": 0, "dead": 0, "version": 1,
        "last_ok_at": at(days=-1), "at": "17:00",
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
