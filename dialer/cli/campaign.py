"""`dialer campaign`: make, start, pause and stop campaigns, look before the start, and ask why nothing is dialled."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from dialer.asterisk.sounds import missing
from dialer.cli.running import facts_of
from dialer.cli.settings import settings_of
from dialer.clock import SystemClock, SystemIds
from dialer.config import Settings
from dialer.domain.errors import InvalidError, NotFoundError
from dialer.domain.ids import CampaignId, CaseId, ClientId, UserId
from dialer.schedule.planner.product import LearnedPlanner
from dialer.services.campaigns import CampaignService
from dialer.services.learning import LearningService
from dialer.services.outcome_rules import OutcomeRuleService
from dialer.services.ports.campaigns import CaseWhy, EngineFacts, NewCampaign, Why
from dialer.storage.accounts import PostgresAccounts
from dialer.storage.campaigns import PostgresCampaigns
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.learning import PgLearning
from dialer.storage.office import PostgresOffice
from dialer.storage.outcome_rules import PgOutcomeRules
from dialer.storage.pool import open_pool
from dialer.storage.steering import PostgresCases

_EXAMPLES = """\
examples:
  dialer campaign add "Vroegsignalering juni" --client voorbeeldstad --set lines=8 --set ring_seconds=28
  dialer campaign add "Proef" --client voorbeeldstad --calendar hours.json --starts-on 2026-06-01 --ends-on 2026-11-30
  dialer campaign set "Vroegsignalering juni" hold_out_percent=10 hold_out_agreement=Z-2026/14
  dialer campaign rules "Vroegsignalering juni"
  dialer campaign rules "Vroegsignalering juni" 'REJECTED={"kind": "pause", "pause_days": 3}'
  dialer campaign rules "Vroegsignalering juni" 'REJECTED={"kind": "pause", "pause_days": 3}' --keep "less pressing"
  dialer campaign agents "Vroegsignalering juni" anna bilal
  dialer campaign preflight "Vroegsignalering juni"
  dialer campaign start "Vroegsignalering juni"
  dialer campaign why "Vroegsignalering juni"
  dialer campaign why "Vroegsignalering juni" --case 0198c0de-0000-7000-8000-000000000000
  dialer campaign pause "Vroegsignalering juni"
  dialer campaign list

hours.json, what is left out stays as usual:
  {"week": {"sat": [["10:00", "16:00"]]}, "exceptions": {"2026-12-31": [["08:30", "16:00"]]},
   "holidays": {"good_friday": true}, "early_closings": true}
