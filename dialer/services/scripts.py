"""Conversation scripts: drafted by supervisors, kept as versions, approved by the client, given to calls.

A version never changes. A call gets the newest approved version of its campaign's script when its agent first asks, and
keeps it, whatever is approved meanwhile. Going back makes a new version with the words of an old one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Protocol
from uuid import UUID

from dialer.domain.errors import ChangedSinceError, ConflictError, ForbiddenError, InvalidError
from dialer.domain.ids import AttemptId, CampaignId, ClientId, UserId
from dialer.domain.outcome import Catalogue
from dialer.domain.script import Script, first_script, parse_script, to_json
from dialer.domain.script_check import problems
from dialer.domain.script_diff import StepChange, differences
from dialer.domain.script_words import problem_text
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.scripts import (
    SHIPPED,
    Act,
    CallScript,
    NewVersion,
    ProblemLine,
    ScriptDraft,
    ScriptLine,
    ScriptStore,
    VersionLine,
    VersionRow,
)

REMEMBERED = 50
"""Versions that a screen shows."""

_LONGEST_NAME = 60


class ScriptProblemsError(InvalidError):
    """The draft has errors: it cannot become a version."""

    code = "script-problems"


class ScriptUnchangedError(ConflictError):
    """It says what the newest version says."""

    code = "script-unchanged"


class ScriptDecidedError(ConflictError):
    """There is a newer version, or somebody decided already."""

    code = "script-decided"


class ScriptNotApprovedError(ConflictError):
    """No version of it has been approved."""

    code = "script-not-approved"


class Catalogues(Protocol):
    """Versions of the outcome catalogue."""

    async def latest(self) -> int:
        """The newest that is nobody's own."""
        ...

    async def get(self, version: int) -> Catalogue:
        """Raises NotFoundError."""
        ...


class ScriptService:
    """Use cases."""

    def __init__(self, store: ScriptStore, catalogues: Catalogues, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._catalogues = catalogues
        self._clock = clock
        self._ids = ids

    async def seed(self) -> None:
        """Keep the shipped script. Harmless when repeated."""
        await self._store.seed(first_script(), self._ids.new(), self._clock.now())

    # --- drafts -----------------------------------------------------------------------------------------------

    async def lines(self, client: ClientId | None) -> Sequence[ScriptLine]:
        """What this client has, and the shipped script; a client is not told who drafts."""
        found = await self._store.lines(client)
        return found if client is None else [replace(line, draft_by="") for line in found]

    async def add(
        self, client: ClientId, name: str, source: UUID | None, *, actor: str, user: UserId | None
    ) -> ScriptLine:
        """A script whose draft is a copy: of this version, or else of what ships.

        Raises InvalidError, NotFoundError, ConflictError when the client has this name already."""
        body = first_script()
        if source is not None:
            version = await self._store.version(source)
            if version.client not in (None, client):
                raise ForbiddenError("another client's script")
            body = version.body
        script = self._ids.new()
        await self._store.add(script, client, _name(name), body, self._act(actor, user))
        return (await self._store.draft(script))[0]

    async def draft(self, script: UUID, language: str) -> ScriptDraft:
        """As last kept. Raises NotFoundError."""
        line, body = await self._store.draft(script)
        return await self._draft(line, body, language)

    async def save_draft(
        self, script: UUID, version: int, body: Mapping[str, Any], language: str, *, actor: str, user: UserId | None
    ) -> ScriptDraft:
        """Keep the draft; it may be wrong or unfinished.

        Raises InvalidError for what is no script at all, ChangedSinceError when somebody else changed it."""
        parsed = parse_script(body)
        if script == SHIPPED:
            raise ForbiddenError("the shipped script is copied, not edited")
        if await self._store.save_draft(script, version, parsed, self._act(actor, user)) is None:
            await self._store.draft(script)
            raise ChangedSinceError("iemand anders heeft het concept gewijzigd")
        return await self.draft(script, language)

    async def _draft(self, line: ScriptLine, body: Script, language: str) -> ScriptDraft:
        catalogue = await self._catalogues.get(await self._catalogues.latest())
        newest = await self._store.versions(line.id, 1)
        return ScriptDraft(
            line=line,
            body=to_json(body),
            problems=[
                ProblemLine(
                    code=one.code,
                    step=one.step,
                    where=one.where,
                    text=problem_text(one, language),
                    blocking=one.blocking,
                )
                for one in problems(body, catalogue)
            ],
            changes=differences(newest[0].body, body) if newest else [],
        )

    # --- versions ---------------------------------------------------------------------------------------------

    async def versions(self, script: UUID, client: ClientId | None) -> Sequence[VersionLine]:
        """The newest first, each with what it changed. `client`: who asks; our people's names are not for clients."""
        found = await self._store.versions(script, REMEMBERED + 1)
        lines = [_line(new, differences(old.body, new.body)) for new, old in pairwise(found)]
        if found and len(found) <= REMEMBERED:
            lines.append(_line(found[-1], []))
        return lines if client is None else [replace(line, by="") for line in lines]

    async def version(self, version: UUID) -> CallScript:
        """One version, whole. Raises NotFoundError."""
        row = await self._store.version(version)
        return _whole(row)

    async def publish(
        self, script: UUID, draft_version: int, note: str, *, actor: str, user: UserId | None
    ) -> VersionLine:
        """The draft becomes a version, which the client is asked to approve.

        Raises ScriptProblemsError, ScriptUnchangedError, ChangedSinceError."""
        line, body = await self._store.draft(script)
        if line.client is None:
            raise ForbiddenError("the shipped script is copied, not edited")
        if line.draft_version != draft_version:
            raise ChangedSinceError("iemand anders heeft het concept gewijzigd")
        newest = await self._store.versions(script, 1)
        if newest and not differences(newest[0].body, body):
            raise ScriptUnchangedError("nothing differs")
        await self._check(body)
        new = NewVersion(
            id=self._ids.new(), script=script, base=line.newest, body=body, note=_note(note),
            draft_version=draft_version,
        )  # fmt: skip
        return await self._keep(new, actor, user)

    async def roll_back(self, script: UUID, to: UUID, note: str, *, actor: str, user: UserId | None) -> VersionLine:
        """A new version with the words of `to`; approved at once where those were.

        A draft that nobody touched follows, another stays. Raises as `publish`."""
        line, draft = await self._store.draft(script)
        if line.client is None:
            raise ForbiddenError("the shipped script is copied, not edited")
        old = await self._store.version(to)
        if old.script != script:
            raise InvalidError("a version of another script", "to")
        newest = await self._store.versions(script, 1)
        if not differences(newest[0].body, old.body):
            raise ScriptUnchangedError("nothing differs")
        await self._check(old.body)
        new = NewVersion(
            id=self._ids.new(), script=script, base=line.newest, body=old.body, note=_note(note), same_as=old.number,
            carry=old.state == "approved", draft=None if differences(newest[0].body, draft) else old.body,
        )  # fmt: skip
        return await self._keep(new, actor, user)

    async def decide(
        self, version: UUID, decision: str, note: str, *, client: ClientId | None, actor: str, user: UserId
    ) -> VersionLine:
        """The client's own person approves or refuses the newest version.

        Raises ForbiddenError for anybody else, InvalidError for a refusal without a reason, ScriptDecidedError."""
        row = await self._store.version(version)
        if client is None or row.client != client:
            raise ForbiddenError("the client decides")
        if decision == "refused" and not note.strip():
            raise InvalidError("say what should change", "note")
        if not await self._store.decide(version, decision, note.strip(), self._act(actor, user)):
            raise ScriptDecidedError("there is a newer version, or it was decided")
        return replace(_line(await self._store.version(version), []), by="")

    async def _check(self, body: Script, catalogue: int | None = None) -> None:
        known = await self._catalogues.get(await self._catalogues.latest() if catalogue is None else catalogue)
        if any(one.blocking for one in problems(body, known)):
            raise ScriptProblemsError("the script has errors")

    async def _keep(self, new: NewVersion, actor: str, user: UserId | None) -> VersionLine:
        if await self._store.keep(new, self._act(actor, user)) is None:
            raise ChangedSinceError("iemand anders was eerder")
        return _line(await self._store.version(new.id), [])

    # --- campaigns and calls ----------------------------------------------------------------------------------

    async def of_campaign(self, campaign: CampaignId) -> CallScript:
        """What its next call gets. Raises NotFoundError."""
        row = await self._store.of_campaign(campaign)
        return _whole(row)

    async def choose(self, campaign: CampaignId, script: UUID | None, *, actor: str, user: UserId | None) -> CallScript:
        """Another script from the next call on; None: the shipped one.

        Raises NotFoundError, ForbiddenError for another client's script, ScriptNotApprovedError, and
        ScriptProblemsError when the campaign's own outcomes do not fit it."""
        client, catalogue = await self._store.client_of_campaign(campaign)
        if script in (None, SHIPPED):
            await self._store.choose(campaign, None, self._act(actor, user))
            return await self.of_campaign(campaign)
        assert script is not None
        line, _ = await self._store.draft(script)
        if line.client != client:
            raise ForbiddenError("another client's script")
        versions = await self._store.versions(script, REMEMBERED)
        approved = next((one for one in versions if one.state == "approved"), None)
        if approved is None:
            raise ScriptNotApprovedError("nothing of it is approved")
        await self._check(approved.body, catalogue)
        await self._store.choose(campaign, script, self._act(actor, user))
        return await self.of_campaign(campaign)

    async def of_call(self, attempt: AttemptId) -> CallScript:
        """The version that this call has and keeps. Raises NotFoundError while the ledger does not know the call."""
        row = await self._store.of_call(attempt, self._clock.now())
        return _whole(row)

    def _act(self, actor: str, user: UserId | None) -> Act:
        return Act(actor=actor, user=user, at=self._clock.now())


def _name(name: str) -> str:
    cleaned = name.strip()
    if not cleaned or len(cleaned) > _LONGEST_NAME or not cleaned.isprintable():
        raise InvalidError(f"1 to {_LONGEST_NAME} printable characters", "name")
    return cleaned


def _note(note: str) -> str:
    if not note.strip():
        raise InvalidError("say what changed", "note")
    return note.strip()


def _line(row: VersionRow, changes: Sequence[StepChange]) -> VersionLine:
    return VersionLine(
        id=row.id,
        number=row.number,
        note=row.note,
        same_as=row.same_as,
        at=row.at,
        by=row.by,
        state=row.state,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        decided_note=row.decided_note,
        changes=changes,
    )


def _whole(row: VersionRow) -> CallScript:
    return CallScript(
        script=row.script,
        name=row.name,
        shipped=row.client is None,
        version=row.id,
        number=row.number,
        body=to_json(row.body),
    )
