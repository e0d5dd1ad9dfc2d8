"""Our own pacing as a policy of the simulator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dialer.pacing.journal import Recorder
from dialer.pacing.learned import COUNTS, Model, observe
from dialer.pacing.predictive import decide
from dialer.pacing.view import DayBegan, Decision, Event, Settings, State


class Ours:
    """Keeps the model; after a restart it is that of the morning, with the counts of the day."""

    def __init__(self, settings: Settings | None = None, model: Model | None = None) -> None:
        self.settings = settings or Settings(ring_cuts=True)
        self.model = model or Model()
        self._saved = self.model

    def decide(self, state: State) -> Decision:
        """What to do now."""
        return decide(state, self.model, self.settings)

    def observe(self, event: Event) -> None:
        """Learn."""
        self.model = observe(self.model, event, self.settings.target)
        if isinstance(event, DayBegan):
            self._saved = self.model

    def restart(self) -> None:
        """Back to what was stored; the counts are restored from the ledger."""
        kept = {name: getattr(self.model, name) for name in COUNTS}
        self.model = replace(self._saved, **kept)


class Journalled(Ours):
    """The same, and everything is written down as the service writes it."""

    def __init__(self, write: Callable[[str], object], release: str, settings: Settings | None = None) -> None:
        """`write` takes one line, without its end."""
        super().__init__(settings)
        self._write = write
        self._recorder = Recorder(release)
        self._begin()

    def _begin(self) -> None:
        for line in self._recorder.begin(self.model, self.settings):
            self._write(line)

    def decide(self, state: State) -> Decision:
        """What to do now."""
        decision = super().decide(state)
        self._write(self._recorder.decision(state, decision))
        return decision

    def observe(self, event: Event) -> None:
        """Learn."""
        self._write(self._recorder.event(event))
        super().observe(event)

    def restart(self) -> None:
        """Another model from here on."""
        super().restart()
        self._begin()
