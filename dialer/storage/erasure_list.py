"""The erasure list as a file: a line of JSON for each, ids only, never taken out."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from dialer.domain.errors import InvalidError, UnavailableError
from dialer.domain.ids import ClientId
from dialer.services.ports.residents import Erasure


class ErasureFile:
    """`ErasureList` at `path`. Keep it away from the database, and back it up with the master key."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, erasure: Erasure) -> None:
        """See ErasureList. One write of a whole line: several processes may add at once."""
        line = json.dumps(
            {
                "at": erasure.at.isoformat(),
                "kind": erasure.kind,
                "client": str(erasure.client),
                "subject": str(erasure.subject),
            }
        )
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                # What a crash left of a line before becomes a line of its own.
                os.write(descriptor, f"\n{line}\n".encode())
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise UnavailableError(f"the erasure list cannot be written: {error.strerror}") from error

    def all(self) -> Sequence[Erasure]:
        """See ErasureList."""
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise InvalidError(f"the erasure list cannot be read: {error.strerror}", "service.erasures") from None
        return [_read(number, line) for number, line in enumerate(lines, 1) if line]


def _read(number: int, line: str) -> Erasure:
    try:
        found = json.loads(line)
        if found["kind"] not in ("resident", "delivery", "expiry"):
            raise ValueError(found["kind"])
        return Erasure(
            at=datetime.fromisoformat(found["at"]),
            kind=found["kind"],
            client=ClientId(UUID(found["client"])),
            subject=UUID(found["subject"]),
        )
    except (ValueError, KeyError, TypeError):
        raise InvalidError(f"line {number} of the erasure list is none", "service.erasures") from None
