"""Messages: the words, the files, and what happens when something is missing."""

from __future__ import annotations

import io
import re
import wave
from pathlib import Path

import pytest

from dialer.asterisk.sounds import KINDS, ClientVoice, SoundMaker, missing, playable, spoken_number, texts
from dialer.domain.errors import InvalidError

CLIENT = ClientVoice(folder="testgemeente", name="het Contactteam", number="+31790000001")
NEVER = re.compile(
    r"schuld|betal|reken|achterstand|incasso|deurwaarder|huur|energie|verzeker|bedrag|hulp", re.IGNORECASE
)


def sound(text: str, *, rate: int = 8000, seconds: float = 0.5) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(bytes([len(text) % 250, 0]) * int(rate * seconds))
    return out.getvalue()


class Voice:
    def __init__(self) -> None:
        self.said: list[str] = []
        self.converted = 0

    def speak(self, text: str) -> bytes:
        self.said.append(text)
        return sound(text)

    def convert(self, recording: bytes) -> bytes:
        self.converted += 1
        return sound("recorded", seconds=1.5)


def maker(root: Path, voice: Voice) -> SoundMaker:
    return SoundMaker(root, voice.speak, voice.convert)


def test_every_kind_has_words_without_open_fields() -> None:
    words = texts(CLIENT)
    assert set(words) == set(KINDS)
    assert not [text for text in words.values() if "{" in text]
    assert {"safe", "closed", "greeting", "sorry", "rescue", "callback-noted", "number-blocked"} <= set(KINDS)
    assert {f"position-{n}" for n in range(1, 11)} | {f"wait-{n}" for n in range(1, 11)} <= set(KINDS)
    assert words["wait-1"].endswith("1 minuut.")
    assert words["wait-2"].endswith("2 minuten.")


def test_nothing_tells_the_trade() -> None:
    for kind, text in texts(CLIENT).items():
        assert not NEVER.search(text), kind


def test_safe_message_names_caller_and_number_digit_by_digit() -> None:
    text = texts(CLIENT)["safe"]
    assert "het Contactteam" in text
    assert "0 7 9, 0 0 0, 0 0 0 1" in text


@pytest.mark.parametrize(
    ("number", "spoken"),
    [("+31790000001", "0 7 9, 0 0 0, 0 0 0 1"), ("+31600000012", "0 6, 0 0 0 0, 0 0 1 2")],
)
def test_spoken_number(number: str, spoken: str) -> None:
    assert spoken_number(number) == spoken


@pytest.mark.parametrize("number", ["0790000001", "+3179000000", "+32790000001", "+31790000001\n"])
def test_number_that_is_no_dutch_e164(number: str) -> None:
    with pytest.raises(InvalidError):
        spoken_number(number)


def test_own_wording_and_its_mistakes() -> None:
    own = ClientVoice(folder="a", name="Team", number="+31790000001", texts={"greeting": "Welkom bij {naam}."})
    assert texts(own)["greeting"] == "Welkom bij Team."
    with pytest.raises(InvalidError, match="schuld"):
        texts(ClientVoice(folder="a", name="Team", number="+31790000001", texts={"safe": "{schuld}"}))
    with pytest.raises(InvalidError, match="no such kind"):
        ClientVoice(folder="a", name="Team", number="+31790000001", texts={"nope": ""})
    for folder in ("default", "../x", "a/b", ""):
        with pytest.raises(InvalidError):
            ClientVoice(folder=folder, name="Team", number="+31790000001")


def test_made_once_and_again_only_what_changed(tmp_path: Path) -> None:
    voice = Voice()
    assert missing(tmp_path, CLIENT.folder) == list(KINDS)
    assert set(maker(tmp_path, voice).make(CLIENT)) == set(KINDS)
    assert missing(tmp_path, CLIENT.folder) == []
    assert maker(tmp_path, voice).make(CLIENT) == []
    other = ClientVoice(folder=CLIENT.folder, name="het Team", number=CLIENT.number)
    changed = maker(tmp_path, voice).make(other)
    assert "safe" in changed
    assert "position-3" not in changed


def test_words_that_clients_share_are_spoken_once(tmp_path: Path) -> None:
    voice = Voice()
    maker(tmp_path, voice).make(CLIENT)
    before = len(voice.said)
    maker(tmp_path, voice).make(ClientVoice(folder="other", name="Team", number="+31790000002"))
    assert not [text for text in voice.said[before:] if "nummer 3 in de rij" in text]
    assert missing(tmp_path, "other") == []


def test_a_broken_or_lost_file_is_missing_and_made_again(tmp_path: Path) -> None:
    voice = Voice()
    maker(tmp_path, voice).make(CLIENT)
    folder = tmp_path / CLIENT.folder
    (folder / "safe.wav").write_bytes(b"RIFF")
    (folder / "closed.wav").unlink()
    (folder / "sorry.wav").write_bytes(sound("x", rate=44100))
    (folder / "rescue.wav").write_bytes(sound("x", seconds=0.01))
    assert missing(tmp_path, CLIENT.folder) == ["closed", "rescue", "safe", "sorry"]
    assert sorted(maker(tmp_path, voice).make(CLIENT)) == ["closed", "rescue", "safe", "sorry"]
    assert missing(tmp_path, CLIENT.folder) == []


def test_a_recording_wins_and_its_removal_brings_the_voice_back(tmp_path: Path) -> None:
    voice, recordings = Voice(), tmp_path / "recordings"
    recordings.mkdir()
    (recordings / "safe.wav").write_bytes(sound("x", rate=44100))
    maker(tmp_path, voice).make(CLIENT, recordings)
    assert voice.converted == 1
    with wave.open(str(tmp_path / CLIENT.folder / "safe.wav")) as file:
        assert file.getnframes() == 12000
    assert maker(tmp_path, voice).make(CLIENT, recordings) == []
    (recordings / "safe.wav").unlink()
    assert maker(tmp_path, voice).make(CLIENT, recordings) == ["safe"]


def test_a_voice_that_fails_leaves_the_old_sound_and_no_half_file(tmp_path: Path) -> None:
    voice = Voice()
    maker(tmp_path, voice).make(CLIENT)

    def broken(text: str) -> bytes:
        raise RuntimeError("no voice")

    other = ClientVoice(folder=CLIENT.folder, name="het Team", number=CLIENT.number)
    with pytest.raises(RuntimeError):
        SoundMaker(tmp_path, broken, voice.convert).make(other)
    assert missing(tmp_path, CLIENT.folder) == []
    assert not list((tmp_path / CLIENT.folder).glob(".new-*"))
    assert "safe" in maker(tmp_path, voice).make(other)


def test_an_unreadable_manifest_means_make_all(tmp_path: Path) -> None:
    voice = Voice()
    maker(tmp_path, voice).make(CLIENT)
    (tmp_path / CLIENT.folder / "made-from.json").write_text("[1]")
    assert set(maker(tmp_path, voice).make(CLIENT)) == set(KINDS)


def test_default_sounds_name_no_client(tmp_path: Path) -> None:
    voice = Voice()
    made = maker(tmp_path, voice).make_default()
    assert set(made) == {"safe", "rescue", "listening", "back", "back-failed"}
    assert all(playable(tmp_path / "default" / f"{kind}.wav") for kind in made)
