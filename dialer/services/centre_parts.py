"""What a centre is made of and how it runs: the ports that the composition root fills in, and the settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from dialer.domain.devices import OwnPhones
from dialer.domain.sites import MAIN
from dialer.services.journal import LANES
from dialer.services.pacemaker import Written
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.duty import DutyStore
from dialer.services.ports.engine import EngineStore
from dialer.services.ports.ledger import Ledger
from dialer.services.ports.outcomes import OutcomeFiler
from dialer.services.ports.pacing import PacingMemory
from dialer.services.ports.phones import RelayGrant
from dialer.services.ports.recordings import RecordingSpool, RecordingStore
from dialer.services.ports.surveys import SurveyStore
from dialer.services.ports.telephony import Telephony
from dialer.services.ports.transfers import TransferTargetStore
from dialer.services.rest import RestRules
from dialer.services.room import TrunkBounds


@dataclass(frozen=True, slots=True, kw_only=True)
class CentrePorts:
    """Everything from outside."""

    telephony: Telephony
    ledger: Ledger
    store: EngineStore
    duty: DutyStore
    outcomes: OutcomeFiler
    clock: Clock
    ids: Ids
    audit: AuditLog
    transfer_targets: TransferTargetStore
    surveys: SurveyStore | None = None  # None: nobody is asked
    recordings: RecordingStore | None = None  # None, or no spool: nothing is recorded
    spool: RecordingSpool | None = None
    pacing: PacingMemory | None = None  # None: what pacing learns is forgotten at the end
    journal: Written | None = None  # takes the lines of pacing's decision journal


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreSettings:
    """How this centre runs."""

    owner: str
    site: str = MAIN  # whose clients it calls for
    sip_domain: str
    sip_port: int
    phones: OwnPhones = "udp"  # how agents' own SIP phones register there
    journal_lanes: int = LANES
    rest: RestRules = field(default_factory=RestRules)
    trunk: TrunkBounds = field(default_factory=TrunkBounds)
    relay: Callable[[str], RelayGrant | None] = lambda _device: None  # for phones in browsers, by account
