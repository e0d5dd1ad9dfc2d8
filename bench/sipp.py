"""SIPp as cheap telephones: residents who pick up at once, agents' softphones that send sound for ever."""

from __future__ import annotations

import wave
from pathlib import Path

from dialer.demo.asterisk_server import enter_root
from dialer.demo.processes import Processes, free_port

_ANSWER = """<?xml version="1.0" encoding="ISO-8859-1"?>
<scenario name="answer">
  <recv request="INVITE" crlf="true"/>
  <send retrans="500"><![CDATA[
    SIP/2.0 200 OK
    [last_Via:]
    [last_From:]
    [last_To:];tag=[pid]S[call_number]
    [last_Call-ID:]
    [last_CSeq:]
    Contact: <sip:[local_ip]:[local_port];transport=[transport]>
    Content-Type: application/sdp
    Content-Length: [len]

    v=0
    o=phone 1 1 IN IP[local_ip_type] [local_ip]
    s=-
    c=IN IP[media_ip_type] [media_ip]
    t=0 0
    m=audio [rtpstream_audio_port] RTP/AVP 8
    a=rtpmap:8 PCMA/8000
  ]]></send>
  <recv request="ACK" rtd="true" crlf="true"/>
{sound}
  <recv request="BYE"/>
  <send><![CDATA[
    SIP/2.0 200 OK
    [last_Via:]
    [last_From:]
    [last_To:]
    [last_Call-ID:]
    [last_CSeq:]
    Contact: <sip:[local_ip]:[local_port];transport=[transport]>
    Content-Length: 0
  ]]></send>
</scenario>
"""
_SOUND = '  <nop><action><exec rtp_stream="{file},-1,8"/></action></nop>'


def start(name: str, folder: Path, root: Path, processes: Processes, *, sound: bool, rtp_ports: tuple[int, int]) -> int:
    """Start one that answers every call; returns its SIP port. Two that send sound need `rtp_ports` of their own."""
    folder.mkdir(parents=True, exist_ok=True)
    tone = folder / "tone.wav"
    if sound and not tone.exists():
        # SIPp sends the file's bytes as they are: A-law samples, 8 per millisecond.
        with wave.open(str(tone), "wb") as out:
            out.setparams((1, 1, 8000, 0, "NONE", ""))
            out.writeframes(bytes((0x2A, 0xAA)) * 8000)
    scenario = folder / f"{name}.xml"
    scenario.write_text(_ANSWER.format(sound=_SOUND.format(file=tone) if sound else ""))
    port = free_port()
    command = ["sipp", "-sf", str(scenario), "-i", "127.0.0.1", "-p", str(port), "-mi", "127.0.0.1", "-nostdin"]
    low, high = rtp_ports
    command += ["-min_rtp_port", str(low), "-max_rtp_port", str(high), "-nd", "-l", "5000"]
    processes.start(f"sipp-{name}", enter_root(root, (folder,), ["/usr/bin/env", "TERM=dumb", *command]))
    return port
