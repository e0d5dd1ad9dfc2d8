"""A line of JSON for each log record, for whoever collects logs."""

from __future__ import annotations

import json
import logging
import re
import time

_FIELD = re.compile(r"(?:^|\s)([a-z][a-z_]*)=(\S*)")


class JsonLines(logging.Formatter):
    """`{"time", "level", "logger", "message", "fields", "trace"}`; the last two where there are any.

    Our messages are words and then `key=value`: `fields` has these by name, as text. A line is a line: what breaks
    lines in a message is written as JSON writes it.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One record."""
        message = record.getMessage()
        seconds, milliseconds = int(record.created), int(record.msecs)
        line: dict[str, object] = {
            "time": f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{milliseconds:03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message,
        }
        if fields := dict(_FIELD.findall(message)):
            line["fields"] = fields
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
