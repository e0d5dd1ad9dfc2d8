"""Messages: from text per client to the sound files that the dialplan plays, replaceable by recordings.

A client's folder below the sounds root is named by its slug; `default` holds what is played when a client's file is
missing. Files are mono WAV, 8,000 samples a second, 16 bits. A manifest beside them tells what each was made from, so
making them again does only what changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import tomllib
import wave
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from dialer.asterisk.config.settings import check_word
from dialer.domain.contract_end import AFTER_CARE
from dialer.domain.errors import InvalidError
from dialer.domain.overflow import sounds_folder

DEFAULT = "default"
_FIELD = re.compile(r"\{([a-z]+)\}")
_MANIFEST = "made-from.json"
_E164 = re.compile(r"\+31([0-9]{9})\Z")

Speak = Callable[[str], bytes]
"""Text in, WAV bytes out (8 kHz, mono, 16 bits)."""
Convert = Callable[[bytes], bytes]
"""Any recording in, WAV bytes out (8 kHz, mono, 16 bits)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientVoice:
    """What a client's messages say. `texts` replaces the standard wording by kind."""

    folder: str  # the client's slug
    name: str  # neutral: never tells the trade
    number: str  # E.164
    texts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_word(self.folder, "sounds folder")
        if self.folder == DEFAULT:
            raise InvalidError("sounds folder: this name is taken", "sounds folder")
        unknown = set(self.texts) - set(KINDS) - set(_OVERFLOW)
        if unknown:
            raise InvalidError(f"messages: no such kind: {', '.join(sorted(unknown))}", "texts")


def after_care(slug: str, name: str, number: str, municipality: str) -> ClientVoice:
    """What callers hear of a client whose contract is over: the same words, whatever they press."""
    words = _AFTER_CARE["closed"].replace("{gemeente}", municipality)
    told = dict.fromkeys(("closed", "sorry", "callback-noted", "number-blocked", "no-number"), words)
    return ClientVoice(folder=f"{slug}{AFTER_CARE}", name=name, number=number, texts=told)


def overflow(slug: str, number: str, team: str) -> ClientVoice:
    """What callers hear on the line of another team's queue: that team's name, and how the call goes back."""
    told = {kind: words.replace("{naam}", team) for kind, words in _OVERFLOW.items()}
    return ClientVoice(folder=sounds_folder(slug, number), name=team, number=number, texts=told)


