"""Conditions of a query that a screen narrows: constant text, and values that travel as parameters."""

from __future__ import annotations


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

    def query(self, select: str, order: str, limit: int) -> str:
        """The whole statement."""
        where = f"where {' and '.join(self.conditions)}" if self.conditions else ""
        self.values.append(limit)
        return f"{select} {where} order by {order} limit ${len(self.values)}"
