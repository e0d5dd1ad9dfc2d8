"""Builds what calls are made and heard with: telephones, the centre, recordings, and what screens are told of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dialer.config import Settings
from dialer.domain.ids import AttemptId, UserId
from dialer.ground_parts import GroundParts
from dialer.journals import PacingFiles
from dialer.node_parts import Telephones, telephones_of
from dialer.security.relay import Relay
from dialer.services.broadcast import Broadcast
from dialer.services.centre import Centre
from dialer.services.centre_parts import CentrePorts, CentreSettings
from dialer.services.live import LiveFeed
from dialer.services.ports.people import Viewer
from dialer.services.previews import Previews
from dialer.services.recordings import RecordingKeeper, Recordings
from dialer.spool import FolderSpool
from dialer.storage.duty import PgDutyStore
from dialer.storage.pacing import PgPacing
from dialer.storage.previews import PgPreviews
from dialer.storage.recordings import PgRecordings
from dialer.storage.surveys import PgSurveys
from dialer.storage.transfer_targets import PgTransferTargets
from dialer.wiring import relay_of, rest_of, trunk_of


@dataclass(frozen=True, slots=True, kw_only=True)
class CallParts:
    """The centre and what stands around it."""

    telephones: Telephones
    centre: Centre
    feed: LiveFeed
    previews: Previews
    recordings: Recordings  # those that are kept
    keeper: RecordingKeeper
    transfer_targets: PgTransferTargets
    journals: PacingFiles | None
    relay: Relay | None


def call_parts(settings: Settings, ground: GroundParts) -> CallParts:
    """Built, and nothing of it started. Raises SettingsError."""
    pool, clock, ids = ground.pool, ground.clock, ground.ids
    telephones = telephones_of(settings, clock, ground.turn.sure)
    recordings, transfer_targets = PgRecordings(pool), PgTransferTargets(pool)
    spool = FolderSpool(Path(settings.asterisk.recordings)) if settings.asterisk.recordings else None
    journals = PacingFiles(Path(settings.service.journal)) if settings.service.journal else None
    relay = relay_of(settings, clock)
    centre = Centre(
        CentrePorts(
            telephony=telephones.whole,
            ledger=ground.ledger,
            store=ground.engine_store,
            duty=PgDutyStore(pool, settings.service.site),
            outcomes=ground.outcomes,
            clock=clock,
            ids=ids,
            audit=ground.audit,
            transfer_targets=transfer_targets,
            surveys=PgSurveys(pool),
            recordings=recordings,
            spool=spool,
            pacing=PgPacing(pool),
            journal=None if journals is None else journals.write,
        ),
        CentreSettings(
            owner=ground.owner,
            site=settings.service.site,
            sip_domain=settings.asterisk.sip_domain,
            sip_port=settings.asterisk.phones_port,
            phones=settings.asterisk.own_phones,
            journal_lanes=max(1, settings.database.pool // 4),
            rest=rest_of(settings),
            trunk=trunk_of(settings),
            relay=(lambda _device: None) if relay is None else relay.grant,
        ),
        ground.turn,
    )
    clock.on_step = centre.clock_put
    return CallParts(
        telephones=telephones,
        centre=centre,
        feed=_told(centre, ground),
        previews=Previews(
            centre.floor,
            centre.engine,
            ground.ledger,
            PgPreviews(pool, ground.claimer),
            centre.rests,
            clock,
            centre.tasks,
            owner=ground.owner,
            name_of=ground.people.preview_name,
        ),
        recordings=Recordings(recordings, ground.vault, ground.audit, clock),
        keeper=RecordingKeeper(recordings, spool, ground.vault, clock),
        transfer_targets=transfer_targets,
        journals=journals,
        relay=relay,
    )


def _told(centre: Centre, ground: GroundParts) -> LiveFeed:
    """What screens follow; it has whatever changes in the centre."""
    feed = LiveFeed(str(ground.ids.new()))

    async def card_of(user: UserId, attempt: AttemptId) -> object:
        viewer = Viewer(actor=f"user:{user}", user=user, role="agent", client=None, attempt=attempt)
        return await ground.people.card(attempt, viewer)

    broadcast = Broadcast(centre.floor, centre.desk, feed, centre.tasks, card_of, settled=centre.journal.settled)
    centre.on_second = broadcast.look
    centre.messages.on_change = broadcast.agent_changed
    centre.transfers.on_change = broadcast.agent_changed
    centre.colleagues.on_change = broadcast.agent_changed
    return feed
