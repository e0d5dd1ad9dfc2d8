"""A real SIP phone (baresip) that registers, answers by itself and sends sound, for tests."""

from __future__ import annotations

import asyncio
import contextlib
import math
import struct
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dialer.demo.asterisk_server import enter_root
from dialer.demo.processes import Processes, free_port, free_range

_CONFIG = """\
sip_listen 127.0.0.1:{sip_port}
audio_player aufile,{heard}
audio_source aufile,{voice}
audio_alert aufile,/dev/null
ausrc_srate 8000
call_local_timeout 120
call_max_calls 4
rtp_ports {rtp_low}-{rtp_high}
rtp_stats no
net_interface 127.0.0.1
module_path {modules}
module g711.so
module aufile.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control_port}
"""
_SAFE = """\
auplay_srate 8000
auplay_channels 1
sip_cafile {authority}
sip_verify_server yes
module srtp.so
"""


@dataclass(frozen=True, slots=True)
class Safe:
    """A phone that speaks TLS, and to whom it believes the certificate. `sound`: encrypts that too."""

    authority: Path
    sound: bool = True


class Softphone:
    """One registered phone; `stop` kills it as a crash would."""

    def __init__(
        self,
        name: str,
        secret: str,
        sip_port: int,
        folder: Path,
        root: Path,
        processes: Processes,
        *,
        safe: Safe | None = None,
    ) -> None:
        """`safe`: over TLS; it keeps what it hears then."""
        self.name = name
        self.heard = folder / name / "heard.wav"
        self._folder = folder / name
        self._root = root
        self._processes = processes
        self._folder.mkdir(parents=True, exist_ok=True)
        modules = next(root.glob("usr/lib/**/baresip/modules/g711.so"), None) or next(root.glob("usr/lib/**/g711.so"))
        voice = folder / "voice.wav"
        if not voice.exists():
            _write_tone(voice)
        low, high = free_range(20)
        self.rtp_ports = (low, high - 1)
        config = _CONFIG.format(
            heard=self.heard if safe else "/dev/null",
            sip_port=free_port(),
            rtp_low=low,
            rtp_high=high - 1,
            modules="/" + str(modules.parent.relative_to(root)),
            voice=voice,
            control_port=free_port(),
        )
        if safe:
            authority = self._folder / "authority.pem"
            authority.write_bytes(safe.authority.read_bytes())
            config += _SAFE.format(authority=authority)
        (self._folder / "config").write_text(config)
        over = "udp" if safe is None else "tls"
        encrypts = ";mediaenc=srtp-mand" if safe is not None and safe.sound else ""
        (self._folder / "accounts").write_text(
            f"<sip:{name}@127.0.0.1:{sip_port};transport={over}>;auth_user={name};auth_pass={secret};answermode=auto;"
            f"regint=60;audio_codecs=pcma,pcmu{encrypts}\n"
        )
        (self._folder / "contacts").write_text("")

    def start(self) -> None:
        command = ["/usr/bin/baresip", "-f", str(self._folder)]
        self._processes.start(f"phone-{self.name}", enter_root(self._root, (self._folder.parent,), command))

    def stop(self) -> None:
        self._processes.stop(f"phone-{self.name}", seconds=0.2)

    @property
    def log(self) -> str:
        return self._processes.log_of(f"phone-{self.name}").read_text(errors="replace")


async def registered(make: Callable[[], Softphone]) -> Softphone:
    """A phone that is registered. Another process may take the ports that were free: then once more, with others."""
    said = ""
    for _ in range(3):
        phone = make()
        await asyncio.to_thread(phone.start)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(20.0):
                while "200 OK" not in phone.log:  # noqa: ASYNC110 - a file has no event
                    await asyncio.sleep(0.02)
            return phone
        said += phone.log
        await asyncio.to_thread(phone.stop)
    raise AssertionError(f"no phone registers:\n{said}")


def _write_tone(path: Path, seconds: int = 300) -> None:
    """baresip plays its file once: long enough for any test."""
    second = b"".join(struct.pack("<h", round(6000 * math.sin(2 * math.pi * 440 * i / 8000))) for i in range(8000))
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(second * seconds)
