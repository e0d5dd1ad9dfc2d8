"""What holds for every report: sums add up, and what is hidden stays hidden."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.domain.reports.definitions import DEFINITIONS, NEWEST
from dialer.domain.reports.reach import Dimension, ReachTables, Row, Verdict, share_of, verdict
from dialer.domain.reports.suppress import FEWEST, PAIRS, PARTS, WHOLE, small, suppressed


@st.composite
def lines(draw: st.DrawFn) -> Mapping[str, int]:
    """Counts of one row, each a part of the one before."""
    size = st.integers(0, 30)
    reached_of = {name: draw(size) for name in PARTS}
    reached = sum(reached_of.values()) + draw(size)
    net = reached + draw(size)
    callable_ = net + draw(size)
    return {
        "delivered": callable_ + draw(size), "callable": callable_, "net": net, "reached": reached, **reached_of,
    }  # fmt: skip


@st.composite
def reports(draw: st.DrawFn) -> ReachTables:
    """Rows by delivery, and days that add up to the same reached."""
    rows = draw(st.lists(lines(), min_size=1, max_size=6))
    total = {name: sum(row[name] for row in rows) for name in rows[0]}
    days, left = [], total["reached"]
    while left:
        days.append(draw(st.integers(1, left)))
        left -= days[-1]
    return ReachTables(
        total=total,
        tables={
            Dimension.DELIVERY: [Row(key=str(n), counts=row) for n, row in enumerate(rows)],
            Dimension.DAY: [Row(key=str(n), counts={"reached": many}) for n, many in enumerate(days)],
        },
    )


@settings(deadline=None)
@given(reports())
def test_nothing_hidden_can_be_reckoned_from_what_is_shown(found: ReachTables) -> None:
    total, tables = suppressed(found)
    everything = [total, *(counts for rows in tables.values() for _, counts in rows)]
    for counts in everything:
        assert not any(small(count) for count in counts.values() if count is not None)
        for part, whole, _ in PAIRS:
            if counts.get(part) is not None and counts.get(whole) is not None:
                assert not small(counts[whole] - counts[part])  # type: ignore[operator]
        parts = [counts[part] for part in PARTS if part in counts]
        if parts and None not in parts and counts[WHOLE] is not None:
            assert not small(counts[WHOLE] - sum(parts))  # type: ignore[operator, arg-type]
    for dimension, rows in tables.items():
        truth = {row.key: row.counts for row in found.tables[dimension]}
        for measure in total:
            hidden = [truth[key][measure] for key, counts in rows if measure in counts and counts[measure] is None]
            if total[measure] is None:
                assert all(counts[measure] is None for _, counts in rows if measure in counts)
            elif hidden:  # the total less what is shown tells their sum
                assert len(hidden) >= 2
                assert sum(hidden) >= FEWEST


@settings(deadline=None)
@given(reports())
def test_what_is_shown_is_the_truth_and_much_is_shown(found: ReachTables) -> None:
    total, tables = suppressed(found)
    assert all(count is None or count == found.total[measure] for measure, count in total.items())
    for dimension, rows in tables.items():
        assert [key for key, _ in rows] == [row.key for row in found.tables[dimension]]
        for row, (_, counts) in zip(found.tables[dimension], rows, strict=True):
            assert all(count is None or count == row.counts[measure] for measure, count in counts.items())
    large = ReachTables(total=dict.fromkeys(found.total, 0), tables={})
    assert suppressed(large) == (large.total, {})


@given(st.floats(0, 1), st.floats(1, 50), st.floats(0, 1))
def test_a_verdict_is_about_points(promised: float, band: float, expected: float) -> None:
    said = verdict(promised, band, expected)
    off = 100 * (expected - promised)
    if abs(abs(off) - band) > 1e-6:
        wanted = Verdict.BELOW if off < -band else Verdict.ABOVE if off > band else Verdict.AS_AGREED
        assert said is wanted
    assert verdict(None, band, expected) is verdict(promised, band, None) is Verdict.UNKNOWN


def test_shares_are_shares_or_nothing() -> None:
    reach = DEFINITIONS[NEWEST].shares[0]
    assert share_of(reach, {"reached": 3, "callable": 6}) == 0.5
    assert share_of(reach, {"reached": 0, "callable": 0}) is None
    assert share_of(reach, {"reached": None, "callable": 6}) is None
    assert share_of(reach, {"reached": 3, "callable": None}) is None


def test_definitions_name_each_other() -> None:
    for version, found in DEFINITIONS.items():
        keys = [measure.key for measure in found.measures]
        assert found.version == version
        assert len(set(keys)) == len(keys)
        assert all(share.numerator in keys and share.denominator in keys for share in found.shares)
        for words in (*(measure.means for measure in found.measures), *(one.label for one in found.measures)):
            assert all(words)
