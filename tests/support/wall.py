"""Debian's nft, and our firewall rules loaded by it in a network namespace of a test's own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.support.lan import Host

ROOT = Path(__file__).parents[2]
_UNPACKED = ROOT / ".state" / "nftables" / "usr"


def nft() -> str | None:
    """Path of the program; None when there is none."""
    unpacked = _UNPACKED / "sbin" / "nft"
    return str(unpacked) if unpacked.exists() else shutil.which("nft")


def load(host: Host, rules: str) -> None:
    """Put these rules up on the host. Raises AssertionError with nft's words."""
    _nft(host, ["-f", "-"], rules)


def counted(host: Host, table: str) -> list[int]:
    """Packets that each counter of a table of ours has seen, in the order of the file."""
    words = _nft(host, ["list", "table", "inet", table]).split()
    return [int(words[place + 2]) for place, word in enumerate(words) if word == "counter"]


def _nft(host: Host, arguments: list[str], given: str = "") -> str:
    program = nft()
    assert program is not None
    environment = dict(os.environ)
    if program.startswith(str(_UNPACKED)):
        environment["LD_LIBRARY_PATH"] = str(_UNPACKED / "lib" / "x86_64-linux-gnu")
    done = subprocess.run(
        host.command([program, *arguments]), input=given, capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
