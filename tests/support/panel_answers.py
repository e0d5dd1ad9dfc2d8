"""What the pretended service behind the panel answers, operation by operation: a file for each subject."""

from __future__ import annotations

from collections.abc import Mapping

from tests.support import (
    panel_access,
    panel_answers_campaigns,
    panel_answers_desk,
    panel_answers_exchange,
    panel_answers_records,
    panel_answers_team,
)
from tests.support.panel_answer import Handler
from tests.support.sound import recording

ANSWERS: Mapping[str, Handler] = {
    **panel_access.ANSWERS,
    **panel_answers_desk.ANSWERS,
    **panel_answers_team.ANSWERS,
    **panel_answers_campaigns.ANSWERS,
    **panel_answers_exchange.ANSWERS,
    **panel_answers_records.ANSWERS,
}

FILES: Mapping[str, bytes] = {
    "downloadFollowUps": b"a;b\r\n",
    "downloadDdas": b"{}",
    "downloadDispatch": b"a;b\r\n1;2\r\n",
    "downloadRoster": b"inlognaam;naam;datum;van;tot;afwezig\r\n",
    "downloadExport": b"a;b\r\n1;2\r\n",
    "downloadReport": b"%PDF-1.4",
    "getImportTemplate": b"x",
    "playRecording": recording(),
}
