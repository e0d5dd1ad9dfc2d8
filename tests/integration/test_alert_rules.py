"""Every alert fires when it should and stays quiet when it should not, by Prometheus' own judge."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.prometheus import RULES, program

PROMTOOL = program("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="no promtool: `scripts/setup test` unpacks Debian's")

EVERY = "14s"
"""Not in step with the judging every 15 s, as in life: a count over a time is an estimate then."""

Series = Mapping[str, str]
"""Samples every `EVERY`, in promtool's notation: `0+2x80` begins at 0 and goes up by 2, eighty times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """When an alert fires, and what must not wake anybody; looked at `at`."""

    at: str
    fires: Series
    quiet: Sequence[Series]
    labels: Mapping[str, str] = field(default_factory=dict)
    value: str = ""
    every: str = EVERY
    judged: str = "15s"


def held(reason: str) -> str:
    return f'dialer_campaign_holding{{campaign="c1",reason="{reason}"}}'


def ended(result: str) -> str:
    return f'dialer_calls_ended_total{{direction="out",result="{result}"}}'


def near(tried: str) -> str:
    return f'dialer_terms_near{{campaign="c1",tried="{tried}"}}'


FELL_SILENT, JOINED = "dialer_residents_fell_silent_total", "dialer_answer_to_agent_seconds_count"
SERVED = "dialer_inbound_wait_seconds_count"
IN_WINDOW, DUE = 'dialer_campaign_in_window{campaign="c1"}', 'dialer_cases_due{campaign="c1"}'
FREE, DIALS = 'dialer_campaign_agents_free{campaign="c1"}', 'dialer_dials_started_total{campaign="c1"}'
SPENT = 'dialer_pacing_promise_spent_ratio{campaign="c1"}'
LAST_BACKUP = 'dialer_job_last_success_timestamp_seconds{name="backup"}'
CERTIFICATE = 'dialer_certificate_ends_timestamp_seconds{file="panel.pem"}'
ABANDONED, ANSWERED = "dialer_calls_abandoned_total", "dialer_calls_answered_total"

TRUNK = 'dialer_trunk_up{instance="a",trunk="t1"'
WAIT = "dialer_inbound_longest_wait_seconds"
SOUTH, NORTH = '{site="south"}', '{site="north"}'
"""Two sites: the fault of one is not hidden behind the other's health."""

