"""The town of residents: seeded moods, a voice, and people who ring back. All of it invented."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

_SPEECH = {
    "voicemail": "Hallo, dit is de voicemail. Ik kan nu niet opnemen. Spreek een bericht in na de toon.",
    "not-in-use": "Dit nummer is niet in gebruik.",
    "unreachable": "Het nummer dat u belt is op dit moment niet bereikbaar.",
    "talk/1": "Ja hallo, met mij. Waar gaat het over? Ja, dat klopt. Nee, dat wist ik niet.",
    "talk/2": "Goedendag. Een ogenblik, ik loop even naar een rustige plek. Ja, zegt u het maar.",
    "talk/3": "Dat is goed. Kunt u dat nog een keer uitleggen? Dank u wel. Ja, dat lijkt mij prima.",
}
_QUIET_SECONDS = 10


def make_town_sounds(folder: Path, speak: Callable[[str], bytes], convert: Callable[[bytes], bytes]) -> None:
    """What the town says, below `folder`; nothing is made twice."""
    del convert
    for name, text in _SPEECH.items():
        path = folder / f"{name}.wav"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(".new")
            part.write_bytes(speak(text))
            part.replace(path)
    quiet = folder / "quiet" / "quiet.sln"
    if not quiet.exists():
        quiet.parent.mkdir(parents=True, exist_ok=True)
        quiet.write_bytes(bytes(2 * 8000 * _QUIET_SECONDS))
