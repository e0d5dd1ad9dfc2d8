"""Kamailio before two Asterisk nodes, with the configuration of `deploy/kamailio`."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dialer.demo.processes import Processes

CALLER = """\
<?xml version="1.0" encoding="UTF-8"?>
<scenario name="caller">
  <send retrans="500"><![CDATA[
INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:0600000097@[local_ip]:[local_port]>;tag=[pid]-[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:0600000097@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8
a=rtpmap:8 PCMA/8000
]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="200" rrs="true"/>
  <send><![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
[routes]
From: <sip:0600000097@[local_ip]:[local_port]>;tag=[pid]-[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
  <pause milliseconds="200"/>
  <send retrans="500"><![CDATA[
BYE [next_url] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
[routes]
From: <sip:0600000097@[local_ip]:[local_port]>;tag=[pid]-[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
  <recv response="200"/>
</scenario>
"""
"""SIPp's own caller keeps to no route, and a proxy that keeps no calls cannot do without."""
PROJECT = Path(__file__).parents[2]
_ROOT = PROJECT / ".state" / "kamailio" / "usr"
PROGRAM, COMMAND = _ROOT / "sbin" / "kamailio", _ROOT / "sbin" / "kamcmd"
TLS = next((_ROOT / "lib").glob("*/kamailio/modules/tls.so"), None)
"""Of a package of its own."""
MODULES = next((_ROOT / "lib").glob("*/kamailio/modules"), None)
CONFIG = PROJECT / "deploy" / "kamailio" / "kamailio.cfg"


@dataclass(frozen=True, slots=True)
class Phones:
    """Agents' own phones over TLS: where they come, the nodes' ports for it, certificate and key, who signed theirs."""

    port: int
    nodes: Sequence[int]
    files: tuple[Path, Path]
    authority: Path

    def write(self, folder: Path) -> str:
        """The certificates' places as `tls.cfg` has them; what stands in edge.cfg for it."""
        text = (CONFIG.parent / "tls.cfg").read_text(encoding="utf-8")
        for name, file in zip(("phones.pem", "phones.key", "nodes-ca.pem"), (*self.files, self.authority), strict=True):
            text = text.replace(f"/etc/kamailio/{name}", str(file))
        (folder / "tls.cfg").write_text(text, encoding="utf-8")
        return f'#!define PHONES tls:127.0.0.1:{self.port}\n#!define TLS_SETTINGS "{folder}/tls.cfg"\n'


def checked(config: Path) -> str:
    """What Kamailio says of a configuration."""
    assert MODULES is not None
    done = subprocess.run(
        [str(PROGRAM), "-c", "-f", str(config)],
        env={"LD_LIBRARY_PATH": str(MODULES.parent), "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=False, timeout=20,
    )  # fmt: skip
    return done.stdout + done.stderr


class Edge:
    """Listens on `port` of loopback, and knows the nodes' SIP ports there."""

    def __init__(
        self, folder: Path, port: int, nodes: Sequence[int], processes: Processes, phones: Phones | None = None
    ) -> None:
        self.port = port
        self._lines = len(nodes) + (len(phones.nodes) if phones else 0)
        self._folder = folder
        self._processes = processes
        self.caller = folder / "caller.xml"
        self._libraries = next((_ROOT / "lib").glob("*/kamailio"))
        folder.mkdir(parents=True)
        self.caller.write_text(CALLER, encoding="utf-8")
        (folder / "kamailio.cfg").write_text(CONFIG.read_text(encoding="utf-8"), encoding="utf-8")
        lines = [f"1 sip:127.0.0.1:{node} 0 0" for node in nodes]
        lines += [f"2 sip:127.0.0.1:{node};transport=tls 0 0" for node in (phones.nodes if phones else ())]
        (folder / "nodes.list").write_text("".join(f"{line}\n" for line in lines))
        (folder / "edge.cfg").write_text(
            f"#!define LISTEN udp:127.0.0.1:{port}\n"
            '#!define CARRIERS "127.0.0.1/32"\n'
            f'#!define MODULES "{self._libraries}/modules/"\n'
            f'#!define NODES "{folder}/nodes.list"\n'
            f'#!define CONTROL "unix:{folder}/ctl"\n' + (phones.write(folder) if phones else "")
        )

    def _env(self) -> dict[str, str]:
        return {"LD_LIBRARY_PATH": str(self._libraries), "PATH": "/usr/bin:/bin"}

    def start(self, *, finds: int | None = None) -> None:
        """And wait until it has found all nodes, or so many."""
        wanted = self._lines if finds is None else finds
        command = [str(PROGRAM), "-DD", "-E", "-f", str(self._folder / "kamailio.cfg"), "-w", str(self._folder)]
        self._processes.start("edge", command, env=self._env(), ready=lambda: self.states().count("AP") == wanted)

    def stop(self) -> None:
        self._processes.stop("edge")

    def command(self, *words: str) -> str:
        """What it answers on its control socket; "" while it is not there."""
        done = subprocess.run(
            [str(COMMAND), "-s", f"unix:{self._folder}/ctl", *words],
            env=self._env(), capture_output=True, text=True, check=False, timeout=30,
        )  # fmt: skip
        return done.stdout

    def states(self) -> list[str]:
        """Of each node: A active, I inactive, D disabled, P looked at."""
        lines = [line.split() for line in self.command("dispatcher.list").splitlines()]
        return [words[1] for words in lines if words[:1] == ["FLAGS:"]]

    def take_out(self, node: int) -> None:
        self.command("dispatcher.set_state", "dx", "1", f"sip:127.0.0.1:{node}")

    def put_in(self, node: int) -> None:
        self.command("dispatcher.set_state", "ap", "1", f"sip:127.0.0.1:{node}")
