"""Where results go as files, and in what layout: made, changed, tried out, sent, sent again."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time
from uuid import UUID

from dialer.domain.errors import ChangedSinceError, ConflictError, InvalidError
from dialer.domain.exchange import ChannelState, Fault, MessageEvent, MessageState
from dialer.domain.ids import CampaignId, ClientId
from dialer.domain.outlets import OutletKind, SendPlan, check_plan
from dialer.domain.result_layout import Column, Layout, check, guess, row
from dialer.services.places import checked_place
from dialer.services.ports.arrivals import Place
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.export import Table
from dialer.services.ports.outlets import Bundle, Carried, Carrier, Dispatch, Outlet, OutletStore, Profile
from dialer.services.ports.people import Viewer
from dialer.services.ports.vault import Vault
from dialer.services.result_files import OUTLET_SECRET, TRY_SECONDS, ResultFiles
from dialer.services.result_values import samples
from dialer.services.viewing import check_scope, noted

_NAME, _TEXT, _URL = 60, 200, 500
_SECRET_BYTES = 32
_VERSIONS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletWish:
    """What somebody fills in. None: as it was (of a new one: the usual)."""

    name: str | None = None
    state: ChannelState | None = None
    path: str | None = None  # of a push: its address
    host: str | None = None
    port: int | None = None
    user: str | None = None
    host_key: str | None = None
    profile: str | None = None
    weekdays: Sequence[int] | None = None
    at: time | None = None


class OutletService:
    """Use cases."""

    def __init__(
        self,
        *,
        store: OutletStore,
        files: ResultFiles,
        carriers: Mapping[OutletKind, Carrier],
        new_key: Callable[[], tuple[str, str]],
        is_host_key: Callable[[str], bool],
        may_call: Callable[[str], bool],
        vault: Vault,
        audit: AuditLog,
        clock: Clock,
        ids: Ids,
    ) -> None:
        """`new_key`: (private, public line); `may_call`: whether an address may be called."""
        self._store = store
        self._files = files
        self._carriers = carriers
        self._new_key = new_key
        self._is_host_key = is_host_key
        self._may_call = may_call
        self._vault = vault
        self._audit = audit
        self._clock = clock
        self._ids = ids

    # -- layouts --------------------------------------------------------------------------------------------

    async def profiles(self, client: ClientId, viewer: Viewer) -> Sequence[Profile]:
        """The newest version of each."""
        check_scope(viewer, client)
        return await self._store.profiles(client)

    async def profile_versions(self, client: ClientId, name: str, viewer: Viewer) -> Sequence[Profile]:
        """Of one layout, the newest first, at most a hundred."""
        check_scope(viewer, client)
        return await self._store.profile_versions(client, name, _VERSIONS)

    async def save_profile(self, client: ClientId, name: str, layout: Layout, viewer: Viewer) -> Profile:
        """As the next version; files that are made from now on have it. Raises InvalidError."""
        check_scope(viewer, client)
        if not name.strip() or len(name) > _NAME or not name.isprintable():
            raise InvalidError(f"1 tot {_NAME} tekens", "name")
        wished = Profile(
            id=self._ids.new(), client=client, name=name.strip(), version=1, layout=check(layout),
            created_at=self._clock.now(),
        )  # fmt: skip
        saved = await self._store.save_profile(wished, viewer.user)
        if saved.id == wished.id:
            detail = {"name": saved.name, "version": saved.version}
            await noted(self._audit, viewer, "result_profile.save", "result_profile", saved.id, client, detail)
        return saved

    def guessed(self, headings: Sequence[str]) -> Sequence[Column]:
        """Columns as an example file has them, and what they seem to mean. Nothing is kept."""
        return guess([title for title in headings if title.strip()])

    def preview(self, layout: Layout) -> Table:
        """Invented lines in this layout. Raises InvalidError."""
        checked = check(layout)
        return Table(
            header=[column.title for column in checked.columns], rows=[row(checked, line) for line in samples()]
        )

    # -- outlets --------------------------------------------------------------------------------------------

    async def outlets(self, viewer: Viewer) -> Sequence[Outlet]:
        """By name."""
        return await self._store.all(viewer.client)

    async def add(self, campaign: CampaignId, kind: OutletKind, wish: OutletWish, viewer: Viewer) -> tuple[Outlet, str]:
        """With a key of its own; of a push the secret that signs is shown this once.

        Raises InvalidError, ConflictError.
        """
        client, client_key, campaign_name = await self._store.owner_of(campaign)
        check_scope(viewer, client)
        identity, public, shown = self._ids.new(), "", ""
        if kind is OutletKind.SFTP:
            secret, public = self._new_key()
        elif kind is OutletKind.PUSH:
            secret = shown = "whsec_" + base64.b64encode(os.urandom(_SECRET_BYTES)).decode()
        else:
            secret = ""
        box = self._vault.client(client, client_key).seal(OUTLET_SECRET, identity, secret.encode()) if secret else None
        new = Outlet(
            id=identity, client=client, campaign=campaign, campaign_name=campaign_name, kind=kind, name="",
            state=ChannelState.ON, place=Place(path=""), profile="", plan=SendPlan(), public_key=public,
            created_at=self._clock.now(), version=1, client_key=client_key, sealed_secret=box,
        )  # fmt: skip
        wished = await self._checked(new, wish)
        await self._store.add(wished)
        await noted(self._audit, viewer, "outlet.add", "outlet", identity, client, {"kind": kind.value})
        return wished, shown

    async def change(self, outlet: UUID, version: int, wish: OutletWish, viewer: Viewer) -> Outlet:
        """What is left out stays. Raises NotFoundError, InvalidError, ChangedSinceError, ConflictError."""
        before = await self._found(outlet, viewer)
        stored = await self._store.change(replace(await self._checked(before, wish), version=version))
        if stored is None:
            raise ChangedSinceError("iemand anders heeft dit gewijzigd")
        detail = {"state": stored.state.value, "profile": stored.profile}
        await noted(self._audit, viewer, "outlet.change", "outlet", outlet, before.client, detail)
        return stored

    async def try_out(self, outlet: UUID, viewer: Viewer) -> Carried:
        """Whether the way is open now. Raises NotFoundError."""
        found = await self._found(outlet, viewer)
        secret = await self._files.secret(found)
        carried = Carried(fault=Fault.SECRET)
        if secret is not None:
            try:
                async with asyncio.timeout(TRY_SECONDS):
                    carried = await self._carriers[found.kind].try_out(found.place, secret)
            except TimeoutError:
                carried = Carried(fault=Fault.SLOW)
        await noted(self._audit, viewer, "outlet.test", "outlet", outlet, found.client, {"fault": str(carried.fault)})
        return carried

    async def send_now(self, outlet: UUID, viewer: Viewer) -> Outlet:
        """What is new goes now. Raises NotFoundError, NotNowError."""
        found = await self._found(outlet, viewer)
        await noted(self._audit, viewer, "outlet.send", "outlet", outlet, found.client)
        await self._files.send_now(found)
        return await self._store.find(outlet)

    async def dispatches(self, viewer: Viewer, outlet: UUID | None, limit: int) -> Sequence[Dispatch]:
        """The newest first."""
        return await self._store.dispatches(viewer.client, outlet, limit)

    async def file(self, dispatch: UUID, viewer: Viewer) -> Bundle:
        """What went, or is to go, but for what was erased since. Raises NotFoundError."""
        found = await self._store.dispatch(dispatch)
        check_scope(viewer, found.client)
        return await self._files.bundle(found, viewer)

    async def resend(self, dispatch: UUID, viewer: Viewer) -> Dispatch:
        """A dead one, as soon as may be. Raises NotFoundError, ConflictError when it is not dead."""
        found = await self._store.dispatch(dispatch)
        check_scope(viewer, found.client)
        now = self._clock.now()
        if found.state is not MessageState.DEAD or not await self._store.settle(
            found, MessageEvent.RESENT, now, due_at=now
        ):
            raise ConflictError("this file is not dead")
        await noted(self._audit, viewer, "dispatch.resend", "dispatch", dispatch, found.client)
        return await self._store.dispatch(dispatch)

    async def _found(self, outlet: UUID, viewer: Viewer) -> Outlet:
        found = await self._store.find(outlet)
        check_scope(viewer, found.client)
        return found

    async def _checked(self, before: Outlet, wish: OutletWish) -> Outlet:
        texts = {"name": wish.name, "host": wish.host, "user": wish.user, "profile": wish.profile}
        for key, text in texts.items():
            if text is not None and (len(text) > _TEXT or not text.isprintable()):
                raise InvalidError(f"hoogstens {_TEXT} gewone tekens", key)
        name = before.name if wish.name is None else wish.name.strip()
        if not name or len(name) > _NAME:
            raise InvalidError(f"1 tot {_NAME} tekens", "name")
        profile = before.profile if wish.profile is None else wish.profile.strip()
        if profile and profile not in {one.name for one in await self._store.profiles(before.client)}:
            raise InvalidError("deze indeling is er niet", "profile")
        plan = SendPlan(
            weekdays=before.plan.weekdays if wish.weekdays is None else frozenset(wish.weekdays),
            at=wish.at or before.plan.at,
        )
        return replace(
            before, name=name, state=wish.state or before.state, profile=profile, plan=check_plan(plan),
            place=self._place(before, wish),
        )  # fmt: skip

    def _place(self, before: Outlet, wish: OutletWish) -> Place:
        if before.kind is OutletKind.PUSH:
            path = before.place.path if wish.path is None else wish.path.strip()
            if len(path) > _URL or not self._may_call(path):
                raise InvalidError("begin met https://, zonder wachtwoord, buiten ons eigen netwerk", "path")
            return Place(path=path)
        folder = before.kind is OutletKind.FOLDER
        return checked_place(before.place, wish, folder=folder, is_host_key=self._is_host_key)
