"""A voice for the messages: espeak-ng and sox, from Asterisk's root file system or this machine."""

from __future__ import annotations

import io
import subprocess
import wave
from collections.abc import Callable, Sequence
from pathlib import Path

from dialer.demo.asterisk_server import enter_root
from dialer.demo.processes import StartError

_TELEPHONE = ["-r", "8000", "-c", "1", "-b", "16", "-e", "signed-integer", "-L", "-t", "raw", "-"]


def voice(root: Path | None) -> tuple[Callable[[str], bytes], Callable[[bytes], bytes]]:
    """`(speak, convert)` for `SoundMaker`. Both raise StartError when a program fails."""
    inside = _prefix(root)

    def convert(recording: bytes) -> bytes:
        # Through a pipe a WAV's length is not known beforehand: raw out of sox, and the header made here.
        samples = _run([*inside, "sox", "-V1", "--ignore-length", "-t", "wav", "-", *_TELEPHONE], recording)
        out = io.BytesIO()
        with wave.open(out, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(8000)
            sound.writeframes(samples)
        return out.getvalue()

    def speak(text: str) -> bytes:
        spoken = _run([*inside, "espeak-ng", "-v", "nl", "-s", "150", "-g", "4", "--stdin", "--stdout"], text.encode())
        return convert(spoken)

    return speak, convert


def _prefix(root: Path | None) -> list[str]:
    return enter_root(root, (), []) if root is not None else []


def _run(command: Sequence[str], given: bytes) -> bytes:
    try:
        done = subprocess.run(list(command), input=given, capture_output=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StartError(f"{command[-1]}: {error}") from error
    if done.returncode != 0 or not done.stdout:
        raise StartError(f"making a message failed: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout
