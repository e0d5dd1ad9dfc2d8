"""Files that are fetched from a client's folder: what became of each, and why a look did not succeed."""

from __future__ import annotations

from enum import StrEnum


class SourceKind(StrEnum):
    """Where a client puts its files."""

    FOLDER = "folder"  # on this machine, below the operator's folder
    SFTP = "sftp"  # on a server of the client


class Holds(StrEnum):
    """What a client's files of one place are."""

    LIST = "list"  # signals
    NUMBERS = "numbers"  # found later, by reference
    VISITS = "visits"  # who came to an appointment


class ArrivalState(StrEnum):
    """What became of a file."""

    TAKEN = "taken"
    REPEATED = "repeated"  # the same content had come before
    QUARANTINED = "quarantined"  # put aside with its reason, nothing of it was loaded


class SourceFault(StrEnum):
    """Why a look did not succeed: stable codes, put in words on the screen."""

    ADDRESS = "address"  # inside our own network
    UNREACHABLE = "unreachable"
    HOST_KEY = "host_key"  # the server is not the one that was agreed
    SIGN_IN = "sign_in"  # our key is not accepted
    FOLDER = "folder"  # not there, or not ours to read
    CUT_OFF = "cut_off"
    PUT_AWAY = "put_away"  # taken, but may not be moved aside
    NAME_TAKEN = "name_taken"  # a file of ours has the name of another one that is there
    SECRET = "secret"  # noqa: S105 - a code: ours does not open


TAKEN_FOLDER, QUARANTINE_FOLDER = "verwerkt", "quarantaine"
"""Folders beside the files that come, in which they are put away."""

MOST_REFUSED = 0.5
"""A file of which a greater share of the rows is refused is put aside whole: it is the wrong file, or read wrongly."""

NOTE = ".ontvangst.json"
"""Behind the name of a file that was put away: its receipt, which is no list, wherever somebody moves it."""
_ENDINGS = (".csv", ".json", ".txt", ".xlsx")
_LONGEST_NAME = 150


def is_list(name: str) -> bool:
    """Whether a file of this name is one to take: no hidden, half-written or strangely named one."""
    return (
        name.lower().endswith(_ENDINGS)
        and not name.lower().endswith(NOTE)
        and not name.startswith((".", "~"))
        and len(name) <= _LONGEST_NAME
        and name.isprintable()
        and not set(name) & set("/\\:")
    )
