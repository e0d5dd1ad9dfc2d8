"""Sealing, for any content."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.domain.ids import ClientId
from dialer.security.vault import MasterVault
from dialer.services.ports.vault import SealError

VAULT, STRANGER = MasterVault(bytes(range(32))), MasterVault(bytes(range(1, 33)))
CLIENT = ClientId(UUID(int=1))
SEALER = VAULT.client(CLIENT, VAULT.new_client_key(CLIENT))
OTHER = STRANGER.client(CLIENT, STRANGER.new_client_key(CLIENT))
KINDS = st.sampled_from(["resident", "phone", "signal", "note"])
IDS = st.integers(0, 2**128 - 1).map(lambda value: UUID(int=value))


@given(KINDS, IDS, st.binary(max_size=300))
def test_round_trip(kind: str, subject: UUID, plain: bytes) -> None:
    assert SEALER.open(kind, subject, SEALER.seal(kind, subject, plain)) == plain


@given(KINDS, IDS, KINDS, IDS, st.binary(max_size=50))
def test_opens_nowhere_else(kind: str, subject: UUID, kind_2: str, subject_2: UUID, plain: bytes) -> None:
    box = SEALER.seal(kind, subject, plain)
    with pytest.raises(SealError):
        OTHER.open(kind, subject, box)
    if (kind, subject) != (kind_2, subject_2):
        with pytest.raises(SealError):
            SEALER.open(kind_2, subject_2, box)


@given(st.binary(min_size=1, max_size=50), st.data())
def test_any_changed_bit_is_noticed(plain: bytes, data: st.DataObject) -> None:
    subject = UUID(int=9)
    box = bytearray(SEALER.seal("note", subject, plain))
    place = data.draw(st.integers(0, len(box) - 1))
    box[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(SealError):
        SEALER.open("note", subject, bytes(box))
