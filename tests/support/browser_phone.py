"""An agent whose phone is the panel itself: Chromium with a pretended microphone that sends a tone."""

from __future__ import annotations

import math
import stat
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.support.cable import Cable
from tests.support.chromium import CHROMIUM, WITHOUT
from tests.support.day import Day
from tests.support.sip_peer import write_tone

MICROPHONE_HZ = 700
"""What the agent says."""
RESIDENT_HZ = 1100
"""What the resident says."""
PURE = 0.7
"""Share of the power that lies at a tone, when the tone is what is heard; music and speech stay far below."""
OVER_THE_PEER = {"DIALER_ASTERISK_TRUNK": "peer"}
"""Variables of a service whose line leads to one SIP phone, the resident's."""

_FLAGS = ("--no-sandbox", WITHOUT, "--use-fake-device-for-media-stream", "--autoplay-policy=no-user-gesture-required")
_KEEP_CONNECTIONS = """
window.connections = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...given) { super(...given); window.connections.push(this); }
};
"""
_ONLY_RELAYED = """
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(settings, ...more) { super({ ...settings, iceTransportPolicy: "relay" }, ...more); }
};
"""
_LOUDEST = """
async ([milliseconds]) => {
  const connection = window.connections.at(-1);
  if (!connection) return [0, -200];  // the page has just been loaded
  const track = connection.getReceivers()[0].track;
  const context = new AudioContext();
  const ear = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
  context.createMediaStreamSource(new MediaStream([track])).connect(ear);
  const found = new Float32Array(ear.frequencyBinCount);
  const end = performance.now() + milliseconds;
  let best = [0, -Infinity];
  while (performance.now() < end) {
    await new Promise((again) => setTimeout(again, 50));
    ear.getFloatFrequencyData(found);
    found.forEach((loud, bin) => { if (loud > best[1]) best = [bin * context.sampleRate / ear.fftSize, loud]; });
  }
  await context.close();
  return best;
}
"""
_LOUD_AT = """
async ([hertz, milliseconds]) => {
  const connection = window.connections.at(-1);
  if (!connection) return -200;
  const context = new AudioContext();
  const ear = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
  context.createMediaStreamSource(new MediaStream([connection.getReceivers()[0].track])).connect(ear);
  const found = new Float32Array(ear.frequencyBinCount);
  const bin = Math.round(hertz * ear.fftSize / context.sampleRate);
  const end = performance.now() + milliseconds;
  let best = -200;
  while (performance.now() < end) {
    await new Promise((again) => setTimeout(again, 50));
    ear.getFloatFrequencyData(found);
    for (let at = bin - 2; at <= bin + 2; at += 1) best = Math.max(best, found[at]);
  }
  await context.close();
  return best;
}
"""
_COUNTERS = """
async () => {
  const found = { received: 0, sent: 0, state: window.connections.at(-1).connectionState };
  (await window.connections.at(-1).getStats()).forEach((entry) => {
    if (entry.type === "inbound-rtp") found.received += entry.packetsReceived;
    if (entry.type === "outbound-rtp") found.sent += entry.packetsSent;
  });
  return found;
}
"""


@asynccontextmanager
async def talking_browser(
    folder: Path, *, allow: bool = True, cable: Cable | None = None, origin: str = "", tone_hz: int = MICROPHONE_HZ
) -> AsyncIterator[Browser]:
    """Chromium whose microphone sends `tone_hz`.

    `allow`: the microphone is given without a question; else it is refused. `cable`: it stands at the far end of this
    one, where `origin` counts as secure as localhost.
    """
    tone = folder / f"microphone-{tone_hz}.wav"
    if not tone.exists():
        write_tone(tone, tone_hz)
    flags = [*_FLAGS, f"--use-file-for-fake-audio-capture={tone}"]
    flags.append("--use-fake-ui-for-media-stream" if allow else "--deny-permission-prompts")
    program = CHROMIUM
    if cable is not None:
        flags.append(f"--unsafely-treat-insecure-origin-as-secure={origin}")
        wrapper = folder / "chromium-at-a-cable"
        wrapper.write_text('#!/bin/sh\nexec {} "$@"\n'.format(" ".join(cable.command([CHROMIUM]))))
        wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
        program = str(wrapper)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=flags)
        try:
            yield browser
        finally:
            await browser.close()