"""
_STATES = {"start": "running", "pause": "paused", "drain": "draining", "stop": "stopped"}
_HELP = {
    "start": "dial, unless the pre-flight check finds a fault",
    "pause": "nothing new leaves, what rings is cut; conversations go on",
    "drain": "nothing new leaves, what rings goes on",
    "stop": "end it",
}
_ACTOR = "cli"


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignTools:
    """What this command works with."""

    service: CampaignService
    office: PostgresOffice
    accounts: PostgresAccounts
    catalogues: CatalogueStore
    rules: OutcomeRuleService


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "campaign",
        help="make, start, pause and stop campaigns; why is nothing dialled",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add = actions.add_parser("add", help="a new campaign, not started yet")
    add.add_argument("campaign", metavar="NAME")
    add.add_argument("--client", required=True, metavar="SLUG", help="whose campaign it is")
    add.add_argument("--calendar", type=Path, metavar="FILE", help="calling hours as JSON")
    add.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="lines, ring_seconds, ...")
    add.add_argument("--starts-on", type=date.fromisoformat, metavar="DATE")
    add.add_argument("--ends-on", type=date.fromisoformat, metavar="DATE")
    for name, text in _HELP.items():
        _named(actions.add_parser(name, help=text))
    _named(actions.add_parser("preflight", help="whom it would call, whom not, and what blocks the start"))
    why = _named(actions.add_parser("why", help="the first rule that holds calls back"))
    why.add_argument("--case", type=UUID, metavar="ID", help="for one resident")
    agents = _named(actions.add_parser("agents", help="set who works for it; nobody named: everybody may"))
    agents.add_argument("login", nargs="*", metavar="LOGIN")
    change = _named(actions.add_parser("set", help="change settings; the others stay"))
    change.add_argument("setting", nargs="+", metavar="KEY=VALUE", help="lines, hold_out_percent, ...")
    rules = _named(actions.add_parser("rules", help="what follows each outcome; with a step: what a change would do"))
    rules.add_argument("step", nargs="*", metavar="OUTCOME=JSON", help="the new step, whole")
    rules.add_argument("--keep", default="", metavar="REASON", help="do it; the running service brings it to the cases")
    actions.add_parser("list", help="all campaigns")
    parser.set_defaults(run=_run)


def _named(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("campaign", metavar="NAME", help="name or id")
    parser.add_argument("--client", default="", metavar="SLUG", help="where two clients have a campaign of that name")
    parser.add_argument("--language", choices=("nl", "en"), default="nl")
    return parser


def _run(arguments: argparse.Namespace) -> int:
    return asyncio.run(_act(settings_of(arguments), arguments))


@contextlib.asynccontextmanager
async def _tools(settings: Settings, running: Mapping[str, EngineFacts]) -> AsyncIterator[CampaignTools]:
    """`running`: what the service that runs says, by campaign."""
    pool = await open_pool(settings.database.dsn, size=4)
    try:
        catalogues, planner = CatalogueStore(pool), LearnedPlanner()
        await LearningService(PgLearning(pool), planner, SystemClock()).load()  # as the running service plans
        service = CampaignService(
            PostgresCampaigns(pool),
            PostgresCases(pool, catalogues, planner),
            SystemClock(),
            SystemIds(),
            facts=lambda campaign: running.get(str(campaign)),
            missing_messages=partial(_missing, settings),
        )
        yield CampaignTools(
            service=service,
            office=PostgresOffice(pool),
            accounts=PostgresAccounts(pool),
            catalogues=catalogues,
            rules=OutcomeRuleService(PgOutcomeRules(pool, catalogues, planner), catalogues, SystemClock()),
        )
    finally:
        await pool.close()


def _missing(settings: Settings, folder: str) -> list[str]:
    return list(missing(Path(settings.asterisk.sounds), folder)) if settings.asterisk.sounds else []


async def _act(settings: Settings, arguments: argparse.Namespace) -> int:
    running = await facts_of(settings) if arguments.action == "why" else {}
    async with _tools(settings, running or {}) as tools:
        if arguments.action == "list":
            return await _list(tools)
        if arguments.action == "add":
            return await _add(tools, arguments)
        campaign = await _find(tools, arguments.campaign, arguments.client)
        if arguments.action in _STATES:
            await tools.service.set_state(campaign, _STATES[arguments.action], _ACTOR)
            print(_STATES[arguments.action])
            return 0
        if arguments.action == "preflight":
            return await _preflight(tools, campaign, arguments.language)
        if arguments.action == "set":
            await tools.service.change_settings(campaign, _settings(arguments.setting), _ACTOR)
            return 0
        if arguments.action == "rules":
            return await _rules(tools, campaign, arguments)
        if arguments.action == "agents":
            await tools.service.set_agents(campaign, [await _user(tools, name) for name in arguments.login], _ACTOR)
            return 0
        if arguments.case is not None:
            return _say_case(await tools.service.why_case(CaseId(arguments.case), arguments.language))
        found = await tools.service.why(campaign, arguments.language)
        if running is None and not found.code.startswith("campaign_"):  # a campaign that does not run needs no asking
            print("the running service does not answer: agents and lines are not looked at", file=sys.stderr)
        return _say(found)


async def _find(tools: CampaignTools, name: str, client: str) -> CampaignId:
    with contextlib.suppress(ValueError):
        return CampaignId(UUID(name))
    return await tools.service.find(name, client)


async def _user(tools: CampaignTools, login: str) -> UserId:
    found = await tools.accounts.credentials(login)
    if found is None:
        raise NotFoundError(f"no such user: {login}")
    return found.user.id


async def _add(tools: CampaignTools, arguments: argparse.Namespace) -> int:
    await tools.catalogues.seed(SystemClock().now())
    campaign = await tools.service.create(
        NewCampaign(
            client=await _client(tools, arguments.client),
            name=arguments.campaign,
            calendar=_json(arguments.calendar),
            settings=_settings(arguments.set),
            starts_on=arguments.starts_on,
            ends_on=arguments.ends_on,
        ),
        _ACTOR,
    )
    print(campaign)
    return 0


async def _client(tools: CampaignTools, slug: str) -> ClientId:
    for line in await tools.office.clients(None):
        if line.slug == slug:
            return line.id
    raise NotFoundError(f"no such client: {slug}")


def _json(path: Path | None) -> Mapping[str, Any] | None:
    if path is None:
        return None
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidError(f"cannot be read: {type(error).__name__}", str(path)) from None
    if not isinstance(data, dict):
        raise InvalidError("is not a JSON object", str(path))
    return data


def _settings(pairs: list[str]) -> dict[str, Any]:
    """`key=value`; a value that is JSON (a number, true) is taken as such."""
    values: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals:
            raise InvalidError("write KEY=VALUE", "--set")
        try:
            values[key] = json.loads(text)
        except ValueError:
            values[key] = text
    return values


async def _rules(tools: CampaignTools, campaign: CampaignId, arguments: argparse.Namespace) -> int:
    found = await tools.rules.rules(campaign, arguments.language)
    english = arguments.language == "en"
    if not arguments.step:
        for rule in found.items:
            print(f"{rule.code:<18} {'' if rule.editable else '= '}{json.dumps(rule.step)}  {rule.label}")
        print(f"{'version' if english else 'versie'}: {found.version}")
        if found.waiting:
            print(f"{'cases still to be changed' if english else 'zaken die nog volgen'}: {found.waiting}")
        return 0
    steps = _settings(arguments.step)
    for code, step in steps.items():
        if not isinstance(step, dict):
            raise InvalidError('write OUTCOME={"kind": ...}', code)
    did = await tools.rules.revise(
        campaign, found.version, steps, note=arguments.keep, actor=_ACTOR, user=None, dry_run=not arguments.keep
    )
    about = ("about " if english else "ongeveer ") if did.estimated else ""
    print(f"{'next attempt moves' if english else 'volgende poging verschuift'}: {about}{did.moved}")
    print(f"{'closed' if english else 'gesloten'}: {about}{did.closed}")
    print(f"{'as before' if english else 'blijft gelijk'}: {about}{did.same}")
    if did.version is not None:
        print(f"{'version' if english else 'versie'}: {did.version}")
    return 0


async def _list(tools: CampaignTools) -> int:
    slugs = {line.id: line.slug for line in await tools.office.clients(None)}
    after: UUID | None = None
    while page := await tools.office.campaigns(None, after, 100):
        for line in page:
            print(f"{line.id}  {line.state:<9} {slugs[line.client]:<20} {line.name}")
        after = page[-1].id
    return 0


async def _preflight(tools: CampaignTools, campaign: CampaignId, language: str) -> int:
    found = await tools.service.preflight(campaign, language)
    for check in found.checks:
        print(f"{'ok  ' if check.ok else 'STOP' if check.blocking else 'note'}  {check.text}")
    english = language == "en"
    print(f"{'will call' if english else 'te bellen'}: {found.will_call}")
    for count in found.skipped:
        print(f"{'skipped' if english else 'overgeslagen'}: {count.count}  {count.text}")
    return 0 if found.may_start else 1


def _say(found: Why) -> int:
    print(found.text)
    return 0


def _say_case(found: CaseWhy) -> int:
    print(found.text)
    for sentence in [] if found.plan is None else found.plan.text:
        print(sentence)
    return 0
