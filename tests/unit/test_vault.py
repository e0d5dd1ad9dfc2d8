"""Envelope encryption and keyed indexes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from dialer.domain.errors import InvalidError
from dialer.domain.ids import ClientId, DeliveryId
from dialer.security.master_key import ensure_master_key, parse_master_key, read_master_key
from dialer.security.secrets import MAX_PASSWORD, Argon2Passwords, RandomTokens
from dialer.security.vault import MasterVault, fingerprint
from dialer.services.ports.vault import ErasedError, SealError

CLIENT, OTHER_CLIENT = ClientId(UUID(int=1)), ClientId(UUID(int=2))
DELIVERY, OTHER_DELIVERY = DeliveryId(UUID(int=3)), DeliveryId(UUID(int=4))
ROW, OTHER_ROW = UUID(int=5), UUID(int=6)


@pytest.fixture
def vault() -> MasterVault:
    return MasterVault(bytes(range(32)))


def test_round_trip_and_nothing_else_opens_it(vault: MasterVault) -> None:
    wrapped_client = vault.new_client_key(CLIENT)
    wrapped = vault.new_delivery_key(CLIENT, wrapped_client, DELIVERY)
    sealer = vault.delivery(CLIENT, wrapped_client, DELIVERY, wrapped)
    box = sealer.seal("resident", ROW, b"Jansen")
    assert b"Jansen" not in box
    assert sealer.open("resident", ROW, box) == b"Jansen"
    assert sealer.seal("resident", ROW, b"Jansen") != box
    with pytest.raises(SealError):
        sealer.open("resident", OTHER_ROW, box)
    with pytest.raises(SealError):
        sealer.open("phone", ROW, box)
    with pytest.raises(SealError):
        sealer.open("resident", ROW, box[:-1])
    with pytest.raises(SealError):
        sealer.open("resident", ROW, b"\x02" + box[1:])
    with pytest.raises(SealError):
        sealer.open("resident", ROW, b"")
    second = vault.delivery(
        CLIENT, wrapped_client, OTHER_DELIVERY, vault.new_delivery_key(CLIENT, wrapped_client, OTHER_DELIVERY)
    )
    with pytest.raises(SealError):
        second.open("resident", ROW, box)


def test_wrapped_keys_cannot_be_moved(vault: MasterVault) -> None:
    wrapped_client = vault.new_client_key(CLIENT)
    wrapped = vault.new_delivery_key(CLIENT, wrapped_client, DELIVERY)
    with pytest.raises(SealError):
        vault.client(OTHER_CLIENT, wrapped_client)
    with pytest.raises(SealError):
        vault.delivery(CLIENT, wrapped_client, OTHER_DELIVERY, wrapped)
    with pytest.raises(SealError):
        vault.delivery(CLIENT, vault.new_client_key(CLIENT), DELIVERY, wrapped)
    with pytest.raises(SealError):
        MasterVault(bytes(32)).client(CLIENT, wrapped_client)


def test_a_destroyed_key_erases(vault: MasterVault) -> None:
    wrapped_client = vault.new_client_key(CLIENT)
    with pytest.raises(ErasedError):
        vault.delivery(CLIENT, wrapped_client, DELIVERY, None)


def test_opened_keys_are_kept_and_the_oldest_let_go(vault: MasterVault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dialer.security.vault._CACHED_KEYS", 1)
    first, second = vault.new_client_key(CLIENT), vault.new_client_key(OTHER_CLIENT)
    kept = vault.client(CLIENT, first)
    assert vault.client(CLIENT, first) is kept
    vault.client(OTHER_CLIENT, second)
    assert vault.client(CLIENT, first) is not kept


def test_keyed_indexes(vault: MasterVault) -> None:
    born = date(1970, 2, 1)
    key = vault.match_key("van der Berg", born, "2711 AB")
    assert key == vault.match_key("Van Der BERG", born, "2711ab") == vault.match_key("van-der Bérg", born, "2711AB")
    assert key != vault.match_key("van den Berg", born, "2711AB")
    assert key != vault.match_key("van der Berg", date(1970, 1, 2), "2711AB")
    assert key != vault.match_key("van der Berg", born, "2711AC")
    assert key != MasterVault(bytes(32)).match_key("van der Berg", born, "2711AB")
    assert vault.split_key(key, "A-1") not in (key, vault.split_key(key, "A-2"))
    assert len(vault.number_key("+31600000123")) == 32
    assert vault.number_key("+31600000123") != vault.number_key("+31600000124")


def test_master_key_length() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        MasterVault(b"short")


def test_fingerprint_tells_keys_apart() -> None:
    assert fingerprint(bytes(32)) == fingerprint(bytes(32)) != fingerprint(bytes(range(32)))
    assert len(fingerprint(bytes(32))) == 8


def test_master_key_is_made_once_with_mode_0600(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "master.key"
    key = ensure_master_key(path)
    assert len(key) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert ensure_master_key(path) == key == read_master_key(path)
    assert [entry.name for entry in path.parent.iterdir()] == ["master.key"]


def test_a_second_maker_takes_the_first_one_s_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "master.key"
    key = ensure_master_key(path)
    monkeypatch.setattr(Path, "exists", lambda self: False)  # both saw none
    assert ensure_master_key(path) == key
    assert len(list(tmp_path.iterdir())) == 1


def test_master_key_file_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    with pytest.raises(InvalidError, match="cannot be read"):
        read_master_key(path)
    path.write_text("00" * 32)
    path.chmod(0o640)
    with pytest.raises(InvalidError, match="chmod 600"):
        read_master_key(path)


@pytest.mark.parametrize("text", ["", "zz" * 32, "00" * 31, "AAAA", "é" * 64])
def test_master_key_text_refused_without_showing_it(text: str) -> None:
    with pytest.raises(InvalidError) as caught:
        parse_master_key(text)
    assert not text or text not in str(caught.value)


def test_master_key_text_forms() -> None:
    assert parse_master_key("00" * 32 + "\n") == bytes(32)
    assert parse_master_key("A" * 43 + "=") == bytes(32)


def test_passwords() -> None:
    passwords = Argon2Passwords(memory_kib=64, passes=1, lanes=1)
    encoded = passwords.hash("geheim")
    assert encoded.startswith("$argon2id$")
    assert passwords.verify(encoded, "geheim")
    assert not passwords.verify(encoded, "Geheim")
    assert not passwords.verify("not a hash", "geheim")
    assert not passwords.verify(encoded, "x" * (MAX_PASSWORD + 1))
    assert not passwords.needs_rehash(encoded)
    assert Argon2Passwords().needs_rehash(encoded)
    with pytest.raises(ValueError, match="too long"):
        passwords.hash("x" * (MAX_PASSWORD + 1))


def test_tokens() -> None:
    tokens = RandomTokens()
    token, stored = tokens.new()
    assert len(token) >= 43
    assert tokens.hash(token) == stored
    assert tokens.new()[0] != token
