"""The part of a lock file that the service itself needs: its dependencies and theirs, with their hashes.

    python scripts/runtime_requirements.py requirements.lock pyproject.toml > runtime.lock

Who needs whom is read from the lock's own comments (`# via`), so nothing has to be installed to ask.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^]]*\])?==\S+")


def plain(name: str) -> str:
    """As PyPI compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def blocks(lock: str) -> dict[str, tuple[str, set[str]]]:
    """Each package's lines, and who needs it."""
    found: dict[str, tuple[str, set[str]]] = {}
    current = ""
    for line in lock.splitlines(keepends=True):
        if match := _PIN.match(line):
            current = plain(match[1])
            found[current] = (line, set())
        elif current and line.startswith("    #"):
            text = line.strip().lstrip("#").removeprefix(" via").strip()
            found[current][1].update(plain(match[0]) for match in [_NAME.match(text)] if match)
        elif current and line.strip():
            found[current] = (found[current][0] + line, found[current][1])
    return found


def needed(lock: str, project: str) -> list[str]:
    """The lines of what the project's own `dependencies` bring in."""
    named = tomllib.loads(project)["project"]["dependencies"]
    packages = blocks(lock)
    taken: set[str] = {plain(match[0]) for match in map(_NAME.match, named) if match}
    missing = taken - set(packages)
    if missing:
        raise SystemExit(f"not in the lock: {', '.join(sorted(missing))}")
    while more := {name for name, (_, by) in packages.items() if by & taken} - taken:
        taken |= more
    return [packages[name][0] for name in sorted(taken)]


if __name__ == "__main__":
    sys.stdout.write("".join(needed(Path(sys.argv[1]).read_text(), Path(sys.argv[2]).read_text())))
