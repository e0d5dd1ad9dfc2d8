"""What the service looks at for whoever watches it: work by the clock, disks, certificates, clocks, the carrier's line.

Each quarter of a minute, each by itself: where one look fails its figures stay as they were, and the others go on.
Nothing personal: labels are names of jobs, folders' purposes, files and campaign ids.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
from cryptography import x509
from prometheus_client import CollectorRegistry, Gauge

from dialer.config import Settings
from dialer.domain.errors import UnavailableError
from dialer.node_parts import NODE_STATES, Telephones
from dialer.services.ports.telephony import TelephonyError
from dialer.storage.jobs import BACKUP, PgJobStore
from dialer.storage.watch import PgWatch

log = logging.getLogger(__name__)

LEAST_FREE = 0.1
"""Free share of a disk below which the alert DiskFilling tells."""

TERM_NEAR = timedelta(days=2)
"""Calendar time before a case's planning ends in which a resident whom nobody has tried is somebody's worry."""


class WatchGauges:
    """The instruments."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, words: str, *labels: str) -> Gauge:
            return Gauge(name, words, labels, registry=registry)

        self.job_at = gauge(
            "dialer_job_last_success_timestamp_seconds", "When work by the clock last went well; 0: never.", "name"
        )
        self.job_failing = gauge("dialer_job_failing", "1 while the last run of work by the clock failed.", "name")
        self.disk_free = gauge("dialer_disk_free_ratio", "Free share of the disk under a folder.", "folder")
        self.certificate = gauge(
            "dialer_certificate_ends_timestamp_seconds", "When a certificate ends; 0: it cannot be read.", "file"
        )
        self.clock_apart = gauge("dialer_clock_apart_seconds", "Their wall clock less ours.", "of")
        self.trunk_up = gauge("dialer_trunk_up", "1 while Asterisk can use the carrier's line.", "trunk")
        self.node_state = gauge("dialer_node_state", "1 for the state that an Asterisk node is in.", "node", "state")
        self.node_channels = gauge("dialer_node_channels", "Channels on a node, of several nodes.", "node")
        self.unserved = gauge("dialer_campaigns_unserved", "Running campaigns that no process calls for.", "of")
        self.cases_due = gauge("dialer_cases_due", "Open cases whose next attempt is due.", "campaign")
        self.terms_near = gauge(
            "dialer_terms_near", "Open cases whose planning ends within two days.", "campaign", "tried"
        )
        self.promised = gauge("dialer_reach_promised_ratio", "Reach that was promised to the client.", "campaign")
        self.forecast = gauge(
            "dialer_reach_forecast_ratio", "Reach expected at the end, with its doubt.", "campaign", "bound"
        )


