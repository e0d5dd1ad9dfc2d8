"""Builds what keeps personal data within its terms and residents' rights, and its job."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import asyncpg

from dialer.jobs import Job
from dialer.papers.files import ReportFilesWriter
from dialer.services.cases import CaseService
from dialer.services.contract_end import ContractEnd
from dialer.services.incidents import Incidents
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.vault import Vault
from dialer.services.privacy_requests import PrivacyRequests
from dialer.services.recordings import Recordings
from dialer.services.register import Register
from dialer.services.residents import ResidentRights
from dialer.services.retention import Retention
from dialer.storage.contract_end import PgContractEnd
from dialer.storage.erasure_list import ErasureFile
from dialer.storage.incidents import PgIncidents
from dialer.storage.logos import PgLogos
from dialer.storage.privacy_requests import PgPrivacyRequests
from dialer.storage.residents import PgResidents
from dialer.storage.retention import PgRetention
from dialer.storage.schema import PgSchema

_RETAIN_EVERY = 1800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyParts:
    """The services behind the pages of privacy."""

    register: Register
    retention: Retention
    contract_end: ContractEnd
    incidents: Incidents
    requests: PrivacyRequests

    def jobs(self, speed: float) -> Sequence[Job]:
        """Work by the clock; `speed`: of the calendar, in a demo."""
        return [Job(name="retention", every=_RETAIN_EVERY / speed, work=self.retention.tend)]


def privacy_parts(
    pool: asyncpg.Pool,
    *,
    cases: CaseService,
    sounds: Recordings,
    erasures: ErasureFile | None,
    vault: Vault,
    sign: Callable[[bytes], bytes],
    audit: AuditLog,
    clock: Clock,
    ids: Ids,
) -> PrivacyParts:
    """All of it, over one pool. `sign`: with the key of certificates of a contract's end."""
    rights = ResidentRights(
        store=PgResidents(pool, ids), cases=cases, erasures=erasures, sounds=sounds, vault=vault, audit=audit,
        clock=clock, ids=ids,
    )  # fmt: skip
    return PrivacyParts(
        register=Register(PgSchema(pool)),
        retention=Retention(store=PgRetention(pool), audit=audit, clock=clock, erasures=erasures),
        contract_end=ContractEnd(
            store=PgContractEnd(pool), retention=PgRetention(pool), erasures=erasures, vault=vault,
            logos=PgLogos(pool), writer=ReportFilesWriter(), sign=sign, clock=clock,
        ),
        incidents=Incidents(store=PgIncidents(pool), audit=audit, clock=clock, ids=ids),
        requests=PrivacyRequests(store=PgPrivacyRequests(pool), rights=rights, audit=audit, clock=clock, ids=ids),
    )  # fmt: skip