def _standard() -> tuple[Mapping[str, str], Mapping[str, str], str, Mapping[str, str], Mapping[str, str]]:
    text = resources.files("dialer.asterisk").joinpath("messages_nl.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    client: dict[str, str] = {key: value for key, value in data["client"].items() if isinstance(value, str)}
    for kind, words in data["client"]["counted"].items():
        for number in range(1, 11):
            client.setdefault(f"{kind}-{number}", words.replace("{n}", str(number)))
    return client, data["default"], data["hours"], data["after_care"], data["overflow"]


_CLIENT, _FALLBACK, HOURS, _AFTER_CARE, _OVERFLOW = _standard()

KINDS: Sequence[str] = tuple(sorted(_CLIENT))
"""Every sound a client's folder must hold before a campaign may start."""

OVERFLOW_KINDS: Sequence[str] = ("greeting", "queue-wait", *sorted(_OVERFLOW))
"""What the folder of another team's line must hold."""


def spoken_number(number: str) -> str:
    """A Dutch E.164 number as it is said: digit by digit, in the groups people know. Raises InvalidError."""
    match = _E164.match(number)
    if not match:
        raise InvalidError("number: a Dutch number in E.164 is needed", "number")
    digits = "0" + match[1]
    groups = [digits[:2], digits[2:6], digits[6:]] if digits[1] == "6" else [digits[:3], digits[3:6], digits[6:]]
    return ", ".join(" ".join(group) for group in groups)


def texts(client: ClientVoice) -> Mapping[str, str]:
    """The words of every kind for `client`. Raises InvalidError when a text has a field nobody fills."""
    fields = {"naam": client.name, "nummer": spoken_number(client.number), "uren": HOURS}
    own = {kind: words for kind, words in client.texts.items() if kind in _OVERFLOW}
    return {kind: _fill(client.texts.get(kind, words), fields, kind) for kind, words in {**_CLIENT, **own}.items()}


def _fill(words: str, fields: Mapping[str, str], kind: str) -> str:
    unknown = set(_FIELD.findall(words)) - set(fields)
    if unknown:
        raise InvalidError(f"message {kind}: unknown field {', '.join(sorted(unknown))}", kind)
    return _FIELD.sub(lambda match: fields[match[1]], words)


def missing(root: Path, folder: str, kinds: Sequence[str] = KINDS) -> Sequence[str]:
    """Kinds without a playable file in the client's folder: a campaign may start only when there is none."""
    check_word(folder, "sounds folder")
    return [kind for kind in kinds if not playable(root / folder / f"{kind}.wav")]


def playable(path: Path) -> bool:
    """True for a WAV of at least a tenth of a second in the format Asterisk plays."""
    try:
        with wave.open(str(path), "rb") as sound:
            format_ = (sound.getframerate(), sound.getnchannels(), sound.getsampwidth())
            return format_ == (8000, 1, 2) and sound.getnframes() >= 800
    except (OSError, EOFError, wave.Error):
        return False


class SoundMaker:
    """Makes the sound files below `root`; safe to run again, and while Asterisk plays them."""

    def __init__(self, root: Path, speak: Speak, convert: Convert, *, workers: int = 2) -> None:
        self._root = root
        self._speak = speak
        self._convert = convert
        self._workers = workers

    def make(self, client: ClientVoice, recordings: Path | None = None) -> Sequence[str]:
        """Bring the client's folder up to date; a WAV in `recordings` wins. Returns the kinds that were made."""
        return self._bring_up_to_date(client.folder, texts(client), recordings)

    def make_default(self) -> Sequence[str]:
        """The sounds that stand in for missing ones."""
        return self._bring_up_to_date(DEFAULT, _FALLBACK, None)

    def _bring_up_to_date(self, folder: str, words: Mapping[str, str], recordings: Path | None) -> Sequence[str]:
        target = self._root / folder
        target.mkdir(parents=True, exist_ok=True)
        manifest = _read_manifest(target / _MANIFEST)
        sources = {kind: _source(kind, text, recordings) for kind, text in words.items()}
        due = [
            kind
            for kind, (digest, _) in sources.items()
            if manifest.get(kind) != digest or not playable(target / f"{kind}.wav")
        ]

        def one(kind: str) -> None:
            _, recorded = sources[kind]
            sound = self._convert(recorded.read_bytes()) if recorded is not None else self._spoken(words[kind])
            _replace(target / f"{kind}.wav", sound)

        with ThreadPoolExecutor(self._workers) as pool:
            list(pool.map(one, due))
        # Written last: whatever dies before this line, the next run makes the same files again.
        _replace(target / _MANIFEST, json.dumps({kind: digest for kind, (digest, _) in sources.items()}).encode())
        return due

    def _spoken(self, text: str) -> bytes:
        """Most words are the same for all clients: each text is spoken once and kept."""
        kept = self._root / ".spoken" / f"{_digest(text)}.wav"
        if playable(kept):
            return kept.read_bytes()
        sound = self._speak(text)
        kept.parent.mkdir(parents=True, exist_ok=True)
        _replace(kept, sound)
        return sound


def _source(kind: str, text: str, recordings: Path | None) -> tuple[str, Path | None]:
    recorded = recordings / f"{kind}.wav" if recordings is not None else None
    if recorded is not None and recorded.is_file():
        return "recording:" + hashlib.sha256(recorded.read_bytes()).hexdigest(), recorded
    return "text:" + _digest(text), None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _read_manifest(path: Path) -> Mapping[str, str]:
    try:
        return {str(key): str(value) for key, value in json.loads(path.read_text()).items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _replace(path: Path, content: bytes) -> None:
    """Write beside, then rename: Asterisk never opens half a file."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
