"""Draws docs/states.md from the tables in `dialer/domain`: `python -m tests.support.diagrams` writes it.

Every domain module with a `TRANSITIONS` table is drawn, so a new state machine comes in by itself. What a state means
is the comment beside it in the source.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from types import ModuleType

import dialer.domain

PAGE = Path(__file__).parents[2] / "docs" / "states.md"

Table = Mapping[StrEnum, Mapping[StrEnum, StrEnum]]

_HEAD = """\
# State machines

<!-- Made by `python -m tests.support.diagrams` from the tables in dialer/domain; `tests/unit/test_diagrams.py` fails
     when this page is stale. Change the tables, not this page. -->

Each machine is one table of what may happen in which state. An event that the table does not know raises
`IllegalTransitionError` and changes nothing. Events that leave the state as it is are listed, not drawn.
"""

_NOTES = {
    "agent": """\
A pause or the end of duty that is asked for during a call or its wrap-up is a *wish*: it is kept, and granted where the
table says `available`: filing an outcome leads to `paused` or `off` for an agent who asked for that. An agent is
*free* only in `available`, with the standing leg in the holding bridge, and with sound coming from it.""",
    "call": """\
A call out begins at `claimed`, a call in at `waiting`. Nothing leads out of `message` but the end: who has begun to
hear a message is never joined, and who was joined never hears the safe message.""",
    "case": """\
A case begins as `open`, `no_number` or `held`. Five states follow from the attempts as they stand (`no_number`,
`open`, `reached`, `not_reached`, `closed`): they are derived anew after each outcome, correction or change of numbers.
The others are somebody's decision.""",
}
_BEGINS = {"case": ("open", "no_number", "held")}  # where the intake puts a new one: no table says so


def machines() -> Iterator[tuple[str, ModuleType]]:
    """Name and module of every state machine of the domain, by name."""
    for found in sorted(pkgutil.iter_modules(dialer.domain.__path__), key=lambda entry: entry.name):
        module = importlib.import_module(f"dialer.domain.{found.name}")
        if hasattr(module, "TRANSITIONS"):
            yield found.name, module


def page() -> str:
    """The whole of docs/states.md."""
    return _HEAD + "".join(_section(name, module) for name, module in machines())


def _section(name: str, module: ModuleType) -> str:
    table: Table = module.TRANSITIONS
    states = type(next(iter(table)))
    meanings = _meanings(states)
    lines = [f"\n## {name.capitalize()}: `dialer/domain/{name}.py`\n"]
    if name in _NOTES:
        lines.append(f"{_NOTES[name]}\n")
    lines += ["```mermaid", "stateDiagram-v2", "    direction LR", *_arrows(name, table, states), "```\n"]
    lines += ["| state | meaning | events that leave it as it is |", "| --- | --- | --- |"]
    for state in states:
        stay = ", ".join(f"`{event}`" for event, after in table[state].items() if after is state)
        lines.append(f"| `{state}` | {meanings.get(state.name, '')} | {stay} |")
    return "\n".join(lines) + "\n"


def _arrows(name: str, table: Table, states: type[StrEnum]) -> Iterator[str]:
    for first in _BEGINS.get(name) or _without_entry(table, states):
        yield f"    [*] --> {first}"
    for state in states:
        events: dict[StrEnum, list[str]] = {}
        for event, after in table[state].items():
            if after is not state:
                events.setdefault(after, []).append(event.value)
        for after, causes in events.items():
            yield f"    {state.value} --> {after.value}: {', '.join(causes)}"
        if not table[state]:
            yield f"    {state.value} --> [*]"


def _without_entry(table: Table, states: type[StrEnum]) -> list[str]:
    entered = {after for state, events in table.items() for after in events.values() if after is not state}
    return [state.value for state in states if state not in entered] or [next(iter(states)).value]


def _meanings(states: type[StrEnum]) -> dict[str, str]:
    pattern = re.compile(r"^ +([A-Z_]+) = .*?  # (.+)$", re.MULTILINE)
    return {match[1]: match[2].replace("|", "\\|") for match in pattern.finditer(inspect.getsource(states))}


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
