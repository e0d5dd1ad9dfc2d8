"""What was asked and answered, written down so that it can be done again.

A line is a JSON array; its first place says what it is. Of a moment only what changed since the one before is written,
so an hour at 40 agents is a few megabytes at most, a tenth of it compressed. Ids of calls and agents become small
numbers: nothing in a journal says whom it was about.

    ["h", release, model version]            the head
    ["m", model, settings]                   what was known, and the settings, from here on
    ["e", name, field, ...]                  something happened (`view.Event`)
    ["d", moment, decision]                  asked and answered

Floats are written so that they come back as the same floats; what is no number comes back as such.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple, get_args

from dialer.domain.errors import InvalidError
from dialer.pacing import stored
from dialer.pacing.learned import VERSION, Model, observe
from dialer.pacing.predictive import decide
from dialer.pacing.view import AgentView, Decision, Doing, Ended, Event, Kind, Mode, RingView, Settings, State

_EVENTS: Mapping[str, type[Any]] = {kind.__name__: kind for kind in get_args(Event)}
_READ: Mapping[str, Any] = {"how": Ended, "kind": Kind}
_SIMPLE = (
    "open", "answered_waiting", "inbound_waiting", "appointments_due", "lines_free", "starts_allowed", "records",
    "closes_at", "lag",
)  # fmt: skip
_USUAL = State(now=0.0)


class Recorder:
    """Makes the lines of a journal. Holds what it wrote last, and nothing else."""

    def __init__(self, release: str) -> None:
        """`release`: of the program; a decision is the same bit for bit within one."""
        self._head = _line(["h", release, VERSION])
        self._numbers: dict[Hashable, int] = {}
        self._simple: dict[str, Any] = {}
        self._agents: list[list[Any]] = []
        self._rings: dict[int, float] = {}

    def begin(self, model: Model, settings: Settings) -> list[str]:
        """The first lines of a journal, or of a part after new settings or a model from elsewhere."""
        lines = [_line(["m", stored.dump(model), asdict(settings)])]
        if self._head:
            lines.insert(0, self._head)
            self._head = ""
        return lines

    def event(self, event: Event) -> str:
        """Something happened."""
        fields = [self._number(value) if name == "agent" else value for name, value in event._asdict().items()]
        return _line(["e", type(event).__name__, *fields])

    def decision(self, state: State, decision: Decision) -> str:
        """Asked and answered."""
        moment: dict[str, Any] = {"now": state.now}
        for name in _SIMPLE:
            value = getattr(state, name)
            if not _same(value, self._simple.get(name, getattr(_USUAL, name))):
                moment[name] = value
            self._simple[name] = value
        agents = [[self._number(each.agent), each.doing, *each[2:]] for each in state.agents]
        if len(agents) != len(self._agents):
            moment["agents"] = dict(enumerate(agents))
            moment["team"] = len(agents)
        else:
            changed = {k: a for k, (a, b) in enumerate(zip(agents, self._agents, strict=True)) if not _same(a, b)}
            if changed:
                moment["agents"] = changed
        self._agents = agents
        rings = {self._number(each.call): each.since for each in state.rings}
        if list(rings.items()) != list(self._rings.items()):
            moment["over"] = [call for call in self._rings if call not in rings]
            moment["rings"] = [[call, since] for call, since in rings.items() if call not in self._rings]
            kept = [call for call in self._rings if call in rings] + [call for call, _ in moment["rings"]]
            if kept != list(rings) or any(not _same(rings[call], self._rings.get(call, rings[call])) for call in kept):
                moment["over"], moment["rings"] = list(self._rings), [[call, since] for call, since in rings.items()]
        self._rings = rings
        return _line(["d", moment, plain(decision, self._number)])

    def _number(self, what: Hashable) -> int:
        return self._numbers.setdefault(what, len(self._numbers))


class Outcome(NamedTuple):
    """One decision, made again."""

    line: int  # in the journal, from 1
    state: State
    written: list[Any]
    now: list[Any]

    @property
    def same(self) -> bool:
        """Bit for bit."""
        return _same(self.written, self.now)


def plain(decision: Decision, number: Any = lambda what: what) -> list[Any]:
    """A decision as data; `number` makes ids of calls what the journal has."""
    calls = [number(call) for call in decision.cancel]
    return [decision.start, calls, decision.ask_again, [_plain(each) for each in decision.reasons]]


class Began(NamedTuple):
    """A journal, or a part of one, begins: what was known and the settings from here on."""

    model: Model
    settings: Settings


class Asked(NamedTuple):
    """A moment at which was asked, and the decision as it was written."""

    line: int  # in the journal, from 1
    state: State
    decision: list[Any]


def read(lines: Iterable[str], release: str | None = None) -> Iterator[Began | Event | Asked]:
    """What is in a journal, in order.

    Raises InvalidError (`field` "release") for a journal of another release than this, and ("line") for what is no
    journal. With `release` None any will do; a model that this release cannot read is then an empty one.
    """
    now = _Moment()
    for number, text in enumerate(lines, 1):
        try:
            what = json.loads(text)
            if what[0] == "h":
                if release is not None and (what[1], what[2]) != (release, VERSION):
                    raise InvalidError(f"written by release {what[1]}, this is {release}", field="release")
                now = _Moment()  # a process that began anew in the same day remembers nothing of the one before
            elif what[0] == "m":
                yield Began(_model(what[1], release), Settings(**{**what[2], "mode": Mode(what[2]["mode"])}))
            elif what[0] == "e":
                yield _event(what[1], what[2:])
            else:
                yield Asked(number, now.change(what[1]), what[2])
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise InvalidError(f"line {number} is not of a journal", field="line") from error


def _model(state: Mapping[str, Any], release: str | None) -> Model:
    try:
        return stored.load(state)
    except InvalidError:
        if release is None:
            return Model()
        raise


def replay(lines: Iterable[str], release: str) -> Iterator[Outcome]:
    """Every decision of a journal, made again. Raises as `read`."""
    model, settings = Model(), Settings()
    for what in read(lines, release):
        if isinstance(what, Began):
            model, settings = what
        elif isinstance(what, Asked):
            again = plain(decide(what.state, model, settings))
            yield Outcome(what.line, what.state, what.decision, again)
        else:
            model = observe(model, what, settings.target)


class _Moment:
    """A state, changed step by step."""

    def __init__(self) -> None:
        self._simple: dict[str, Any] = {}
        self._agents: list[AgentView] = []
        self._rings: dict[int, float] = {}

    def change(self, moment: Mapping[str, Any]) -> State:
        self._simple |= {name: moment[name] for name in _SIMPLE if name in moment}
        if "team" in moment:
            self._agents = [AgentView(0, Doing.PAUSED, 0.0)] * moment["team"]
        for place, (agent, doing, *rest) in moment.get("agents", {}).items():
            self._agents[int(place)] = AgentView(agent, Doing(doing), *rest)
        for call in moment.get("over", ()):
            del self._rings[call]
        self._rings |= dict(moment.get("rings", ()))
        rings = [RingView(call, since) for call, since in self._rings.items()]
        return State(now=moment["now"], agents=tuple(self._agents), rings=rings, **self._simple)


def _event(name: str, values: Sequence[Any]) -> Event:
    kind = _EVENTS[name]
    read = [_READ[field](value) if field in _READ else value for field, value in zip(kind._fields, values, strict=True)]
    made: Event = kind(*read)
    return made


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value


def _same(one: Any, other: Any) -> bool:
    """Equal, and of one kind: what is no number is the same as itself, and zero is not minus zero."""
    return _line(one) == _line(other)


def _line(what: Any) -> str:
    return json.dumps(what, separators=(",", ":"))
