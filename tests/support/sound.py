"""A-law sound of recordings as numbers from -1 to 1."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from math import pi, sin

from dialer.domain.recording import RATE, stereo, wav_header


def alaw(byte: int) -> float:
    """One sample (ITU-T G.711)."""
    byte ^= 0x55
    exponent, mantissa = (byte & 0x70) >> 4, byte & 0x0F
    value = (mantissa << 4) + 8 if exponent == 0 else ((mantissa << 4) + 0x108) << (exponent - 1)
    return (value if byte & 0x80 else -value) / 32768


_TABLE = [alaw(byte) for byte in range(256)]


def tone(hertz: int, seconds: float) -> bytes:
    """A-law of one tone."""
    wanted = (0.4 * sin(2 * pi * hertz * at / RATE) for at in range(round(RATE * seconds)))
    return bytes(min(range(256), key=lambda byte: abs(_TABLE[byte] - one)) for one in wanted)


def recording(seconds: float = 2.0) -> bytes:
    """A WAV file as the service plays it: one tone from each side."""
    sound = stereo([(tone(600, 0.1) * round(seconds * 10), tone(440, 0.1) * round(seconds * 10))])
    return wav_header(len(sound)) + sound


def from_wav(content: bytes) -> tuple[list[float], list[float]]:
    """Left and right of a WAV file of ours, its head checked field by field."""
    assert (content[:4], content[8:12], content[12:16]) == (b"RIFF", b"WAVE", b"fmt ")
    assert struct.unpack("<I", content[4:8])[0] == len(content) - 8
    form, channels, rate, a_second, align, bits = struct.unpack("<HHIIHH", content[20:36])
    assert (form, channels, rate, a_second, align, bits) == (6, 2, 8000, 16_000, 2, 8)
    at = content.index(b"data")
    size = struct.unpack("<I", content[at + 4 : at + 8])[0]
    sound: Sequence[int] = content[at + 8 :]
    assert len(sound) == size
    return [_TABLE[one] for one in sound[0::2]], [_TABLE[one] for one in sound[1::2]]
