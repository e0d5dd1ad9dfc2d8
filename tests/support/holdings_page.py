"""Draws docs/register.md from `dialer/domain/holdings.toml`: `python -m tests.support.holdings_page` writes it."""

from __future__ import annotations

from pathlib import Path

from dialer.domain.client_settings import in_force
from dialer.domain.holdings import holdings, register_lines
from dialer.services.register import as_markdown

PAGE = Path(__file__).parents[2] / "docs" / "register.md"

_HEAD = """\
# Register: what is held, why, how long

<!-- Made by `python -m tests.support.holdings_page` from dialer/domain/holdings.toml;
     tests/integration/test_docs_register.py fails when it is stale, or when a column of the schema is not classed. -->

For the register of processing (Art. 30 GDPR). Terms are the usual ones; `dialer privacy register --client SLUG` has
those of a client, in Dutch or English, also as CSV or spreadsheet. Columns that are about nobody are left out. Where
each stands, and who sees it: [privacy](privacy.md).

"""


def page() -> str:
    """The whole page."""
    return _HEAD + as_markdown(register_lines(holdings(), in_force({}), english=True), english=True)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
