"""Our own pacing as a policy of the simulator."""

from __future__ import annotations

from dataclasses import replace

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
        self.model = observe(self.model, event)
        if isinstance(event, DayBegan):
            self._saved = self.model

    def restart(self) -> None:
        """Back to what was stored; the counts are restored from the ledger."""
        kept = {name: getattr(self.model, name) for name in COUNTS}
        self.model = replace(self._saved, **kept)
