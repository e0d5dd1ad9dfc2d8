"""Who else comes into an agent's call: a listener, a colleague, the crisis desk."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.support import panel_people as people
from tests.support import panel_transfers as transfers
from tests.support.panel_scene import Scene
from tests.support.panel_scenes_desk import reserved, talking, verified
from tests.support.panel_stub import Stub


async def listened_to(stub: Stub, page: Page) -> None:
    await talking(stub, page)
    await stub.duty(listener=people.listener("listen", hears=True))
    await expect(page.get_by_text("Mila Smit luistert mee.")).to_be_visible()


async def whispered_to(stub: Stub, page: Page) -> None:
    await talking(stub, page)
    await stub.duty(listener=people.listener("whisper", hears=True))
    await expect(page.get_by_text("De inwoner hoort dat niet.")).to_be_visible()


async def message_read(stub: Stub, page: Page) -> None:
    await talking(stub, page)
    words = {"id": people.uid(801), "text": "Fijn gesprek. Kom na dit gesprek even langs?", "sender": "Mila Smit"}
    await stub.duty(unread=1, messages=[{**words, "at": 1.0}])
    await expect(page.get_by_text("Kom na dit gesprek even langs?")).to_be_visible()


async def transferring(stub: Stub, page: Page) -> None:
    await talking(stub, page)
    await page.keyboard.press("d")
    await expect(page.get_by_text("Tolkenlijn")).to_be_visible()


async def transfer_asking(stub: Stub, page: Page) -> None:
    await talking(stub, page)
    await stub.duty(transfer=transfers.transfer("asking"))
    await expect(page.get_by_text("U praat met Klantcontactcentrum.")).to_be_visible()


async def transfer_back(stub: Stub, page: Page) -> None:
    await talking(stub, page)
    await stub.duty(transfer=transfers.transfer("over", why="not_reached"))
    await expect(page.get_by_text("nam niet op.")).to_be_visible()


async def transfer_incoming(stub: Stub, page: Page) -> None:
    await reserved(stub, page)
    await stub.duty(transfer=transfers.transfer("asking", kind="colleague", name="Sem de Jong", incoming=True))
    await expect(page.get_by_text("verbindt een gesprek met u door")).to_be_visible()


async def doubt(stub: Stub, page: Page) -> None:
    await talking(stub, page)
    await page.keyboard.press("u")
    await expect(page.get_by_text("Goed dat u oplet.")).to_be_visible()


async def recording_asked(stub: Stub, page: Page) -> None:
    stub.card["records"] = True
    await verified(stub, page)
    await expect(page.get_by_role("button", name="Inwoner vindt het goed")).to_be_visible()


async def recording_runs(stub: Stub, page: Page) -> None:
    await recording_asked(stub, page)
    await stub.duty(recording="running")
    await expect(page.get_by_text("Opname loopt")).to_be_visible()


async def recording_fails(stub: Stub, page: Page) -> None:
    await recording_asked(stub, page)
    await stub.duty(recording="failed")
    await expect(page.get_by_text("De opname lukt niet.")).to_be_visible()


async def not_recorded(stub: Stub, page: Page) -> None:
    await recording_asked(stub, page)
    await stub.duty(recording="refused")
    await expect(page.get_by_text("Er is niets opgenomen")).to_be_visible()


async def crisis(stub: Stub, page: Page) -> None:
    await talking(stub, page)
    await page.keyboard.press("c")
    await expect(page.get_by_role("button", name="Bel Crisisdienst")).to_be_visible()


async def colleagues(stub: Stub, page: Page) -> None:
    await stub.duty(state="paused", reason="crisis", phone="ready")
    await expect(page.get_by_role("button", name="Vraag een collega")).to_be_visible()
    await page.keyboard.press("k")
    await expect(page.get_by_role("button", name="Bellen: Sem de Jong")).to_be_visible()


async def colleague_asks(stub: Stub, page: Page) -> None:
    await stub.duty(state="available", phone="in_call", colleague_call=people.colleague_call("ringing", incoming=True))
    await expect(page.get_by_text("Sem de Jong belt u.")).to_be_visible()


async def colleague_talks(stub: Stub, page: Page) -> None:
    await stub.duty(state="paused", reason="crisis", phone="in_call", colleague_call=people.colleague_call("talking"))
    await expect(page.get_by_text("U praat met Sem de Jong.")).to_be_visible()


async def after_crisis(stub: Stub, page: Page) -> None:
    await stub.duty(state="paused", reason="crisis")
    await expect(page.get_by_text("Dat was een zwaar gesprek.")).to_be_visible()


async def rehearsing(stub: Stub, page: Page) -> None:
    stub.card.update(direction="proof", case=None, salutation="", name="Sem van den Berg", attempt_number=None)
    await stub.push("card", stub.card)
    await stub.duty(state="talking", phone="in_call", direction="proof", attempt=people.ATTEMPT)
    await expect(page.get_by_text("Proef: u spreekt een collega.")).to_be_visible()


SCENES: dict[str, tuple[str, Scene]] = {
    "agent-doubt": ("agent", doubt),
    "agent-listened-to": ("agent", listened_to),
    "agent-whispered-to": ("agent", whispered_to),
    "agent-message": ("agent", message_read),
    "agent-transfer": ("agent", transferring),
    "agent-transfer-asking": ("agent", transfer_asking),
    "agent-transfer-back": ("agent", transfer_back),
    "agent-transfer-incoming": ("agent", transfer_incoming),
    "agent-recording-asked": ("agent", recording_asked),
    "agent-recording": ("agent", recording_runs),
    "agent-recording-failed": ("agent", recording_fails),
    "agent-not-recorded": ("agent", not_recorded),
    "agent-crisis": ("agent", crisis),
    "agent-after-crisis": ("agent", after_crisis),
    "agent-colleagues": ("agent", colleagues),
    "agent-colleague-asks": ("agent", colleague_asks),
    "agent-colleague-talks": ("agent", colleague_talks),
    "agent-proof": ("agent", rehearsing),
}
