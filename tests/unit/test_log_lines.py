"""Logs as JSON: one object a line, whatever is in a message."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys

import pytest

from dialer.cli.log_lines import JsonLines
from dialer.config import SettingsError, load

LEAST = {"DIALER_DATABASE_DSN": "postgresql:///x", "DIALER_KEYS_MASTER": "x", "DIALER_ASTERISK_SECRET": "x"}


def written(message: str, *args: object, error: BaseException | None = None) -> dict[str, object]:
    info = None if error is None else (type(error), error, error.__traceback__)
    record = logging.LogRecord("dialer.services.centre", logging.WARNING, __file__, 1, message, args, info)
    record.created, record.msecs = 1_764_489_600.25, 250.0
    line = JsonLines().format(record)
    assert "\n" not in line
    found: dict[str, object] = json.loads(line)
    return found


def test_words_and_fields() -> None:
    assert written("call is gone attempt=%s state=%s", "01a2", "joined") == {
        "time": "2025-11-30T08:00:00.250Z",
        "level": "warning",
        "logger": "dialer.services.centre",
        "message": "call is gone attempt=01a2 state=joined",
        "fields": {"attempt": "01a2", "state": "joined"},
    }
    assert "fields" not in written("our turn")


def test_a_message_with_line_breaks_is_one_line() -> None:
    assert written('half\nand "half"')["message"] == 'half\nand "half"'


def test_an_exception_has_its_trace() -> None:
    try:
        raise ValueError("so")
    except ValueError as error:
        found = written("service failed", error=error)
    assert str(found["trace"]).endswith("ValueError: so")


def test_only_known_forms_are_taken() -> None:
    assert load({**LEAST, "DIALER_SERVICE_LOG_FORMAT": "json"}).service.log_format == "json"
    with pytest.raises(SettingsError, match="one of: text, json"):
        load({**LEAST, "DIALER_SERVICE_LOG_FORMAT": "xml"})


def test_every_line_of_the_process_is_json() -> None:
    script = (
        "import logging\nfrom dialer.cli.settings import start_logging\nstart_logging('info', 'json')\n"
        "logging.getLogger('x').info('up port=%d', 80)\nlogging.getLogger('y').error('bad\\nline')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={**os.environ}
    )
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(line["level"], line["message"]) for line in lines] == [("info", "up port=80"), ("error", "bad\nline")]
