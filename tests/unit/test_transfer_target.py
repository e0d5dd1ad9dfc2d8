"""What can stand on a client's list of those to whom calls may go."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from dialer.domain.errors import InvalidError
from dialer.domain.ids import ClientId
from dialer.domain.transfer import TargetKind
from dialer.domain.transfer_target import TransferTarget, check_target

DESK = TransferTarget(
    id=UUID(int=1),
    client=ClientId(UUID(int=2)),
    kind=TargetKind.DESK,
    name=" Loket Geldzaken ",
    number="079-000 00 51",
    hours=[[("09:00", "17:00")]] * 5 + [[], []],
)
INTERPRETER = replace(DESK, kind=TargetKind.INTERPRETER, languages=("ar", "tr"))
CRISIS = replace(DESK, kind=TargetKind.CRISIS, protocol="Blijf aan de lijn.\n")


def test_what_can_be_kept_is_kept_in_one_form() -> None:
    kept = check_target(DESK, demo=True)
    assert (kept.name, kept.number) == ("Loket Geldzaken", "+31790000051")
    assert check_target(INTERPRETER, demo=True).languages == ("ar", "tr")
    assert check_target(CRISIS, demo=True).protocol == "Blijf aan de lijn."


@pytest.mark.parametrize(
    ("target", "field"),
    [
        (replace(DESK, kind=TargetKind.COLLEAGUE), "kind"),
        (replace(DESK, name="  "), "name"),
        (replace(DESK, name="x" * 61), "name"),
        (replace(DESK, name="Loket\r\nAction: Originate"), "name"),
        (replace(DESK, number="112"), "number"),
        (replace(DESK, number="0900-1234"), "number"),
        (replace(DESK, number="+1 202 555 0100"), "number"),
        (replace(INTERPRETER, languages=("AR",)), "languages"),
        (replace(INTERPRETER, languages=("arabisch",)), "languages"),
        (replace(INTERPRETER, languages=("ar",) * 13), "languages"),
        (replace(DESK, languages=("ar",)), "languages"),
        (replace(DESK, protocol="Blijf aan de lijn."), "protocol"),
        (replace(CRISIS, protocol="x" * 2_001), "protocol"),
    ],
)
def test_anything_else_is_refused_at_its_field(target: TransferTarget, field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        check_target(target, demo=True)
    assert refused.value.field == field
