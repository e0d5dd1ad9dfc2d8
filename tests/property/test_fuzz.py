"""Rubbish at the three doors that strangers write to: Asterisk's line, and files. No exception, no hang, no growth.

What once broke something stays: `@example`, or a file in `tests/corpus`. `make nightly` looks a hundred times longer.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import itertools
import random
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dialer.asterisk.config.files import EVENTS
from dialer.asterisk.link import Headers, _Protocol
from dialer.asterisk.translate import Translator
from dialer.demo.people import HEADER
from dialer.intake.child import read
from dialer.intake.limits import Limits
from dialer.services.ports.intake import FileRefusedError, ReadOrder

CAPTURES = Path(__file__).parents[1] / "replay" / "captures"
CORPUS = Path(__file__).parents[1] / "corpus"
SHORT, LONG = 150, 15_000
LIMITS = Limits()


class Wire:
    """A connection that goes nowhere."""

    def __init__(self) -> None:
        self.aborted = False

    def abort(self) -> None:
        self.aborted = True

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def write(self, data: bytes) -> None: ...


def heard(data: bytes, cuts: list[int]) -> tuple[list[dict[str, str]], int]:
    """What the protocol tells of these bytes, however they are cut; and what is kept of them."""

    async def run() -> tuple[list[dict[str, str]], int]:
        told: list[dict[str, str]] = []
        protocol = _Protocol(lambda headers: told.append(dict(headers)), lambda: None)
        protocol.transport = Wire()
        protocol.factory = None
        places = sorted({cut % (len(data) + 1) for cut in cuts} | {0, len(data)})
        for begin, end in itertools.pairwise(places):
            protocol.data_received(data[begin:end])
        for _ in range(50):  # what was left for later
            await asyncio.sleep(0)
        return told, len(protocol._buffer)

    return asyncio.run(run())


def blocks() -> list[bytes]:
    """Messages of a real Asterisk."""
    texts = [path.read_bytes().replace(b"\r\n", b"\n") for path in sorted(CAPTURES.glob("*.ami"))]
    return [block.replace(b"\n", b"\r\n") for text in texts for block in text.split(b"\n\n") if block.strip()]


REAL = blocks()
PIECES = st.one_of(
    st.sampled_from(REAL),
    st.binary(max_size=200),
    st.sampled_from(
        [b"Event: ", b"Response: Success\r\nActionID: x", b"Response: Error", b"Event: UserEvent\r\nUserEvent: LegIdle",
         b"\r\n", b"\r", b"\n\n", b": ", b"Event: Hangup\r\nCause: \xff\xff", b"\x00" * 50,
         b"Event: Newstate\r\nUniqueid: "]
    ),
)  # fmt: skip


def ami(examples: int) -> Callable[[], None]:
    @settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @example([b"\r\n\r\n\r\n", b"Event: "], [1])
    @example([b"Response: to nobody\r\nEvent: DBGetTree\r\nEvent: again"], [])  # found by atheris
    @given(st.lists(PIECES, max_size=12), st.lists(st.integers(0, 4000), max_size=8))
    def run(pieces: list[bytes], cuts: list[int]) -> None:
        data = b"Asterisk Call Manager/11.0.0\r\n" + b"".join(piece + b"\r\n\r\n" for piece in pieces)
        whole, kept = heard(data, [])
        assert (whole, kept) == heard(data, cuts), "where the network cuts means nothing"
        assert kept <= len(data)
        translator = Translator()
        for headers in whole:
            for event in translator.feed(headers, 0.0):
                assert type(event).__module__.startswith("dialer.services.ports")

    return run


def events(examples: int) -> Callable[[], None]:
    keys = st.sampled_from(sorted({line.split(b": ")[0].decode() for block in REAL for line in block.split(b"\r\n")}))
    names = st.sampled_from([*EVENTS, "Newexten"])
    values = st.one_of(
        st.text(max_size=40), st.sampled_from(["", "nan", "inf", "-1", "1e400", "0x10", "leg.x.1", "in-", "\u0000"])
    )

    @settings(max_examples=examples, deadline=None)
    @example([("BridgeEnter", {"AccountCode": "in-"})])  # of a bridge without a name
    @given(st.lists(st.tuples(names, st.dictionaries(keys, values, max_size=9)), max_size=12))
    def run(told: list[tuple[str, dict[str, str]]]) -> None:
        translator = Translator()
        for name, headers in told:
            sent: Headers = {**headers, "Event": name}
            translator.feed(sent, 1.0)
        assert len(translator._kinds) <= len(told), "one event makes at most one thing to remember"

    return run


def spoiled(lot: random.Random) -> bytes:
    """A list of ours, or what somebody may take for one."""
    lines = [";".join(HEADER)] + [";".join(lot.choice(CELLS) for _ in HEADER) for _ in range(lot.randrange(1, 8))]
    encoding = lot.choice(["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
    data = bytearray(lot.choice(["\n", "\r\n", "\r"]).join(lines).encode(encoding, "replace"))
    if lot.random() < 0.4:
        data = bytearray(workbook(lot))
    for _ in range(lot.choice([0, 0, 0, 1, 3, 30])):
        if data:
            place = lot.randrange(len(data))
            kind = lot.randrange(3)
            if kind == 0:
                data[place] = lot.randrange(256)
            elif kind == 1:
                del data[place : place + lot.randrange(1, 40)]
            else:
                data[place:place] = lot.choice([b'"', b";", b"\x00", b"\xff\xfe", b"\r\n", b"=cmd|", b"9" * 400])
    return bytes(data)


CELLS = (
    "", "Jansen", "+31612345678", "06-12345678", "1980-02-30", "01-13-1980", "1.234,56", "1e309", "-0", "NaN", "2718AB",
    '"', '""', "a;b", "=1+1", "@SUM(A1)", "\u202eabc", "\x0b", "9" * 500, "31-12-9999", "0000-00-00", "é" * 30,
)  # fmt: skip


def workbook(lot: random.Random) -> bytes:
    """An XLSX by hand, its parts sometimes wrong."""
    odd = lot.choice(["", "&#0;", "&big;", "<c/>", "<row r='0'/>", "<c r='ZZZZ99999999'><v>1</v></c>", "<v>1e999</v>"])
    cells = "".join(
        f"<c r='{chr(65 + place % 26)}2' t='{lot.choice(['s', 'inlineStr', 'n', 'b', 'e', 'd', ''])}'>"
        f"<v>{lot.choice(['0', '1', '-1', '45000.5', '99999999999', 'x', ''])}</v></c>"
        for place in range(lot.randrange(10))
    )
    titles = "".join(
        f"<c r='{chr(65 + place)}1' t='inlineStr'><is><t>{title}</t></is></c>"
        for place, title in enumerate(HEADER[:26])
    )
    titles = f"<row r='1'>{titles}</row>" if lot.random() < 0.9 else ""
    parts = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": "<workbook><sheets><sheet name='a' r:id='rId1' xmlns:r='r'/></sheets></workbook>",
        "xl/_rels/workbook.xml.rels": (
            "<Relationships><Relationship Id='rId1' Target='worksheets/sheet1.xml'/></Relationships>"
        ),
        "xl/sharedStrings.xml": f"<sst><si><t>{lot.choice(CELLS[1:6])}</t></si></sst>",
        "xl/styles.xml": "<styleSheet><cellXfs><xf numFmtId='14'/></cellXfs></styleSheet>",
        "xl/worksheets/sheet1.xml": (
            f"<worksheet><sheetData>{titles}<row r='2'>{cells}{odd}</row></sheetData></worksheet>"
        ),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", lot.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as archive:
        for name, text in parts.items():
            if lot.random() > 0.05:
                archive.writestr(name, text)
    return out.getvalue()


def take(path: Path, kind: str) -> int:
    """Read as the child does, which rows came of it; a refusal is an answer."""
    order = ReadOrder(path=path, kind=kind, columns=None, today=date(2026, 6, 1), demo=False)
    rows = 0
    with contextlib.suppress(FileRefusedError):
        for part in read(order, LIMITS):
            rows += len(part) if isinstance(part, list) else 0
    return rows


def files(folder: Path, seeds: range) -> None:
    path, read_at_all = folder / "list", 0
    for seed in seeds:
        path.write_bytes(spoiled(random.Random(seed)))
        try:
            read_at_all += sum(take(path, kind) for kind in ("list", "numbers", "visits")) > 0
        except Exception as error:
            raise AssertionError(f"seed {seed}: keep the file as tests/corpus/file-{seed}") from error
    assert read_at_all > len(seeds) / 5, "rubbish that is refused at the door tries nothing behind it"


def test_the_line_to_asterisk() -> None:
    ami(SHORT)()


def test_what_asterisk_tells() -> None:
    events(SHORT)()


def test_lists(tmp_path: Path) -> None:
    files(tmp_path, range(300))


def test_lists_that_once_broke_something() -> None:
    for path in sorted(CORPUS.glob("file-*")):
        for kind in ("list", "numbers", "visits"):
            take(path, kind)


@pytest.mark.nightly
def test_all_of_it_for_long(tmp_path: Path) -> None:
    ami(LONG)()
    events(LONG)()
    files(tmp_path, range(1000, 40_000))
