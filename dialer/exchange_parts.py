"""What exchanges data with clients' own systems, built for the composition root."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import asyncpg

from dialer.clock import SystemClock
from dialer.config import Settings, SettingsError
from dialer.domain.arrivals import SourceKind
from dialer.domain.exchange import ChannelKind
from dialer.domain.notices import Via
from dialer.domain.outlets import OutletKind
from dialer.exchange.carriers import PlaceCarrier, PushCarrier
from dialer.exchange.ddas import VERSIONS, complaints, document
from dialer.exchange.feeds import ChildFeedReader, HttpFeeds
from dialer.exchange.folder import FolderOpener
from dialer.exchange.guarded import GuardedHttp, Reach, check_url, parse_networks
from dialer.exchange.klantinteracties import FIELDS, KlantinteractiesCourier
from dialer.exchange.mail import MODES, MailPost, MailServer
from dialer.exchange.sftp import SftpOpener, is_host_key, new_key
from dialer.exchange.sms import SmsPost
from dialer.exchange.webhook import WebhookCourier
from dialer.intake.tables import FileTables
from dialer.jobs import Job
from dialer.metrics import Metrics
from dialer.schedule.model import Planner
from dialer.services.arrivals import Arrivals
from dialer.services.channels import ChannelService
from dialer.services.ddas import Ddas
from dialer.services.export import ExportService
from dialer.services.hand_back import HandBack
from dialer.services.intake import IntakeService
from dialer.services.notices import BookingNotices
from dialer.services.outbox import Outbox
from dialer.services.outlets import OutletService
from dialer.services.ports.arrivals import Opener
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Ids
from dialer.services.ports.exchange import Courier
from dialer.services.ports.notices import Post
from dialer.services.ports.outlets import Carrier
from dialer.services.ports.vault import Vault
from dialer.services.result_files import ResultFiles
from dialer.services.secrets import Secrets
from dialer.services.slot_feeds import SlotFeeds
from dialer.services.slots import CallSlots, SlotService
from dialer.services.sources import Sources
from dialer.storage.arrivals import PgArrivals
from dialer.storage.bookings import PgBookings
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.channels import PgChannels
from dialer.storage.ddas import PgDdas
from dialer.storage.hand_back import PgHandBack
from dialer.storage.notices import PgNotices
from dialer.storage.outbox import PgOutbox
from dialer.storage.outlets import PgOutlets
from dialer.storage.report_deliveries import PgReportDeliveries
from dialer.storage.secrets import PgSecrets
from dialer.storage.slots import PgSlots
from dialer.wiring import speed_of

_SEND_EVERY = 5.0
_LATE_EVERY = 60.0
_LOOK_EVERY = 60.0
_FORGET_EVERY = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeParts:
    """For the API and the jobs."""

    channels: ChannelService
    hand_back: HandBack
    outlets: OutletService
    secrets: Secrets
    ddas: Ddas
    sources: Sources
    slots: SlotService
    call_slots: CallSlots
    feeds: SlotFeeds
    mail: MailPost | None
    sms: SmsPost | None
    carriers: Mapping[OutletKind, Carrier]
    outgoing: PgOutlets
    files: ResultFiles
    jobs: Sequence[Job]


def exchange_parts(
    stack: AsyncExitStack,
    settings: Settings,
    *,
    pool: asyncpg.Pool,
    vault: Vault,
    audit: AuditLog,
    clock: SystemClock,
    ids: Ids,
    owner: str,
    metrics: Metrics,
    intake: IntakeService,
    spool: Path,
    catalogues: CatalogueStore,
    planner: Planner,
    exports: ExportService,
) -> ExchangeParts:
    """Everything, closed with the stack. Raises SettingsError."""
    try:
        networks = parse_networks(settings.exchange.networks)
    except ValueError:
        raise SettingsError("exchange.networks must be networks like 10.1.2.0/24, separated by blanks") from None
    reach = Reach(networks=networks, demo=settings.service.demo)
    http = GuardedHttp(reach)
    stack.push_async_callback(http.close)
    couriers: Mapping[ChannelKind, Courier] = {
        ChannelKind.WEBHOOK: WebhookCourier(http, lambda: clock.wall_utc().timestamp()),
        ChannelKind.KLANTINTERACTIES: KlantinteractiesCourier(http),
    }
    store, channels, hand_back = PgOutbox(pool), PgChannels(pool), HandBack(PgHandBack(pool), clock)
    incoming = PgArrivals(pool)
    root = Path(settings.exchange.folder) if settings.exchange.folder else None
    openers: Mapping[SourceKind, Opener] = {
        SourceKind.FOLDER: FolderOpener(root),
        SourceKind.SFTP: SftpOpener(reach),
    }
    arrivals = Arrivals(incoming, openers, intake, vault, clock, ids, owner=owner, spool=spool)
    sources = Sources(
        store=incoming, arrivals=arrivals, new_key=new_key, is_host_key=is_host_key, vault=vault, audit=audit,
        clock=clock, ids=ids,
    )  # fmt: skip
    carriers: Mapping[OutletKind, Carrier] = {
        OutletKind.FOLDER: PlaceCarrier(openers[SourceKind.FOLDER]),
        OutletKind.SFTP: PlaceCarrier(openers[SourceKind.SFTP]),
        OutletKind.PUSH: PushCarrier(http, lambda: clock.wall_utc().timestamp()),
    }
    outgoing = PgOutlets(pool)
    files = ResultFiles(
        store=outgoing, exports=exports, carriers=carriers, writer=FileTables(), vault=vault, clock=clock, ids=ids,
        owner=owner,
    )  # fmt: skip
    outlets = OutletService(
        store=outgoing, files=files, carriers=carriers, new_key=new_key, is_host_key=is_host_key,
        may_call=lambda url: check_url(url, reach), vault=vault, audit=audit, clock=clock, ids=ids,
    )  # fmt: skip
    secrets = Secrets(store=PgSecrets(pool), channels=channels, outlets=outgoing, vault=vault, audit=audit, clock=clock)
    times, letters = PgSlots(pool, ids), PgNotices(pool)
    posts = _posts(settings, http, reach)
    slots = SlotService(
        slots=times, bookings=PgBookings(pool, catalogues, planner), notices=letters,
        may_call=lambda url: check_url(url, reach), vault=vault, audit=audit, clock=clock, ids=ids,
    )  # fmt: skip
    feeds = SlotFeeds(
        slots=times, fetch=HttpFeeds(http), read=ChildFeedReader(), vault=vault, audit=audit, clock=clock,
    )  # fmt: skip
    notices = BookingNotices(letters, posts, vault, clock, owner=owner, organizer=settings.mail.sender)
    return ExchangeParts(
        sources=sources,
        slots=slots,
        call_slots=CallSlots(times, clock, posts),
        feeds=feeds,
        mail=mail if isinstance(mail := posts.get(Via.EMAIL), MailPost) else None,
        sms=sms if isinstance(sms := posts.get(Via.SMS), SmsPost) else None,
        carriers=carriers,
        outgoing=outgoing,
        files=files,
        channels=ChannelService(
            channels=channels,
            outbox=store,
            couriers=couriers,
            fields={ChannelKind.KLANTINTERACTIES: FIELDS},
            may_call=lambda url: check_url(url, reach),
            vault=vault,
            audit=audit,
            clock=clock,
            ids=ids,
        ),
        hand_back=hand_back,
        outlets=outlets,
        secrets=secrets,
        ddas=Ddas(
            store=PgDdas(pool),
            document=document,
            complaints=complaints,
            versions=VERSIONS,
            vault=vault,
            audit=audit,
            clock=clock,
        ),
        jobs=[
            Job(name="slots", every=_LATE_EVERY, work=slots.tend),
            Job(name="calendars", every=_LATE_EVERY / speed_of(clock), work=feeds.tend),
            Job(name="booking-notices", every=_SEND_EVERY, work=notices.tend),
            Job(name="forget-addresses", every=_FORGET_EVERY, work=notices.forget),
            Job(name="forget-secrets", every=_FORGET_EVERY, work=secrets.forget),
            Job(name="outbox", every=_SEND_EVERY, work=Outbox(store, couriers, vault, clock, owner).tend),
            Job(
                name="late-results",
                every=_LATE_EVERY / speed_of(clock),
                work=partial(
                    _count,
                    hand_back,
                    channels,
                    outgoing,
                    sources,
                    feeds,
                    PgReportDeliveries(pool),
                    PgNotices(pool),
                    metrics,
                ),
                own=True,
            ),
            Job(name="result-files", every=_LOOK_EVERY / speed_of(clock), work=files.tend),
            Job(name="arrivals", every=_LOOK_EVERY / speed_of(clock), work=arrivals.tend),
        ],
    )


async def _count(
    hand_back: HandBack, channels: PgChannels, outlets: PgOutlets, sources: Sources, feeds: SlotFeeds,
    reports: PgReportDeliveries, notices: PgNotices, metrics: Metrics,
) -> int:  # fmt: skip
    late = await hand_back.late()
    metrics.results_late.clear()
    metrics.results_unreceipted.clear()
    for campaign, longest in late.longest.items():
        metrics.results_unreceipted.labels(str(campaign)).set(longest.total_seconds())
    metrics.notices_dead.clear()
    for client, dead in await notices.dead():
        metrics.notices_dead.labels(str(client)).set(dead)
    for campaign, kinds in late.counts.items():
        for kind, count in kinds.items():
            metrics.results_late.labels(str(campaign), kind.value).set(count)
    metrics.messages_dead.clear()
    for channel in await channels.all(None):
        metrics.messages_dead.labels(str(channel.id)).set(channel.dead)
    metrics.result_files_dead.clear()
    for outlet in await outlets.all(None):
        metrics.result_files_dead.labels(str(outlet.id)).set(outlet.dead)
    for schedule, dead in await reports.dead():  # reports that are brought are files too
        metrics.result_files_dead.labels(str(schedule)).set(dead)
    metrics.files_missing.clear()
    for one in await sources.missing(None):
        metrics.files_missing.labels(str(one.campaign), str(one.source)).set(1)
    metrics.calendars_silent.clear()
    for feed in await feeds.silent(None):
        metrics.calendars_silent.labels(str(feed.client), str(feed.source)).set(1)
    metrics.appointments_withdrawn.set(await feeds.withdrawn(None))
    return sum(sum(kinds.values()) for kinds in late.counts.values())


def _posts(settings: Settings, http: GuardedHttp, reach: Reach) -> Mapping[Via, Post]:
    """How residents can be told of their appointments. Raises SettingsError."""
    mail, sms = settings.mail, settings.sms
    posts: dict[Via, Post] = {}
    if mail.host:
        if mail.mode not in MODES:
            raise SettingsError(f"mail.mode must be one of {', '.join(MODES)}")
        if "@" not in mail.sender:
            raise SettingsError("mail.sender must be an address: mail goes out from it")
        if mail.username and mail.mode == "none":
            raise SettingsError("mail.mode: a password goes over an encrypted line only")
        posts[Via.EMAIL] = MailPost(
            MailServer(
                host=mail.host, port=mail.port, mode=mail.mode, username=mail.username, password=mail.password,
                sender=mail.sender,
            )
        )  # fmt: skip
    if sms.url:
        if not check_url(sms.url, reach):
            raise SettingsError("sms.url must begin with https:// and lead out of our own network")
        posts[Via.SMS] = SmsPost(http, sms.url, sms.token, sms.sender)
    return posts
