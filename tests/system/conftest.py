"""A telephone city for the whole session: the dialer's Asterisk and the town, with sounds, on loopback ports."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.city import TelephoneCity


@pytest.fixture(scope="session")
def telephone_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TelephoneCity]:
    """Both Asterisks up. Tests share it: use numbers, devices and channel ids of your own."""
    state = Path(os.environ.get("DIALER_STATE", Path(__file__).parents[2] / ".state"))
    city = TelephoneCity(tmp_path_factory.mktemp("city"), state)
    try:
        city.start()
        yield city
    finally:
        city.stop()
