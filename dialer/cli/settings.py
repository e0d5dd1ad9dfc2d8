"""Settings as the commands read them."""

from __future__ import annotations

import argparse
import logging
import os

from dialer.cli.log_lines import JsonLines
from dialer.config import Settings, load_file


def settings_of(arguments: argparse.Namespace) -> Settings:
    """From `--config` (or `$DIALER_CONFIG`) and the environment. Raises SettingsError that names the key."""
    return load_file(os.environ, arguments.config or os.environ.get("DIALER_CONFIG"))


def start_logging(level: str, form: str = "text") -> None:
    """Structured lines on standard error: `time level logger words key=value ...`, or `json`, an object a line."""
    logging.basicConfig(
        level=level.upper(),
        format="%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S",
    )
    logging.Formatter.converter = __import__("time").gmtime
    if form == "json":
        for handler in logging.getLogger().handlers:
            handler.setFormatter(JsonLines())
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
