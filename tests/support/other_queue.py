"""Another team's telephone system: it hands one call to us, and has it back when we ask (SIPp)."""

from __future__ import annotations

import asyncio
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from dialer.demo.asterisk_server import enter_root
from tests.support.city import TelephoneCity

_HEAD = """\
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From: <sip:+31600000399@[local_ip]:[local_port]>;tag=[pid]SIPpTag[call_number]
      To: <sip:{number}@[remote_ip]:[remote_port]>{tag}
      Call-ID: [call_id]
      Max-Forwards: 70
      Contact: <sip:queue@[local_ip]:[local_port]>
"""
_ANSWER = """\
      SIP/2.0 {status}
      [last_Via:]
      [last_From:]
      [last_To:]
      [last_Call-ID:]
      [last_CSeq:]
      Contact: <sip:queue@[local_ip]:[local_port]>
      Content-Length: 0
"""


def _scenario(number: str, refer_status: str) -> str:
    first, later = _HEAD.format(number=number, tag=""), _HEAD.format(number=number, tag="[peer_tag_param]")
    sdp = (
        "      v=0\n      o=queue 1 1 IN IP4 [local_ip]\n      s=-\n      c=IN IP4 [media_ip]\n      t=0 0\n"
        "      m=audio [media_port] RTP/AVP 8\n      a=rtpmap:8 PCMA/8000\n"
    )
    taken = refer_status.startswith("202")
    notify = f"""
  <send retrans="500"><![CDATA[
      NOTIFY [next_url] SIP/2.0
{later}      CSeq: 2 NOTIFY
      Event: refer
      Subscription-State: terminated;reason=noresource
      Content-Type: message/sipfrag;version=2.0
      Content-Length: [len]

      SIP/2.0 200 OK
  ]]></send>
  <recv response="200"/>
"""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<scenario name="overflow">
  <send retrans="500"><![CDATA[
      INVITE sip:{number}@[remote_ip]:[remote_port] SIP/2.0
{first}      CSeq: 1 INVITE
      Content-Type: application/sdp
      Content-Length: [len]

{sdp}
  ]]></send>
  <recv response="100" optional="true"/>
  <recv response="183" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="200" rrs="true"/>
  <send><![CDATA[
      ACK [next_url] SIP/2.0
{later}      CSeq: 1 ACK
      Content-Length: 0
  ]]></send>
  <recv request="REFER" optional="true" next="refer">
    <action><ereg regexp="sip:[^@>;]*" search_in="hdr" header="Refer-To:" assign_to="1"/>
    <log message="refer [$1]"/></action>
  </recv>
  <recv request="BYE" next="bye"/>
  <label id="refer"/>
  <send><![CDATA[
{_ANSWER.format(status=refer_status)}
  ]]></send>
{notify if taken else ""}
  <recv request="BYE"/>
  <label id="bye"/>
  <send><![CDATA[
{_ANSWER.format(status="200 OK")}
  ]]></send>
</scenario>
"""


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of the call over there."""

    ended: bool  # we ended it, in order
    back_to: str  # where we asked it to be sent; "" when we did not


class OtherQueue:
    """Calls us from the address of the trunk `queue`. One call at a time."""

    def __init__(self, city: TelephoneCity, folder: Path) -> None:
        self._city, self._folder = city, folder.absolute()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._running: subprocess.Popen[str] | None = None

    def hand_over(self, number: str, *, refer_status: str = "202 Accepted") -> None:
        """One call to `number`; `refer_status`: the answer when we send it back."""
        scenario = self._folder / "overflow.xml"
        scenario.write_text(_scenario(number, refer_status))
        log = self._folder / "log"
        log.unlink(missing_ok=True)
        city = self._city
        assert city.root is not None
        words = (
            "-sf", str(scenario), "-m", "1", "-i", "127.0.0.1", "-p", str(city.queue_port), "-nostdin",
            "-timeout", "90", "-trace_logs", "-log_file", str(log), f"127.0.0.1:{city.instance.sip_port}",
        )  # fmt: skip
        command = enter_root(city.root, (self._folder,), ["/usr/bin/sipp", *words])
        self._running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    async def over(self, seconds: float = 60.0) -> Handed:
        """Once the call has ended over there."""
        running = self._running
        assert running is not None
        out, _ = await asyncio.to_thread(running.communicate, timeout=seconds)
        log = self._folder / "log"
        found = re.search(r"refer sip:(\S+)", log.read_text() if log.exists() else "")
        assert running.returncode in (0, 1), out[-2000:]
        return Handed(ended=running.returncode == 0, back_to=found[1] if found else "")

    def stop(self) -> None:
        if self._running is not None and self._running.poll() is None:
            self._running.kill()
            self._running.wait()
