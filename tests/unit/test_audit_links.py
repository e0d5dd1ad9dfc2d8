"""The chain of the audit: what is done to it is found, by the reckoning alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dialer.domain.audit_chain import DIGEST_BYTES, Anchor, AuditLine, ChainCheck, ChainFault, covered, link

Lines = list[AuditLine]


def chain(*texts: str) -> Lines:
    lines: Lines = []
    for position, text in enumerate(texts, 1):
        before = lines[-1].digest if lines else b""
        lines.append(AuditLine(position=position, event=position + 100, digest=link(before, text), text=text))
    return lines


def faults(
    lines: Sequence[AuditLine], anchors: Sequence[Anchor] = (), unlinked: Sequence[int] = ()
) -> list[ChainFault]:
    check = ChainCheck()
    check.expect(anchors)
    for line in lines:
        check.take(line)
    return list(check.end(unlinked))


def test_a_whole_chain_passes_its_anchors() -> None:
    lines = chain("een", "twee", "drie")
    assert faults(lines, [Anchor(position=2, digest=lines[1].digest)]) == []
    assert len(lines[0].digest) == DIGEST_BYTES


def changed(lines: Lines) -> Lines:
    return [lines[0], replace(lines[1], text="anders"), lines[2]]


def emptied(lines: Lines) -> Lines:
    return [lines[0], replace(lines[1], text=None), lines[2]]


def taken_out(lines: Lines) -> Lines:
    return [lines[0], lines[2]]


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        (changed, ChainFault(kind="changed", position=2, event=102)),
        (emptied, ChainFault(kind="removed", position=2, event=102)),
        (taken_out, ChainFault(kind="removed", position=2)),
    ],
)
def test_what_is_done_to_a_line_is_found_where_it_was_done(harm: Callable[[Lines], Lines], found: ChainFault) -> None:
    assert faults(harm(chain("een", "twee", "drie"))) == [found]


def test_a_line_without_a_link_was_put_in() -> None:
    assert faults(chain("een"), unlinked=[7]) == [ChainFault(kind="inserted", position=0, event=7)]


def test_a_chain_made_anew_does_not_fit_its_anchor_and_a_short_one_does_not_reach_it() -> None:
    anchor = Anchor(position=2, digest=chain("een", "twee")[1].digest)
    assert faults(chain("een", "anders"), [anchor]) == [ChainFault(kind="anchor", position=2, event=102)]
    assert faults(chain("een"), [anchor]) == [ChainFault(kind="cut-off", position=2)]


def test_what_is_signed_and_what_is_covered_cannot_be_read_in_two_ways() -> None:
    assert Anchor(position=1, digest=b"x").signed == b"\0\0\0\0\0\0\0\1x"
    at = datetime(2026, 3, 2, 9, 0, 0, 5, tzinfo=UTC)
    one = covered(
        event=1, at=at, actor="a", action="b", subject_kind="c", subject="d", client="", purpose="", detail="{}"
    )
    other = covered(
        event=1, at=at, actor="ab", action="", subject_kind="c", subject="d", client="", purpose="", detail="{}"
    )
    assert one == "1:116:17724420000000051:a1:b1:c1:d0:0:2:{}"
    assert one != other
