"""Follows a runbook of docs/runbooks: types what it says, and sees whether it shows what it says."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs" / "runbooks"
PROGRAMS = Path(__file__).parents[2] / ".venv" / "bin"
METRICS = "127.0.0.1:9464"
"""Where the pages say that the dialer's metrics are."""


@dataclass(frozen=True, slots=True)
class Step:
    """A command, and the lines that it shows among others; `...` in them stands for anything."""

    command: str
    shows: Sequence[str]


def steps(page: str, section: str) -> list[Step]:
    """What is typed in a section of a page."""
    text = (FOLDER / f"{page}.md").read_text(encoding="utf-8")
    part = re.split(r"^## ", text.partition(f"\n## {section}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    found: list[tuple[str, list[str]]] = []
    typed = False
    for line in part.splitlines():
        code = re.match(r"(?: {3})? {4}(\S.*)$", line)
        if code is None:
            typed = False
        elif code.group(1).startswith("$ "):
            found.append((code.group(1)[2:], []))
            typed = True
        elif typed:
            found[-1][1].append(code.group(1))
    return [Step(command, shows) for command, shows in found]


async def follow(page: str, section: str, env: Mapping[str, str], *, metrics_port: int) -> None:
    """Type every command of a section. Fails when one does not show what the page says."""
    todo = steps(page, section)
    assert todo, f"{page} has nothing to type in {section}"
    for step in todo:
        command = step.command.replace(METRICS, f"127.0.0.1:{metrics_port}")
        process = await asyncio.create_subprocess_shell(
            command,
            env={**env, "PATH": f"{PROGRAMS}:{env.get('PATH', '')}:{os.environ['PATH']}"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(60):
            shown = (await process.communicate())[0].decode(errors="replace")
        if section == "Do":
            assert process.returncode == 0, f"{page}: {step.command}\nshows {shown}"
        for line in step.shows:
            pattern = ".*".join(map(re.escape, line.split("...")))
            assert re.search(f"^{pattern}", shown, re.MULTILINE), f"{page}: {step.command}\nwants {line}\nshows {shown}"
