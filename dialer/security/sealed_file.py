"""A file that only the holder of the master key can read, and in which every change shows, a missing end too.

`MAGIC | length of the head (4 bytes) | head | chunk | chunk ...`. The head is plain and authenticated by each chunk. A
chunk is AES-256-GCM of up to a mebibyte; its nonce holds its number and whether it is the last, so that chunks can be
neither swapped, repeated nor left out (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015). Each
file has a key of its own, derived from the master key and a random salt that the head begins with.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from dialer.services.ports.vault import SealError

MAGIC = b"dialer-sealed-1\n"
CHUNK = 1 << 20
_SALT = 16
_TAG = 16
_LENGTH = 4
_LONGEST_HEAD = 1 << 20


def seal(master: bytes, purpose: str, head: bytes, plain: Iterable[bytes], target: BinaryIO) -> None:
    """Write `plain`, in pieces of any size, behind `head`."""
    head = os.urandom(_SALT) + head
    aead = _aead(master, purpose, head)
    target.write(MAGIC + len(head).to_bytes(_LENGTH, "big") + head)
    waiting = bytearray()
    number = 0
    for piece in plain:
        waiting += piece
        while len(waiting) > CHUNK:  # the last one is kept back: it is marked
            target.write(aead.encrypt(_nonce(number, last=False), bytes(waiting[:CHUNK]), head))
            del waiting[:CHUNK]
            number += 1
    target.write(aead.encrypt(_nonce(number, last=True), bytes(waiting), head))


def head_of(source: BinaryIO) -> bytes:
    """The head, not authenticated yet. Raises SealError for another file."""
    return _head(source)[_SALT:]


def open_sealed(master: bytes, purpose: str, source: BinaryIO) -> Iterator[bytes]:
    """The content, in pieces. Raises SealError at the first that is not as it was written: what came before is not to
    be believed either, until the last has come."""
    head = _head(source)
    aead = _aead(master, purpose, head)
    number, piece = 0, source.read(CHUNK + _TAG)
    while True:
        following = source.read(CHUNK + _TAG)
        try:
            yield aead.decrypt(_nonce(number, last=not following), piece, head)
        except InvalidTag:
            raise SealError("the file was made with another master key, was changed, or its end is missing") from None
        if not following:
            return
        number, piece = number + 1, following


def _head(source: BinaryIO) -> bytes:
    if source.read(len(MAGIC)) != MAGIC:
        raise SealError("not a file of ours")
    length = int.from_bytes(source.read(_LENGTH), "big")
    head = source.read(length) if _SALT <= length <= _LONGEST_HEAD else b""
    if len(head) != length or length < _SALT:
        raise SealError("the beginning of the file is damaged")
    return head


def _aead(master: bytes, purpose: str, head: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, head[:_SALT], f"dialer file {purpose}".encode()).derive(master))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
