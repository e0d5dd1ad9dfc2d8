"""A real SIP phone for a robot agent: baresip, which registers, answers by itself and sends sound."""

from __future__ import annotations

import re
from pathlib import Path

from dialer.demo.asterisk_server import enter_root
from dialer.demo.processes import Processes, StartError, free_port, free_range

_CONFIG = """\
sip_listen 127.0.0.1:{sip_port}
net_interface 127.0.0.1
audio_source ausine,{tone}
audio_player aufile,/dev/null
audio_alert aufile,/dev/null
ausrc_srate 48000
ausrc_channels 1
call_max_calls 4
call_local_timeout 120
rtp_ports {rtp_low}-{rtp_high}
rtp_stats no
module_path {modules}
module g711.so
module ausine.so
module aufile.so
module_app account.so
module_app menu.so
"""
_NAME = re.compile(r"[A-Za-z0-9._-]{1,80}\Z")
_PORTS_EACH = 20


class Softphone:
    """One account on one registered phone."""

    def __init__(self, name: str, folder: Path, root: Path, processes: Processes, *, tone: int = 440) -> None:
        """`tone`: the sound it sends, in Hz, so that a listener can tell phones apart."""
        self.process = f"phone-{name}"
        self._folder = folder.absolute() / name
        self._root = root
        self._processes = processes
        self._tone = tone

    def start(self, username: str, secret: str, domain: str, sip_port: int) -> None:
        """Register and wait for calls. Raises StartError."""
        for value in (username, secret, domain):
            if not _NAME.match(value):
                raise StartError("the account has a form that no softphone takes")
        modules = next(iter(sorted(self._root.glob("usr/lib/**/baresip/modules"))), None)
        if modules is None:
            raise StartError("the root file system has no baresip")
        low, high = free_range(_PORTS_EACH)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        config = _CONFIG.format(
            sip_port=free_port(),
            tone=self._tone,
            rtp_low=low,
            rtp_high=high - 1,
            modules="/" + str(modules.relative_to(self._root)),
        )
        account = (
            f"<sip:{username}@{domain}:{sip_port};transport=udp>;auth_user={username};auth_pass={secret}"
            ";answermode=auto;regint=60;audio_codecs=pcma\n"
        )
        for file, text in (("config", config), ("accounts", account), ("contacts", "")):
            target = self._folder / file
            target.touch(mode=0o600)
            target.write_text(text)
        command = enter_root(self._root, (self._folder,), ["/usr/bin/baresip", "-f", str(self._folder)])
        self._processes.start(self.process, command, ready=self._registered, seconds=30.0)

    def stop(self) -> None:
        """Hang up, unregister, end."""
        self._processes.stop(self.process)

    def _registered(self) -> bool:
        log = self._processes.log_of(self.process)
        return "200 OK" in log.read_text(errors="replace") if log.exists() else False