CASES: Mapping[str, Case] = {
    "CarrierRefusesCalls": Case(
        at="2m",
        labels={"campaign": "c1"},
        fires={held("trunk_faults"): "1 _x20"},
        quiet=[{held("agents"): "1x20"}, {held("trunk_faults"): "_x20"}],
    ),
    "CarrierFaults": Case(
        at="15m",
        fires={ended("FAILED"): "0+1x80", ended("CONGESTION"): "0+1x80", ended("NO_ANSWER"): "0+10x80"},
        quiet=[
            {ended("FAILED"): "0+1x80", ended("NO_ANSWER"): "0+10x80"},
            {ended("FAILED"): "0x56 0+9x4", ended("NO_ANSWER"): "0+10x80"},  # for a minute only
        ],
    ),
    "TrunkGone": Case(
        at="2m",
        labels={"trunk": "t1", "site": "south"},
        fires={TRUNK + ',site="south"}': "0x20", TRUNK + ',site="north"}': "1x20"},
        quiet=[
            {TRUNK + "}": "1x20"},
            {'dialer_trunk_up{instance="a",trunk="t1"}': "0x20", 'dialer_trunk_up{instance="b",trunk="t1"}': "1x20"},
            {'dialer_trunk_up{instance="a",trunk="t1"}': "1x6 0 0"},
        ],
    ),
    "NodeLost": Case(
        at="2m",
        labels={"node": "n2"},
        fires={
            'dialer_node_state{instance="a",node="n2",state="in doubt"}': "0 0 1x2 0x20",
            'dialer_node_state{instance="a",node="n2",state="down"}': "0x4 1x20",
        },
        quiet=[
            {'dialer_node_state{instance="a",node="n2",state="draining"}': "1x20"},
            {'dialer_node_state{instance="a",node="n2",state="in doubt"}': "0x7 1 0"},  # back within half a minute
        ],
    ),
    "SiteUnserved": Case(
        at="3m",
        labels={"of": "noord"},
        value="2",
        fires={
            'dialer_campaigns_unserved{instance="a",of="noord"}': "2x20",
            'dialer_campaigns_unserved{instance="a",of="main"}': "0x20",
        },
        quiet=[
            {'dialer_campaigns_unserved{instance="a",of="noord"}': "0x20"},
            {'dialer_campaigns_unserved{instance="a",of="noord"}': "2x2 0x18"},  # a take-over
        ],
    ),
    "NothingDialled": Case(
        at="31m",
        labels={"campaign": "c1"},
        fires={IN_WINDOW: "1x140", DUE: "5x140", DIALS: "7x140"},
        quiet=[
            {IN_WINDOW: "1x140", DUE: "5x140", DIALS: "0x70 1x70"},  # one, a quarter of an hour ago
            {IN_WINDOW: "0x140", DUE: "5x140", DIALS: "7x140"},
            {IN_WINDOW: "1x140", DUE: "0x140", DIALS: "7x140"},
        ],
    ),
    "DialsStuck": Case(
        at="7m",
        labels={"campaign": "c1"},
        fires={IN_WINDOW: "1x40", DUE: "5x40", FREE: "2x40", DIALS: "7x40"},
        quiet=[
            {IN_WINDOW: "1x40", DUE: "5x40", FREE: "2x20 0 2x19", DIALS: "7x40"},  # somebody spoke meanwhile
            {IN_WINDOW: "1x40", DUE: "5x40", FREE: "2x40", DIALS: "0+1x40"},
            {IN_WINDOW: "0x40", DUE: "5x40", FREE: "2x40", DIALS: "7x40"},
            {IN_WINDOW: "1x40", DUE: "5x40", FREE: "2x40", DIALS: "7x40", held("preview"): "1x40"},
        ],
    ),
    "DialledOutsideWindow": Case(
        at="10m",
        fires={"dialer_dials_outside_window_total": "0x20 1x30"},
        quiet=[{"dialer_dials_outside_window_total": "0x50"}],
    ),
    "TermNear": Case(
        at="20m",
        labels={"campaign": "c1"},
        value="3",
        fires={near("no"): "3x90", near("yes"): "9x90"},
        quiet=[{near("no"): "0x90", near("yes"): "9x90"}],
    ),
    "AppointmentsMissed": Case(
        at="6m",
        labels={"campaign": "c1"},
        value="3",
        fires={'dialer_appointments_missed{campaign="c1"}': "3x40"},
        quiet=[{'dialer_appointments_missed{campaign="c1"}': "0x8 3x32"}],
    ),
    "ResultsLate": Case(
        at="6m",
        labels={"campaign": "c1", "kind": "help"},
        value="2",
        fires={'dialer_results_late{campaign="c1",kind="help"}': "2x40"},
        quiet=[{'dialer_results_late{campaign="c1",kind="help"}': "2x3 0x40"}],
    ),
    "ResultsNeverReceipted": Case(
        at="70m",
        labels={"campaign": "c1"},
        value="15",
        fires={'dialer_results_unreceipted_seconds{campaign="c1"}': "1296000x400"},
        quiet=[
            {'dialer_results_unreceipted_seconds{campaign="c1"}': "1200000x400"},
            {'dialer_results_unreceipted_seconds{campaign="c1"}': "1296000x40 0x400"},
        ],
    ),
    "NoticesDead": Case(
        at="6m",
        labels={"client": "g1"},
        value="2",
        fires={'dialer_notices_dead{client="g1"}': "2x40"},
        quiet=[{'dialer_notices_dead{client="g1"}': "2x3 0x40"}],
    ),
    "ComplaintsOverdue": Case(
        at="10m",
        labels={"client": "g1"},
        value="2",
        fires={'dialer_complaints_overdue{client="g1"}': "2x60"},
        quiet=[
            {'dialer_complaints_overdue{client="g1"}': "0x60"},
            {'dialer_complaints_overdue{client="g1"}': "2x3 0x60"},
        ],
    ),
    "FiguresDiffer": Case(
        at="6m",
        labels={"campaign": "c1", "told": "cases"},
        value="2",
        fires={'dialer_report_differences{campaign="c1",told="cases"}': "2x40"},
        quiet=[{'dialer_report_differences{campaign="c1",told="cases"}': "2x3 0x40"}],
    ),
    "ExpectedFileMissing": Case(
        at="6m",
        labels={"campaign": "c1", "source": "s1"},
        fires={'dialer_files_missing{campaign="c1",source="s1"}': "1x40"},
        quiet=[{'dialer_files_missing{campaign="c1",source="s1"}': "1x3 0x40"}],
    ),
    "CalendarSilent": Case(
        at="6m",
        labels={"client": "g1", "source": "s1"},
        fires={'dialer_calendars_silent{client="g1",source="s1"}': "1x40"},
        quiet=[{'dialer_calendars_silent{client="g1",source="s1"}': "1x3 0x40"}],
    ),
    "AppointmentsWithdrawn": Case(
        at="6m",
        labels={},
        value="2",
        fires={"dialer_appointments_withdrawn": "2x40"},
        quiet=[{"dialer_appointments_withdrawn": "2x3 0x40"}],
    ),
    "MessagesDead": Case(
        at="6m",
        labels={"channel": "k1"},
        value="1",
        fires={'dialer_messages_dead{channel="k1"}': "1x40"},
        quiet=[{'dialer_messages_dead{channel="k1"}': "1x3 0x40"}],
    ),
    "ResultFilesDead": Case(
        at="6m",
        labels={"outlet": "o1"},
        value="2",
        fires={'dialer_result_files_dead{outlet="o1"}': "2x40"},
        quiet=[{'dialer_result_files_dead{outlet="o1"}': "1x3 0x40"}],
    ),
    "CallersWait": Case(
        at="2m",
        labels={"site": "south"},
        fires={f'{WAIT}{{site="south"}}': "40+14x20", f'{WAIT}{{site="north"}}': "5x20"},
        quiet=[{"dialer_inbound_longest_wait_seconds": "5 19 33 47 5 19 33 47 61 5"}],
    ),
    "DialerGone": Case(
        at="1m",
        labels={"job": "dialer", "instance": "a"},
        fires={'up{job="dialer",instance="a"}': "1 1 0 0 0 0"},
        quiet=[{'up{job="dialer",instance="a"}': "1 1 1 1 0 0"}, {'up{job="other",instance="a"}': "0x20"}],
    ),
    "AsteriskGone": Case(
        at="1m",
        fires={'dialer_ami_link_up{instance="a"}': "0x20", 'dialer_ami_link_up{instance="b"}': "0x20"},
        quiet=[{'dialer_ami_link_up{instance="a"}': "1x20", 'dialer_ami_link_up{instance="b"}': "0x20"}],
    ),
    "AsteriskDiskFull": Case(
        at="1m",
        labels={"site": "south"},
        fires={
            'dialer_asterisk_keeps{instance="a",site="south"}': "0x20",
            'dialer_asterisk_keeps{instance="b",site="south"}': "1x20",
            'dialer_asterisk_keeps{instance="c",site="north"}': "1x20",
        },
        quiet=[{'dialer_asterisk_keeps{instance="a"}': "1x20"}, {'dialer_asterisk_keeps{instance="a"}': "1x3 0x9"}],
    ),
    "DatabaseAway": Case(
        at="1m",
        labels={"instance": "a"},
        fires={'dialer_journal_healthy{instance="a"}': "0x20"},
        quiet=[{'dialer_journal_healthy{instance="a"}': "0 1 0 1 0 1"}],
    ),
    "EntriesRefused": Case(
        at="1m",
        labels={"instance": "a"},
        fires={'dialer_journal_rejected{instance="a"}': "0 0 0 1 1 1"},
        quiet=[{'dialer_journal_rejected{instance="a"}': "0x20"}],
    ),
    "PhonesSilent": Case(
        at="3m",
        labels={"instance": "a"},
        value="2",
        fires={'dialer_agents_silent{instance="a"}': "2x20"},
        quiet=[{'dialer_agents_silent{instance="a"}': "0x6 2x14"}],
    ),
    "ResidentsSilent": Case(
        at="10m",
        labels={"site": "south"},
        fires={
            FELL_SILENT + SOUTH: "0+1x40",
            JOINED + SOUTH: "0+4x40",
            SERVED + SOUTH: "0+4x40",
            FELL_SILENT + NORTH: "0x40",
            JOINED + NORTH: "0+40x40",
            SERVED + NORTH: "0+40x40",
        },
        quiet=[
            {FELL_SILENT: "0+1x40", JOINED: "0+9x40", SERVED: "0+9x40"},
            {FELL_SILENT: "0x10 1x10 2x10 3x10", JOINED: "0x5 5x35", SERVED: "0x40"},  # three, on a quiet morning
        ],
    ),
    "TooManyAbandoned": Case(
        at="1h",
        labels={"site": "south"},
        fires={
            ABANDONED + SOUTH: "0+0.1x240",
            ANSWERED + SOUTH: "0+5x240",
            ABANDONED + NORTH: "0x240",
            ANSWERED + NORTH: "0+50x240",
        },
        quiet=[
            {ABANDONED: "0+0.1x240", ANSWERED: "0+12x240"},
            {ABANDONED: "0x100 1x140", ANSWERED: "0+0.2x240"},  # one, of forty-eight
        ],
    ),
    "PromiseNearlySpent": Case(
        at="30m",
        labels={"campaign": "c1"},
        fires={SPENT: "0.9x130", ABANDONED: "0+0.1x130"},
        quiet=[
            {SPENT: "0.7x130", ABANDONED: "0+0.1x130"},
            {SPENT: "2x130", ABANDONED: "0x60 1x70"},  # the first of a quiet morning
            {  # at the other site
                'dialer_pacing_promise_spent_ratio{campaign="c1",site="north"}': "2x130",
                ABANDONED + NORTH: "0x60 1x70",
                ABANDONED + SOUTH: "0+0.1x130",
            },
        ],
    ),
    "BackupOld": Case(
        at="27h",
        every="4m",
        judged="4m",  # a day and more, each quarter of a minute, takes the judge minutes
        fires={LAST_BACKUP: "0x410"},
        quiet=[{LAST_BACKUP: "0x20 4800x390"}],
    ),
    "WorkFails": Case(
        at="12m",
        labels={"name": "tallies"},
        fires={'dialer_job_failing{name="tallies"}': "1x60"},
        quiet=[{'dialer_job_failing{name="tallies"}': "1x20 0x40"}],
    ),
    "DiskFilling": Case(
        at="7m",
        labels={"instance": "a", "folder": "spool"},
        fires={'dialer_disk_free_ratio{instance="a",folder="spool"}': "0.09x40"},
        quiet=[{'dialer_disk_free_ratio{instance="a",folder="spool"}': "0.11x40"}],
    ),
    "CertificateEnds": Case(
        at="7m",
        labels={"file": "panel.pem"},
        fires={CERTIFICATE: "1000000x40"},
        quiet=[{CERTIFICATE: "2000000x40"}],
    ),
    "ClockApart": Case(
        at="4m",
        labels={"instance": "a", "of": "database"},
        fires={'dialer_clock_apart_seconds{instance="a",of="database"}': "-0.8x30"},
        quiet=[{'dialer_clock_apart_seconds{instance="a",of="database"}': "-0.3x30"}],
    ),
    "SecretRefused": Case(
        at="6m",
        labels={"instance": "a", "secret": "asterisk.secret"},
        fires={'dialer_secret_refused{instance="a",secret="asterisk.secret"}': "1x40"},
        quiet=[
            {'dialer_secret_refused{instance="a",secret="asterisk.secret"}': "0x40"},
            {'dialer_secret_refused{instance="a",secret="asterisk.secret"}': "1x10 0x30"},  # both sides were changed
        ],
    ),
    "CallsBarred": Case(
        at="1m",
        labels={"instance": "a"},
        fires={'dialer_calls_barred{instance="a"}': "1x20"},
        quiet=[{'dialer_calls_barred{instance="a"}': "0x20"}],
    ),
    "RecordingsFail": Case(
        at="20m",
        labels={"instance": "a"},
        fires={'dialer_recordings_late{instance="a"}': "1x80"},
        quiet=[
            {'dialer_recordings_late{instance="a"}': "0x80"},
            {'dialer_recordings_failed{instance="a"}': "0x10 1x70"},  # one that failed is no pattern
        ],
    ),
    "OverflowStays": Case(
        at="11m",
        labels={"instance": "a"},
        fires={'dialer_overflow_not_given_back{instance="a"}': "0x20 1x60"},
        quiet=[
            {'dialer_overflow_not_given_back{instance="a"}': "0x80"},
            {'dialer_overflow_not_given_back{instance="a"}': "1x80"},  # long ago
        ],
    ),
    "SurveyAnswersStay": Case(
        at="11m",
        labels={"instance": "a"},
        fires={'dialer_surveys_unfetched{instance="a"}': "3x80"},
        quiet=[
            {'dialer_surveys_unfetched{instance="a"}': "0x80"},
            {'dialer_surveys_unfetched{instance="a"}': "0x10 2x4 0x66"},  # fetched at the next look
        ],
    ),
}


