"""What the pretended service answers about cases, the client's lists, reports, bills, privacy and quality."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tests.support import panel_bills as bills
from tests.support import panel_follow_up as follow_up
from tests.support import panel_lists as lists
from tests.support import panel_people as people
from tests.support import panel_privacy as privacy
from tests.support import panel_quality as quality
from tests.support import panel_reports as reports
from tests.support.panel_answer import Asked, Handler, Json, by_id, iso, page

if TYPE_CHECKING:
    from tests.support.panel_stub import Stub


def _cases(stub: Stub, asked: Asked) -> Json:
    state, reference = asked.query.get("state"), asked.query.get("reference")
    outcome = asked.query.get("outcome")
    found = [c for c in stub.cases if state in (None, c["state"]) and outcome in (None, c["outcome"])]
    return page([case for case in found if reference is None or reference in case["client_refs"]])


def _withdraw(stub: Stub, asked: Asked) -> Json:
    case = by_id(stub.cases, asked.path["case"])
    case.update(state="withdrawn", next_at=None)
    return case


def _merge(stub: Stub, asked: Asked) -> Json:
    kept, other = (by_id(stub.cases, one) for one in (asked.path["case"], asked.body["other"]))
    other.update(state="merged", next_at=None)
    stub.merges.append(
        {
            "kept": kept["id"],
            "other": other["id"],
            "at": iso(),
            "by": "Sanne Visser",
            "reason": asked.body["reason"],
            "attempts": other["attempts"],
            "client_refs": other["client_refs"],
        }
    )
    return kept


def _unmerge(stub: Stub, asked: Asked) -> Json:
    case = by_id(stub.cases, asked.path["case"])
    stub.merges[:] = [one for one in stub.merges if one["other"] != case["id"]]
    case.update(state="open")
    return case


def _side(stub: Stub) -> str:
    return "client" if stub.role == "client" else "office"


def _thread(stub: Stub, _: Asked) -> Json:
    return follow_up.thread(stub.written, closed=False, ours=_side(stub))


def _write_question(stub: Stub, asked: Asked) -> Json:
    stub.written.append(asked.body["text"])
    return _thread(stub, asked)


def _agree(stub: Stub, asked: Asked) -> Json:
    stub.agreed.insert(0, reports.agreement(asked.body))
    return reports.agreed(stub.agreed)


ANSWERS: Mapping[str, Handler] = {
    "undoMerge": lambda stub, _: stub.cases[1],
    "mergeCases": _merge,
    "unmergeCase": _unmerge,
    "liftOptOut": lambda stub, asked: by_id(stub.cases, asked.path["case"]),
    "unblockPhone": lambda stub, asked: by_id(stub.cases, asked.path["case"]),
    "recodeOutcome": lambda _, __: None,
    "listCases": _cases,
    "getCase": lambda stub, asked: {
        **lists.case_detail(by_id(stub.cases, asked.path["case"])),
        "merges": [one for one in stub.merges if asked.path["case"] in (one["kept"], one["other"])],
    },
    "whyCase": lambda _, __: lists.why_case(),
    "withdrawCase": _withdraw,
    "listReports": lambda _, __: page([reports.line()]),
    "askReport": lambda stub, _: reports.report(whole=stub.role != "administrator"),
    "getReport": lambda stub, _: reports.report(whole=stub.role != "administrator"),
    "listReportRecords": lambda _, __: page(reports.records()),
    "getReportOperations": lambda stub, _: reports.work(whole=stub.role != "administrator", ours=stub.role != "client"),
    "listOperationRecords": lambda _, __: page(reports.work_records()),
    "listReportSchedules": lambda _, __: reports.schedules(),
    "listReportDeliveries": lambda _, __: reports.deliveries(),
    "resendReportDelivery": lambda _, __: {**reports.deliveries()["items"][0], "state": "waiting", "error": ""},
    "createReportSchedule": lambda _, __: reports.schedules(),
    "endReportSchedule": lambda _, __: None,
    "getPrivacyRegister": lambda _, __: privacy.register(),
    "getContractEnd": lambda _, __: privacy.contract_end(),
    "listKeptDeliveries": lambda _, __: {"items": privacy.kept()},
    "listIncidents": lambda _, __: {"items": privacy.leaks()},
    "reportIncident": lambda _, __: privacy.leaks()[0],
    "updateIncident": lambda _, __: privacy.leaks()[0],
    "moveIncident": lambda _, __: privacy.leaks()[0],
    "getIncidentNotice": lambda _, __: privacy.notice(),
    "findResidents": lambda _, __: {"items": privacy.found()},
    "listPrivacyRequests": lambda _, __: {"items": privacy.requests()},
    "openPrivacyRequest": lambda _, __: privacy.requests()[1],
    "previewErasure": lambda _, __: privacy.erasure(),
    "downloadResidentFile": lambda _, __: {"persoonsgegevens": []},
    "carryOutPrivacyRequest": lambda _, __: {"request": privacy.requests()[3], "cases": 1, "rows": 12},
    "movePrivacyRequest": lambda _, __: privacy.requests()[4],
    "listBills": lambda _, __: {"items": bills.bills()},
    "getBillDraft": lambda _, asked: bills.draft(asked.query["month"]),
    "listTariffs": lambda _, __: {"items": bills.tariffs()},
    "setTariff": lambda _, __: {"items": bills.tariffs()},
    "indexTariff": lambda _, __: {"items": bills.tariffs()},
    "closeMonth": lambda _, __: {"items": bills.bills()},
    "creditBill": lambda _, __: bills.bills()[0],
    "listReportDifferences": lambda _, __: {"items": []},
    "getKpis": lambda _, __: reports.kpis(),
    "agreeKpis": lambda _, __: reports.kpis(),
    "listExpectedReach": lambda _, __: {"items": reports.expected()},
    "listAdjustments": lambda stub, _: reports.agreed(stub.agreed),
    "addAdjustment": _agree,
    "getClientHome": lambda _, __: follow_up.home(),
    "listFollowUps": lambda stub, asked: page(
        follow_up.follow_ups(stub.marks, asked.query["list"], done=asked.query.get("done") == "true")
    ),
    "getFollowUp": lambda stub, asked: follow_up.shown(stub.marks, asked.path["case"]),
    "markFollowUp": lambda stub, asked: follow_up.mark(stub.marks, asked.path["case"], asked.body),
    "undoFollowUp": lambda stub, asked: follow_up.undo(stub.marks, asked.path["case"]),
    "releaseCase": lambda stub, asked: by_id(stub.cases, asked.path["case"]),
    "listQuestions": lambda _, asked: page(
        [one for one in follow_up.question_lines() if asked.query.get("state") in (None, one["state"])]
    ),
    "getQuestion": _thread,
    "writeQuestion": _write_question,
    "readQuestion": lambda _, __: None,
    "closeQuestion": lambda stub, _: follow_up.thread(stub.written, closed=True, ours=_side(stub)),
    "listSamples": lambda stub, asked: page(
        quality.lines(ours=stub.role != "client", done=asked.query.get("done") == "true")
    ),
    "getSample": lambda stub, asked: quality.sample(asked.path["sample"], ours=stub.role != "client"),
    "reviewSample": lambda stub, asked: quality.sample(
        asked.path["sample"],
        ours=stub.role != "client",
        reviews=[quality.review("client" if stub.role == "client" else "office")],
    ),
    "getScorecard": lambda _, __: quality.card(),
    "saveScorecard": lambda _, asked: {**quality.card(), "version": 1, "criteria": asked.body["criteria"]},
    "getQualityTrends": lambda _, __: {"items": quality.trends()},
    "getCalibration": lambda _, __: quality.calibration(),
    "listComplaints": lambda _, asked: page(quality.complaint_lines(is_open=asked.query.get("open", "true") == "true")),
    "listCaseComplaints": lambda _, __: {"items": quality.complaint_lines(is_open=False)},
    "getComplaint": lambda _, asked: quality.complaint(asked.path["complaint"]),
    "writeComplaint": lambda _, __: quality.complaint(people.uid(820)),
    "moveComplaint": lambda _, asked: quality.complaint(
        asked.path["complaint"], {"answer": "answered", "withdraw": "withdrawn"}.get(asked.body["step"], "in_hand")
    ),
    "listImprovements": lambda _, asked: {
        "items": quality.improvements(is_open=asked.query.get("open", "true") == "true")
    },
    "proposeImprovement": lambda _, __: quality.improvements(is_open=True)[0],
    "moveImprovement": lambda _, __: quality.improvements(is_open=True)[1],
    "listMyReviews": lambda _, __: {"items": quality.own_reviews()},
    "answerCoaching": lambda _, asked: {**quality.coaching(), "answer": asked.body["text"]},
    "closeCoaching": lambda _, __: quality.coaching("closed"),
}
