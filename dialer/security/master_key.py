"""Where the master key comes from: a file of mode 0600 or a value from the environment, 64 hex digits or base64."""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import stat
from pathlib import Path

from dialer.domain.errors import InvalidError
from dialer.security.vault import KEY_BYTES


def parse_master_key(text: str, field: str = "master_key") -> bytes:
    """The key from its text form: 64 hex digits, or base64 of 32 bytes. Raises InvalidError, never with the text."""
    stripped = text.strip()
    try:
        key = bytes.fromhex(stripped) if len(stripped) == KEY_BYTES * 2 else base64.b64decode(stripped, validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != KEY_BYTES:
        raise InvalidError("the master key must be 64 hex digits, or base64 of 32 bytes", field)
    return key


def read_master_key(path: Path, field: str = "master_key_file") -> bytes:
    """Read the key file. Raises InvalidError when it is missing, malformed, or readable by others."""
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise InvalidError(f"the master key file cannot be read ({error.strerror})", field) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InvalidError("the master key file is open to others: chmod 600 it", field)
    return parse_master_key(text, field)


def ensure_master_key(path: Path) -> bytes:
    """Read the key file, or make one of mode 0600 with a fresh key when there is none.

    Made beside its place and linked there: two processes that start at once end up with one key, and a crash in
    between leaves no half-written key that would lock the data away.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(os.urandom(KEY_BYTES).hex() + "\n")
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):  # somebody was first: theirs counts
                os.link(draft, path)
        finally:
            draft.unlink()
    return read_master_key(path)