def alerts() -> dict[str, Any]:
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def promtool(*arguments: str) -> None:
    assert PROMTOOL is not None
    done = subprocess.run([PROMTOOL, *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_has_its_case() -> None:
    assert list(CASES) == list(alerts())


@needs_promtool
def test_the_rules_are_well_formed() -> None:
    promtool("check", "rules", str(RULES))


@needs_promtool
@pytest.mark.parametrize("alert", CASES)
def test_an_alert_fires_and_does_not_fire(alert: str, tmp_path: Path) -> None:
    case, rule = CASES[alert], alerts()[alert]

    def said(words: str) -> str:
        for name, value in case.labels.items():
            words = words.replace(f"{{{{ $labels.{name} }}}}", value)
        return words.replace("{{ $value }}", case.value)

    fired = {
        "exp_labels": {**rule["labels"], **case.labels},
        "exp_annotations": {name: said(words) for name, words in rule["annotations"].items()},
    }
    tests = [
        {
            "interval": case.every,
            "input_series": [{"series": name, "values": values} for name, values in series.items()],
            "alert_rule_test": [{"eval_time": case.at, "alertname": alert, "exp_alerts": expected}],
        }
        for series, expected in [(case.fires, [fired]), *((quiet, []) for quiet in case.quiet)]
    ]
    file = tmp_path / "cases.yml"
    file.write_text(
        yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": case.judged, "tests": tests}),
        encoding="utf-8",
    )
    promtool("test", "rules", str(file))