class Watch:
    """Looks, and sets the gauges."""

    def __init__(
        self,
        gauges: WatchGauges,
        settings: Settings,
        pool: asyncpg.Pool,
        telephones: Telephones,
        *,
        now: Callable[[], datetime],
        wall: Callable[[], float],
        spool: Path,
    ) -> None:
        """`now`: calendar time; `wall`: unix seconds."""
        self._gauges = gauges
        self._store = PgWatch(pool)
        self._jobs = PgJobStore(pool)
        self._telephones = telephones
        self._trunk = settings.asterisk.trunk
        self._now = now
        self._wall = wall
        self._certificates = [Path(name) for name in settings.http.certificates.split()]
        self._folders = watched_folders(settings, str(spool))

    async def look(self) -> int:
        """Job: everything once; how many looks failed. Raises nothing that a part's absence would raise."""
        looks = (
            self._look_at_jobs,
            self._look_at_campaigns,
            self._look_at_reach,
            self._look_at_sites,
            self._look_at_clocks,
            self._look_at_nodes,
        )
        failed = 0
        for one in looks:
            try:
                await one()
            except (UnavailableError, TelephonyError, OSError) as error:
                failed += 1
                log.warning("not looked at part=%s reason=%s", one.__name__, type(error).__name__)
        await self._look_at_trunk()
        await asyncio.to_thread(self._look_at_files)
        return failed

    async def _look_at_jobs(self) -> None:
        states: dict[str, tuple[datetime | None, bool]] = {BACKUP: (None, False)}
        states.update(await self._jobs.states())
        for name, (at, failing) in states.items():
            self._gauges.job_at.labels(name).set(0.0 if at is None else at.timestamp())
            self._gauges.job_failing.labels(name).set(failing)

    async def _look_at_campaigns(self) -> None:
        now = self._now()
        for one in await self._store.work(now, now + TERM_NEAR):
            label = str(one.campaign)
            self._gauges.cases_due.labels(label).set(one.due)
            self._gauges.terms_near.labels(label, "no").set(one.untried)
            self._gauges.terms_near.labels(label, "yes").set(one.near - one.untried)

    async def _look_at_reach(self) -> None:
        for one in await self._store.reach():
            label = str(one.campaign)
            if one.promised is not None:
                self._gauges.promised.labels(label).set(one.promised)
            for bound, value in one.forecast.items():
                self._gauges.forecast.labels(label, bound).set(value)

    async def _look_at_sites(self) -> None:
        found = await self._store.unserved()
        self._gauges.unserved.clear()
        for site, campaigns in found.items():
            self._gauges.unserved.labels(site).set(campaigns)

    async def _look_at_clocks(self) -> None:
        clocks = [node.clock_apart for node in self._telephones.nodes.values()]
        self._gauges.clock_apart.labels("asterisk").set(max(clocks, key=abs))
        before = self._wall()
        theirs = await self._store.clock()
        after = self._wall()
        # The answer was made at some moment in between: apart is only what that cannot explain.
        apart = theirs - min(max(theirs, before), after)
        self._gauges.clock_apart.labels("database").set(apart)

    async def _look_at_trunk(self) -> None:
        found = []
        for node in self._telephones.nodes.values():
            try:
                found.append(await node.trunk_up(self._trunk))
            except TelephonyError:  # nobody can say: the link's own alert does
                continue
        if found:
            self._gauges.trunk_up.labels(self._trunk).set(all(found))
        else:
            self._gauges.trunk_up.clear()

    async def _look_at_nodes(self) -> None:
        for name, state, channels in self._telephones.states():
            for one in NODE_STATES:
                self._gauges.node_state.labels(name, one).set(one == state)
            self._gauges.node_channels.labels(name).set(channels)

    def _look_at_files(self) -> None:
        for name, share in free_shares(self._folders).items():
            self._gauges.disk_free.labels(name).set(share)
        for name, ends in certificate_ends(self._certificates).items():
            self._gauges.certificate.labels(name).set(ends)


def watched_folders(settings: Settings, spool: str) -> Mapping[str, Path]:
    """Folders whose disks must not fill, by purpose. `spool`: where uploads are, which nobody need have set."""
    named = {
        "spool": spool,
        "journal": settings.service.journal,
        "sounds": settings.asterisk.sounds,
        "recordings": settings.asterisk.recordings,
        "exchange": settings.exchange.folder,
    }
    return {name: Path(folder) for name, folder in named.items() if folder}


def free_shares(folders: Mapping[str, Path]) -> Mapping[str, float]:
    """Free share of each folder's disk, 0 to 1; a folder that is gone is left out."""
    found = {}
    for name, folder in folders.items():
        try:
            usage = shutil.disk_usage(folder)
        except OSError:
            log.warning("no such folder purpose=%s", name)
            continue
        found[name] = usage.free / usage.total
    return found


def certificate_ends(files: Sequence[Path]) -> Mapping[str, float]:
    """When the first of each file's certificates to end does, unix seconds; 0 for a file that cannot be read."""
    found = {}
    for file in files:
        try:
            held = x509.load_pem_x509_certificates(file.read_bytes())
            found[file.name] = min(one.not_valid_after_utc for one in held).timestamp()
        except (OSError, ValueError) as error:
            log.warning("certificate not read file=%s reason=%s", file.name, type(error).__name__)
            found[file.name] = 0.0
    return found
