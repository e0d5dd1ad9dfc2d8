"""`dialer audit`."""

from __future__ import annotations

import argparse
import asyncio

from dialer.cli.settings import settings_of
from dialer.clock import SystemClock
from dialer.config import Settings
from dialer.domain.audit_chain import DIGEST_BYTES, Anchor, ChainFault
from dialer.domain.errors import InvalidError
from dialer.security.master_key import parse_master_key
from dialer.security.vault import signer
from dialer.services.audit_chain import AUDIT_ANCHOR, AuditChain
from dialer.storage.audit_chain import PgAuditChain
from dialer.storage.pool import open_pool

_WORDS = {
    "changed": "line {event} (position {position}) is not as it was written",
    "removed": "position {position} was taken out",
    "inserted": "line {event} was put in without a link",
    "cut-off": "the end is missing: there was a position {position}",
    "anchor": "at position {position} the chain is not the one that was signed or noted",
}


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "audit",
        help="whether the audit is whole",
        epilog="examples:\n  dialer audit verify\n"
        "  dialer audit verify --head 1834:9f2c...   what an earlier run, or the service's log, had said\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    verify = actions.add_parser("verify", help="read all of it; status 1 when a line was changed, removed or put in")
    verify.add_argument("--head", action="append", default=[], metavar="POSITION:DIGEST", help="what it must have had")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    return asyncio.run(verify_audit(settings_of(arguments), [_head(text) for text in arguments.head]))


async def verify_audit(settings: Settings, noted: list[Anchor]) -> int:
    """Status 1 with a line for each fault."""
    pool = await open_pool(settings.database.dsn, size=1, command_seconds=600.0)
    try:
        sign = signer(parse_master_key(settings.keys.master), AUDIT_ANCHOR)
        result = await AuditChain(PgAuditChain(pool), sign, SystemClock()).verify(noted)
    finally:
        await pool.close()
    for fault in result.faults:
        print(_said(fault))
    head = "" if result.head is None else f", head {result.head.position}:{result.head.digest.hex()}"
    print(f"{result.lines} lines, {result.anchors} anchors{head}")
    print("whole" if not result.faults else f"NOT whole: {len(result.faults)} faults")
    return 1 if result.faults else 0


def _said(fault: ChainFault) -> str:
    return _WORDS[fault.kind].format(event=fault.event, position=fault.position)


def _head(text: str) -> Anchor:
    position, _, digest = text.partition(":")
    try:
        anchor = Anchor(position=int(position), digest=bytes.fromhex(digest))
        if len(anchor.digest) == DIGEST_BYTES:
            return anchor
        raise ValueError(text)
    except ValueError:
        raise InvalidError("must be POSITION:DIGEST, as an earlier run said it", "--head") from None