class BrowserAgent:
    """One agent with the phone in the page. Use as a context: signed in, the phone on and heard, on duty."""

    page: Page

    def __init__(
        self,
        day: Day,
        browser: Browser,
        place: int = 0,
        *,
        base: str = "",
        on_duty: bool = True,
        who: tuple[str, str] | None = None,
        relayed: bool = False,
    ) -> None:
        """`who`: login and password of somebody who is no agent. `relayed`: no sound leaves but over a relay."""
        self._relayed = relayed
        self._base = base or day.base
        self._browser = browser
        self._login, self._password = who or day.person(place)
        self._on_duty = on_duty
        self._context: BrowserContext | None = None

    async def __aenter__(self) -> BrowserAgent:
        self._context = await self._browser.new_context(locale="nl-NL", reduced_motion="reduce")
        await self._context.add_init_script(_KEEP_CONNECTIONS)
        if self._relayed:
            await self._context.add_init_script(_ONLY_RELAYED)
        self.page = await self._context.new_page()
        await self.page.goto(self._base)
        await self.page.get_by_label("Gebruikersnaam").fill(self._login)
        await self.page.get_by_label("Wachtwoord").fill(self._password)
        await self.page.get_by_role("button", name="Inloggen").click()
        if self._on_duty:
            await expect(self.page.get_by_text("Telefoon is verbonden.")).to_be_visible(timeout=45_000)
            await expect(self.page.get_by_text("We horen u.")).to_be_visible()
            await self.page.get_by_role("button", name="In dienst", exact=True).click()
            await self.ready()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        assert self._context is not None
        await self._context.close()

    async def ready(self) -> None:
        """The standing leg is there, and heard by the service."""
        await expect(self.page.get_by_text("Telefoon klaar").first).to_be_visible()

    async def second_tab(self) -> Page:
        """Another tab of the same browser, on the same session."""
        assert self._context is not None
        tab = await self._context.new_page()
        await tab.goto(self._base)
        return tab

    async def hears(self, milliseconds: int = 600) -> tuple[float, float]:
        """The loudest frequency that comes in now, in Hz, and how loud, in dB."""
        hertz, loud = await self.page.evaluate(_LOUDEST, [milliseconds])
        return float(hertz), float(loud)

    async def loud_at(self, hertz: float, milliseconds: int = 800) -> float:
        """How loud this frequency comes in, in dB; some -30 for a tone that is sent, below -100 for nothing."""
        return float(await self.page.evaluate(_LOUD_AT, [hertz, milliseconds]))

    async def counters(self) -> dict[str, Any]:
        """RTP packets received and sent of the present connection."""
        return dict(await self.page.evaluate(_COUNTERS))


def share_of(samples: Sequence[float], hertz: float, rate: int = 8000) -> float:
    """Share of the sound's power that lies at `hertz` (Goertzel): near 1 for a pure tone, 0 for silence."""
    total = sum(sample * sample for sample in samples)
    if not samples or total / len(samples) < 1e-6:
        return 0.0
    turn = 2 * math.cos(2 * math.pi * hertz / rate)
    before, last = 0.0, 0.0
    for sample in samples:
        before, last = last, sample + turn * last - before
    power = last * last + before * before - turn * last * before
    return 2 * power / (len(samples) * total)


def longest_silence(samples: Sequence[float], rate: int = 8000, frame: float = 0.1) -> float:
    """Seconds of the longest stretch in which nothing was to be heard."""
    size, worst, now = int(rate * frame), 0, 0
    for at in range(0, len(samples) - size + 1, size):
        loud = sum(sample * sample for sample in samples[at : at + size]) / size
        now = now + 1 if loud < 1e-6 else 0
        worst = max(worst, now)
    return worst * frame
