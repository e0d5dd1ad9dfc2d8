"""A resident who is a SIP phone of his own (baresip): answers by itself, rings, sends one tone, keeps what he hears."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import wave
from collections.abc import Awaitable, Callable
from math import pi, sin
from pathlib import Path

from dialer.demo.asterisk_server import enter_root
from dialer.demo.processes import Processes, free_port, free_range

_CONFIG = """\
sip_listen 127.0.0.1:{sip_port}
net_interface 127.0.0.1
audio_source ausine,{tone}
audio_player aufile,{heard}
audio_alert aufile,/dev/null
ausrc_srate 48000
ausrc_channels 1
auplay_srate 8000
auplay_channels 1
call_local_timeout 120
rtp_ports {rtp_low}-{rtp_high}
rtp_stats no
module_path {modules}
module g711.so
module ausine.so
module aufile.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control_port}
"""


_KEY = re.compile(r'"type":"CALL_DTMF_START".{0,400}?"param":"(.)"')


class SipPeer:
    """Listens on `port`; whoever calls any number there is answered."""

    def __init__(self, port: int, folder: Path, root: Path, processes: Processes, *, tone: int) -> None:
        """`tone`: what it sends, in Hz."""
        self.port = port
        self.tone = tone
        self._folder = folder.absolute()
        self._root = root
        self._processes = processes
        self._control = 0

    @property
    def heard(self) -> Path:
        """What it heard in its last call."""
        return self._folder / "heard.wav"

    def start(self) -> None:
        modules = next(iter(sorted(self._root.glob("usr/lib/**/baresip/modules"))))
        low, high = free_range(20)
        self._control = free_port()
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        config = _CONFIG.format(
            sip_port=self.port,
            tone=self.tone,
            heard=self.heard,
            rtp_low=low,
            rtp_high=high - 1,
            modules="/" + str(modules.relative_to(self._root)),
            control_port=self._control,
        )
        account = "<sip:resident@127.0.0.1>;regint=0;answermode=auto;audio_codecs=pcma;catchall=yes\n"
        for file, text in (("config", config), ("accounts", account), ("contacts", "")):
            (self._folder / file).write_text(text)
        command = enter_root(self._root, (self._folder,), ["/usr/bin/baresip", "-f", str(self._folder)])
        self._processes.start("resident", command, ready=self._listens)

    def stop(self) -> None:
        self._processes.stop("resident", seconds=0.2)

    async def command(self, name: str, params: str = "") -> None:
        """One command of baresip's menu, as `dial` or `hangup`."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._control)
        text = json.dumps({"command": name, "params": params, "token": "1"})
        writer.write(f"{len(text)}:{text},".encode())
        await writer.drain()
        async with asyncio.timeout(30):
            await reader.readuntil(b",")
        writer.close()

    async def key_after(self, press: Callable[[], Awaitable[None]], within: float = 30.0) -> str:
        """The key that arrives (RFC 4733) after `press`."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._control)
        try:
            await press()
            seen = ""
            async with asyncio.timeout(within):
                while (found := _KEY.search(seen)) is None:
                    seen += (await reader.read(4096)).decode("utf-8", "replace")
            return found[1]
        finally:
            writer.close()

    def samples(self, seconds: float) -> list[float]:
        """The last `seconds` of what it heard, from -1 to 1, at 8,000 a second; fewer when it heard less."""
        return samples_of(self.heard, seconds)

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self._control), timeout=0.5).close()
        except OSError:
            return False
        return True


def samples_of(heard: Path, seconds: float) -> list[float]:
    """The last `seconds` of what a phone wrote down so far, from -1 to 1, at 8,000 a second."""
    if not heard.exists():
        return []
    raw = heard.read_bytes()[44:]  # the header's length is right only once the call is over
    wanted = raw[-int(seconds * 8000) * 2 :]
    wanted = wanted[: len(wanted) // 2 * 2]
    return [int.from_bytes(wanted[at : at + 2], "little", signed=True) / 32768 for at in range(0, len(wanted), 2)]


def write_tone(path: Path, hertz: int, seconds: int = 10) -> None:
    """A WAV file of one tone, for Chromium's pretended microphone, which plays it over and over without a seam."""
    rate = 48_000
    one = b"".join(
        round(12_000 * sin(2 * pi * hertz * at / rate)).to_bytes(2, "little", signed=True) for at in range(rate)
    )
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(one * seconds)
