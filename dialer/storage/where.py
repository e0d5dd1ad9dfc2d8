"""Conditions of a query that a screen narrows: constant text, and values that travel as parameters."""

from __future__ import annotations

from collections.abc import Sequence


class Where:
    """Conditions of constant text; values travel as parameters."""

    def __init__(self) -> None:
        self.conditions: list[str] = []
        self.values: list[object] = []

    def add(self, condition: str, value: object) -> None:
        """`condition` holds {n} where the parameter goes; nothing is added for None and ""."""
        if value is None or value == "":
            return
        self.values.append(value)
        self.conditions.append(condition.format(n=f"${len(self.values)}"))

    def add_all(self, condition: str, values: Sequence[object] | None) -> None:
        """`condition` holds {0}, {1} and so on where `values` go; nothing is added for None.

        For a place in an order: "(q.changed_at, q.case_id) < ({0}, {1})".
        """
        if values is None:
            return
        first = len(self.values) + 1
        self.values += values
        self.conditions.append(condition.format(*(f"${first + n}" for n in range(len(values)))))

    def query(self, select: str, order: str, limit: int) -> str:
        """The whole statement."""
        where = f"where {' and '.join(self.conditions)}" if self.conditions else ""
        self.values.append(limit)
        return f"{select} {where} order by {order} limit ${len(self.values)}"
