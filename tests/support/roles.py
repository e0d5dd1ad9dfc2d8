"""`docs/roles.md`, drawn from the code: who may do what. `python -m tests.support.roles` writes it anew."""

from __future__ import annotations

from collections.abc import Mapping

from dialer.services.access import OPERATIONS, PERMISSIONS, Open, Permission, Role
from tests.support.prometheus import ROOT

PAGE = ROOT / "docs" / "roles.md"
_HEAD = """# Who may do what

Drawn from `dialer/services/access.py` by `python -m tests.support.roles`. Each role is tried at each operation, and a
client's people at the objects of another client (`test_api_description`). A client's people and machines see their
client's rows only, an agent handles only the attempts that are his; the database holds to the first by itself
(`test_client_rights`).

"""


def page() -> str:
    """The whole page."""
    roles = list(Role)
    lines = [
        "| may | " + " | ".join(role.value for role in roles) + " | operations |",
        "| --- |" + " :-: |" * len(roles) + " --- |",
    ]
    of = _operations()
    for permission in Permission:
        marks = ["x" if permission in PERMISSIONS[role] else "" for role in roles]
        lines.append(f"| `{permission}` | " + " | ".join(marks) + f" | {', '.join(of.get(permission, []))} |")
    open_ = [f"- **{needed.value}**: {', '.join(of.get(needed, []))}" for needed in Open]
    return _HEAD + "\n".join(lines) + "\n\nWithout a role's word:\n\n" + "\n".join(open_) + "\n"


def _operations() -> Mapping[object, list[str]]:
    found: dict[object, list[str]] = {}
    for operation, needed in OPERATIONS.items():
        found.setdefault(needed, []).append(operation)
    return {needed: sorted(names) for needed, names in found.items()}


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
