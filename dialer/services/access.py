"""Who may do what: role -> permissions -> operations, all in this one file.

An operation is an `operationId` of `dialer/api/openapi.yaml`. A route without a line in `OPERATIONS` cannot be served:
the API refuses to start. Beside this table two rules narrow what is seen: a principal with a client sees that client's
objects only, and an agent handles only the attempts that are his.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from dialer.domain.ids import ClientId, UserId
from dialer.services.ports.accounts import Stage


class Role(StrEnum):
    """What somebody is in this service."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    QUALITY = "quality"
    ADMINISTRATOR = "administrator"
    PRIVACY = "privacy"  # the privacy officer
    CLIENT = "client"  # the municipality's own people and machines
    MONITOR = "monitor"  # dashboards and probes


class Permission(StrEnum):
    """What somebody may do. Scopes of a token are values of this."""

    DUTY = "duty"
    CALL = "call"
    LISTEN = "call.listen"
    CALLBACK = "callback"
    LIVE = "live"
    FLOOR_READ = "floor.read"
    FLOOR_STEER = "floor.steer"
    CAMPAIGN_READ = "campaign.read"
    CAMPAIGN_WRITE = "campaign.write"
    CAMPAIGN_RUN = "campaign.run"
    OUTCOME_READ = "outcome.read"
    OUTCOME_RECODE = "outcome.recode"
    OUTCOME_WRITE = "outcome.write"  # what follows an outcome
    DELIVERY_READ = "delivery.read"
    DELIVERY_WRITE = "delivery.write"
    DELIVERY_RECALL = "delivery.recall"
    CASE_READ = "case.read"
    CASE_STEER = "case.steer"
    CASE_MERGE = "case.merge"
    EXPORT_READ = "export.read"
    EXPORT_WRITE = "export.write"
    CLIENT_READ = "client.read"
    CLIENT_WRITE = "client.write"
    USER_READ = "user.read"
    USER_WRITE = "user.write"
    SCRIPT_READ = "script.read"
    SCRIPT_WRITE = "script.write"
    SCRIPT_APPROVE = "script.approve"  # by the client's own people
    BOOKING_READ = "booking.read"  # times that clients offer, and appointments
    BOOKING_WRITE = "booking.write"
    FOLLOW_UP = "follow_up"  # the client's own people: their start page, their lists, what they say of a case
    REPORT_READ = "report.read"
    BILL_READ = "bill.read"
    BILL_WRITE = "bill.write"  # tariffs, closing a month, credit notes
    QUESTION = "question"  # about a case, between the client's people and our supervisors
    PAUSE_READ = "pause.read"  # words of pauses
    TEAM_WRITE = "team.write"  # what rules the team: reasons of pauses, skills, the roster
    QUALITY_REVIEW = "quality.review"  # the daily sample, by either side
    QUALITY_MANAGE = "quality.manage"  # scorecards, and trends of single agents
    RECORDING_PLAY = "recording.play"  # hear a conversation again, each time with a purpose
    RECORDING_DELETE = "recording.delete"  # before its term, each time with a reason
    COMPLAINT = "complaint"
    IMPROVE = "improve"  # proposals to improve the work, and what became of them
    PRIVACY_READ = "privacy.read"  # what is held and how long: no resident
    PRIVACY = "privacy"  # residents' rights: sees, corrects and erases one at a time
    INCIDENT = "incident"  # the register of data leaks
    TOKEN = "token"  # noqa: S105 - the name of a permission


class Open(StrEnum):
    """What an operation needs that is no permission."""

    PUBLIC = "public"
    SIGNED_IN = "signed-in"


_P = Permission
PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.AGENT: frozenset({_P.IMPROVE, _P.DUTY, _P.CALL, _P.CALLBACK, _P.LIVE, _P.OUTCOME_READ, _P.PAUSE_READ}),
    Role.SUPERVISOR: frozenset(
        {
            _P.LISTEN,
            _P.CALLBACK,
            _P.LIVE,
            _P.FLOOR_READ,
            _P.FLOOR_STEER,
            _P.CAMPAIGN_READ,
            _P.CAMPAIGN_WRITE,
            _P.CAMPAIGN_RUN,
            _P.OUTCOME_READ,
            _P.OUTCOME_RECODE,
            _P.OUTCOME_WRITE,
            _P.DELIVERY_READ,
            _P.DELIVERY_WRITE,
            _P.DELIVERY_RECALL,
            _P.CASE_READ,
            _P.CASE_STEER,
            _P.CASE_MERGE,
            _P.EXPORT_READ,
            _P.EXPORT_WRITE,
            _P.CLIENT_READ,
            _P.USER_READ,
            _P.SCRIPT_READ,
            _P.SCRIPT_WRITE,
            _P.BOOKING_READ,
            _P.BOOKING_WRITE,
            _P.REPORT_READ,
            _P.QUESTION,
            _P.PAUSE_READ,
            _P.TEAM_WRITE,
            _P.QUALITY_REVIEW,
            _P.QUALITY_MANAGE,
            _P.RECORDING_PLAY,
            _P.RECORDING_DELETE,
            _P.COMPLAINT,
            _P.IMPROVE,
        }
    ),
    Role.QUALITY: frozenset(
        {
            _P.RECORDING_PLAY,
            _P.COMPLAINT,
            _P.IMPROVE,
            _P.QUALITY_REVIEW,
            _P.QUALITY_MANAGE,
            _P.CLIENT_READ,  # whose card and calibration
            _P.LISTEN,  # hears, and is not heard
            _P.LIVE,
            _P.FLOOR_READ,
            _P.CAMPAIGN_READ,
            _P.OUTCOME_READ,
            _P.OUTCOME_RECODE,
            _P.CASE_READ,
            _P.USER_READ,
            _P.SCRIPT_READ,
            _P.PAUSE_READ,
            _P.REPORT_READ,
        }
    ),
    # Runs the service, sees no resident.
    Role.ADMINISTRATOR: frozenset(
        {
            _P.LIVE,
            _P.FLOOR_READ,
            _P.CAMPAIGN_READ,
            _P.CAMPAIGN_WRITE,
            _P.OUTCOME_READ,
            _P.CLIENT_READ,
            _P.CLIENT_WRITE,
            _P.USER_READ,
            _P.USER_WRITE,
            _P.PAUSE_READ,
            _P.TEAM_WRITE,
            _P.BILL_READ,
            _P.BILL_WRITE,
            _P.REPORT_READ,
            _P.PRIVACY_READ,
            _P.INCIDENT,
            _P.TOKEN,
        }
    ),
    # Sees a resident only for a request of that resident, each look with its purpose in the audit.
    Role.PRIVACY: frozenset(
        {_P.CLIENT_READ, _P.PRIVACY_READ, _P.PRIVACY, _P.INCIDENT, _P.RECORDING_PLAY, _P.RECORDING_DELETE}
    ),
    Role.CLIENT: frozenset(
        {
            _P.CAMPAIGN_READ,
            _P.OUTCOME_READ,
            _P.DELIVERY_READ,
            _P.DELIVERY_WRITE,
            _P.DELIVERY_RECALL,
            _P.CASE_READ,
            _P.CASE_STEER,
            _P.EXPORT_READ,
            _P.EXPORT_WRITE,
            _P.CLIENT_READ,
            _P.SCRIPT_READ,
            _P.SCRIPT_APPROVE,
            _P.BOOKING_READ,
            _P.BOOKING_WRITE,
            _P.FOLLOW_UP,
            _P.BILL_READ,
            _P.REPORT_READ,
            _P.QUESTION,
            _P.QUALITY_REVIEW,
        }
    ),
    Role.MONITOR: frozenset({_P.LIVE, _P.FLOOR_READ, _P.PAUSE_READ}),
}

WHILE_LOCKED = frozenset({"getSession", "unlockSession", "signOut"})
"""What a locked session may still do."""

WHILE_HALF = frozenset({"getSession", "signOut", "proveSecondFactor", "startSecondFactor", "confirmSecondFactor"})
"""What a session may do while a second factor is asked of it; the handlers ask which."""

OPERATIONS: Mapping[str, Permission | Open] = {
    "signIn": Open.PUBLIC,
    "getSignInWays": Open.PUBLIC,
    "startSignOn": Open.PUBLIC,
    "finishSignOn": Open.PUBLIC,
    "linkSignOn": Open.SIGNED_IN,
    "getMySignOn": Open.SIGNED_IN,
    "unlinkSignOn": Open.SIGNED_IN,
    "getSession": Open.SIGNED_IN,
    "signOut": Open.SIGNED_IN,
    "changePassword": Open.SIGNED_IN,
    "lockSession": Open.SIGNED_IN,
    "unlockSession": Open.SIGNED_IN,
    "listMySessions": Open.SIGNED_IN,
    "endMySession": Open.SIGNED_IN,
    "endMyOtherSessions": Open.SIGNED_IN,
    "getSecondFactor": Open.SIGNED_IN,
    "startSecondFactor": Open.SIGNED_IN,
    "confirmSecondFactor": Open.SIGNED_IN,
    "proveSecondFactor": Open.SIGNED_IN,
    "getMyView": _P.DUTY,
    "setMyDuty": _P.DUTY,
    "grantMyDevice": _P.DUTY,
    "lookPreview": _P.CALL,
    "callPreview": _P.CALL,
    "skipPreview": _P.CALL,
    "grantMySoftphone": _P.DUTY,
    "setAgentDuty": _P.FLOOR_STEER,
    "sendMessage": _P.FLOOR_STEER,
    "readMessage": _P.DUTY,
    "listColleagues": _P.DUTY,
    "callColleague": _P.DUTY,
    "moveColleagueCall": _P.DUTY,
    "askHelp": _P.DUTY,
    "grantListenPhone": _P.LISTEN,
    "startListening": _P.LISTEN,
    "setListenMode": _P.FLOOR_STEER,
    "stopListening": _P.LISTEN,
    "getCard": _P.CALL,
    "findCandidates": _P.CALL,
    "verifyIdentity": _P.CALL,
    "getDossier": _P.CALL,
    "getTransferChoices": _P.CALL,
    "startTransfer": _P.CALL,
    "moveTransfer": _P.CALL,
    "setRecording": _P.CALL,
    "playRecording": _P.RECORDING_PLAY,
    "deleteRecording": _P.RECORDING_DELETE,
    "hangUp": _P.CALL,
    "markVoicemail": _P.CALL,
    "fileOutcome": _P.CALL,
    "undoOutcome": _P.CALL,
    "getDraft": _P.CALL,
    "saveDraft": _P.CALL,
    "offerSlots": _P.CALL,
    "holdSlot": _P.CALL,
    "releaseSlot": _P.CALL,
    "recodeOutcome": _P.OUTCOME_RECODE,
    "getFloor": _P.FLOOR_READ,
    "getDay": _P.FLOOR_STEER,
    "getTeamTime": _P.FLOOR_STEER,
    "getMyDay": _P.DUTY,
    "getAgentDay": _P.QUALITY_MANAGE,
    "getPractice": _P.DUTY,
    "getMyPractice": _P.DUTY,
    "reportPractice": _P.DUTY,
    "seeTour": _P.DUTY,
    "getTeamPractice": _P.FLOOR_STEER,
    "listSkills": _P.CAMPAIGN_READ,
    "createSkill": _P.TEAM_WRITE,
    "updateSkill": _P.TEAM_WRITE,
    "listAbilities": _P.USER_READ,
    "setAbilities": _P.TEAM_WRITE,
    "getMyRoster": _P.DUTY,
    "getMyRosterFeed": _P.DUTY,
    "makeMyRosterFeed": _P.DUTY,
    "endMyRosterFeed": _P.DUTY,
    "readRosterFeed": Open.PUBLIC,  # the address is the secret: calendar programs cannot sign in
    "getRoster": _P.TEAM_WRITE,
    "saveRoster": _P.TEAM_WRITE,
    "copyRosterWeek": _P.TEAM_WRITE,
    "importRoster": _P.TEAM_WRITE,
    "downloadRoster": _P.TEAM_WRITE,
    "listPauseReasons": _P.PAUSE_READ,
    "createPauseReason": _P.TEAM_WRITE,
    "updatePauseReason": _P.TEAM_WRITE,
    "openLiveFeed": _P.LIVE,
    "listCampaigns": _P.CAMPAIGN_READ,
    "createCampaign": _P.CAMPAIGN_WRITE,
    "getCampaign": _P.CAMPAIGN_READ,
    "updateCampaign": _P.CAMPAIGN_WRITE,
    "discardCampaign": _P.CAMPAIGN_RUN,
    "getCampaignSettings": _P.CAMPAIGN_READ,
    "tryCampaignChange": _P.CAMPAIGN_WRITE,
    "setCampaignState": _P.CAMPAIGN_RUN,
    "getEmergencyStop": _P.FLOOR_READ,
    "stopEverything": _P.CAMPAIGN_RUN,
    "liftEmergencyStop": _P.CAMPAIGN_RUN,
    "getCampaignAgents": _P.CAMPAIGN_READ,
    "setCampaignAgents": _P.CAMPAIGN_WRITE,
    "getPreflight": _P.CAMPAIGN_READ,
    "getCampaignChecklist": _P.CAMPAIGN_READ,
    "tickCheck": _P.CAMPAIGN_WRITE,
    "waiveCheck": _P.CLIENT_WRITE,
    "takeCheckBack": _P.CAMPAIGN_WRITE,
    "placeTestCall": _P.CAMPAIGN_RUN,
    "listProofCalls": _P.CAMPAIGN_RUN,
    "placeProofCall": _P.CAMPAIGN_RUN,
    "listStaffPhones": _P.CAMPAIGN_RUN,
    "addStaffPhone": _P.CAMPAIGN_RUN,
    "removeStaffPhone": _P.CAMPAIGN_RUN,
    "whyCampaign": _P.CAMPAIGN_READ,
    "getReach": _P.CAMPAIGN_READ,
    "getCampaignTerms": _P.CAMPAIGN_READ,
    "getDecisions": _P.FLOOR_STEER,
    "getLearned": _P.FLOOR_STEER,
    "getOutcomeRules": _P.CAMPAIGN_READ,
    "getOutcomeRulesHistory": _P.CAMPAIGN_READ,
    "changeOutcomeRules": _P.OUTCOME_WRITE,
    "listOutcomes": _P.OUTCOME_READ,
    "getCallScript": _P.CALL,
    "getCallKnowledge": _P.CALL,
    "listKnowledge": _P.SCRIPT_READ,
    "addKnowledge": _P.SCRIPT_WRITE,
    "changeKnowledge": _P.SCRIPT_WRITE,
    "decideKnowledge": _P.SCRIPT_APPROVE,
    "listScripts": _P.SCRIPT_READ,
    "createScript": _P.SCRIPT_WRITE,
    "getScriptDraft": _P.SCRIPT_WRITE,
    "saveScriptDraft": _P.SCRIPT_WRITE,
    "listScriptVersions": _P.SCRIPT_READ,
    "publishScript": _P.SCRIPT_WRITE,
    "rollBackScript": _P.SCRIPT_WRITE,
    "getScriptVersion": _P.SCRIPT_READ,
    "decideScriptVersion": _P.SCRIPT_APPROVE,
    "getCampaignScript": _P.SCRIPT_READ,
    "chooseCampaignScript": _P.SCRIPT_WRITE,
    "getImportTemplate": _P.DELIVERY_READ,
    "listDeliveries": _P.DELIVERY_READ,
    "uploadDelivery": _P.DELIVERY_WRITE,
    "listMappings": _P.DELIVERY_WRITE,
    "saveMapping": _P.DELIVERY_WRITE,
    "learnMapping": _P.DELIVERY_WRITE,
    "renameMapping": _P.DELIVERY_WRITE,
    "removeMapping": _P.DELIVERY_WRITE,
    "uploadNumbers": _P.DELIVERY_WRITE,
    "uploadVisits": _P.DELIVERY_WRITE,
    "downloadToEnrich": _P.DELIVERY_WRITE,
    "getDelivery": _P.DELIVERY_READ,
    "listRefusals": _P.DELIVERY_READ,
    "recallDelivery": _P.DELIVERY_RECALL,
    "listCases": _P.CASE_READ,
    "getCase": _P.CASE_READ,
    "whyCase": _P.CASE_READ,
    "withdrawCase": _P.CASE_STEER,
    "releaseCase": _P.CASE_STEER,
    "undoMerge": _P.CASE_STEER,
    "mergeCases": _P.CASE_MERGE,
    "unmergeCase": _P.CASE_MERGE,
    "liftOptOut": _P.CASE_STEER,
    "unblockPhone": _P.CASE_STEER,
    "getClientHome": _P.FOLLOW_UP,
    "listFollowUps": _P.FOLLOW_UP,
    "downloadFollowUps": _P.FOLLOW_UP,
    "getFollowUp": _P.FOLLOW_UP,
    "markFollowUp": _P.FOLLOW_UP,
    "undoFollowUp": _P.FOLLOW_UP,
    "listReports": _P.REPORT_READ,
    "askReport": _P.REPORT_READ,
    "getReport": _P.REPORT_READ,
    "listReportRecords": _P.CASE_READ,
    "getReportOperations": _P.REPORT_READ,
    "listOperationRecords": _P.CASE_READ,
    "downloadReport": _P.REPORT_READ,
    "getClientLogo": _P.REPORT_READ,
    "setClientLogo": _P.CLIENT_WRITE,
    "getKpis": _P.REPORT_READ,
    "agreeKpis": _P.CLIENT_WRITE,
    "listReportSchedules": _P.REPORT_READ,
    "createReportSchedule": _P.CAMPAIGN_WRITE,
    "listReportDeliveries": _P.REPORT_READ,
    "resendReportDelivery": _P.CAMPAIGN_WRITE,
    "endReportSchedule": _P.CAMPAIGN_WRITE,
    "getPrivacyRegister": _P.PRIVACY_READ,
    "downloadPrivacyRegister": _P.PRIVACY_READ,
    "listKeptDeliveries": _P.PRIVACY_READ,
    "getContractEnd": _P.PRIVACY_READ,
    "downloadEndReport": _P.PRIVACY_READ,
    "listIncidents": _P.INCIDENT,
    "reportIncident": _P.INCIDENT,
    "updateIncident": _P.INCIDENT,
    "moveIncident": _P.INCIDENT,
    "getIncidentNotice": _P.INCIDENT,
    "downloadIncidents": _P.INCIDENT,
    "findResidents": _P.PRIVACY,
    "listPrivacyRequests": _P.PRIVACY,
    "openPrivacyRequest": _P.PRIVACY,
    "previewErasure": _P.PRIVACY,
    "downloadResidentFile": _P.PRIVACY,
    "carryOutPrivacyRequest": _P.PRIVACY,
    "movePrivacyRequest": _P.PRIVACY,
    "listTariffs": _P.BILL_READ,
    "setTariff": _P.BILL_WRITE,
    "indexTariff": _P.BILL_WRITE,
    "getBillDraft": _P.BILL_READ,
    "closeMonth": _P.BILL_WRITE,
    "listBills": _P.BILL_READ,
    "creditBill": _P.BILL_WRITE,
    "downloadBill": _P.BILL_READ,
    "listReportDifferences": _P.REPORT_READ,
    "listExpectedReach": _P.REPORT_READ,
    "listAdjustments": _P.REPORT_READ,
    "addAdjustment": _P.CAMPAIGN_WRITE,
    "listQuestions": _P.QUESTION,
    "getQuestion": _P.QUESTION,
    "writeQuestion": _P.QUESTION,
    "readQuestion": _P.QUESTION,
    "closeQuestion": _P.QUESTION,
    "listSamples": _P.QUALITY_REVIEW,
    "getSample": _P.QUALITY_REVIEW,
    "reviewSample": _P.QUALITY_REVIEW,
    "getScorecard": _P.QUALITY_REVIEW,
    "saveScorecard": _P.QUALITY_MANAGE,
    "getQualityTrends": _P.QUALITY_MANAGE,
    "getCalibration": _P.QUALITY_REVIEW,
    "listComplaints": _P.COMPLAINT,
    "getComplaint": _P.COMPLAINT,
    "listCaseComplaints": _P.COMPLAINT,
    "writeComplaint": _P.COMPLAINT,
    "moveComplaint": _P.COMPLAINT,
    "listImprovements": _P.IMPROVE,
    "proposeImprovement": _P.IMPROVE,
    "moveImprovement": _P.QUALITY_MANAGE,
    "listMyReviews": _P.DUTY,
    "answerCoaching": _P.DUTY,
    "closeCoaching": _P.QUALITY_MANAGE,
    "listExports": _P.EXPORT_READ,
    "createExport": _P.EXPORT_WRITE,
    "getExport": _P.EXPORT_READ,
    "downloadExport": _P.EXPORT_READ,
    "confirmExport": _P.EXPORT_WRITE,
    "listSlotSources": _P.BOOKING_READ,
    "createSlotSource": _P.BOOKING_WRITE,
    "updateSlotSource": _P.BOOKING_WRITE,
    "lookAtSlotSource": _P.BOOKING_WRITE,
    "listSlots": _P.BOOKING_READ,
    "listBookings": _P.BOOKING_READ,
    "moveBooking": _P.BOOKING_WRITE,
    "cancelBooking": _P.BOOKING_WRITE,
    "reportBooking": _P.BOOKING_WRITE,
    "resendNotice": _P.BOOKING_WRITE,
    "listSources": _P.CLIENT_READ,
    "createSource": _P.CLIENT_WRITE,
    "updateSource": _P.CLIENT_WRITE,
    "getDdasProfile": _P.CLIENT_READ,
    "setDdasProfile": _P.CLIENT_WRITE,
    "downloadDdas": _P.EXPORT_READ,
    "listMappingNames": _P.CLIENT_READ,
    "lookAtSource": _P.CLIENT_WRITE,
    "listResultProfiles": _P.CLIENT_READ,
    "saveResultProfile": _P.CLIENT_WRITE,
    "learnResultProfile": _P.CLIENT_WRITE,
    "previewResultProfile": _P.CLIENT_READ,
    "listOutlets": _P.CLIENT_READ,
    "createOutlet": _P.CLIENT_WRITE,
    "updateOutlet": _P.CLIENT_WRITE,
    "tryOutlet": _P.CLIENT_WRITE,
    "sendOutlet": _P.EXPORT_WRITE,
    "listDispatches": _P.EXPORT_READ,
    "downloadDispatch": _P.EXPORT_READ,
    "resendDispatch": _P.EXPORT_WRITE,
    "listArrivals": _P.DELIVERY_READ,
    "listChannels": _P.CLIENT_READ,
    "createChannel": _P.CLIENT_WRITE,
    "updateChannel": _P.CLIENT_WRITE,
    "renewChannelSecret": _P.CLIENT_WRITE,
    "renewOutletSecret": _P.CLIENT_WRITE,
    "tryChannel": _P.CLIENT_WRITE,
    "listMessages": _P.EXPORT_READ,
    "resendMessage": _P.EXPORT_WRITE,
    "getMessageContent": _P.EXPORT_READ,
    "messageEntered": _P.EXPORT_WRITE,
    "listDueResults": _P.EXPORT_READ,
    "listCallbacks": _P.CALLBACK,
    "claimCallback": _P.CALLBACK,
    "dialCallback": _P.CALLBACK,
    "closeCallback": _P.CALLBACK,
    "listClients": _P.CLIENT_READ,
    "createClient": _P.CLIENT_WRITE,
    "getClient": _P.CLIENT_READ,
    "updateClient": _P.CLIENT_WRITE,
    "listTransferTargets": _P.CLIENT_READ,
    "createTransferTarget": _P.CAMPAIGN_WRITE,
    "updateTransferTarget": _P.CAMPAIGN_WRITE,
    "listOverflowLines": _P.CLIENT_READ,
    "createOverflowLine": _P.CAMPAIGN_WRITE,
    "updateOverflowLine": _P.CAMPAIGN_WRITE,
    "listUsers": _P.USER_READ,
    "createUser": _P.USER_WRITE,
    "getUser": _P.USER_READ,
    "updateUser": _P.USER_WRITE,
    "setUserPassword": _P.USER_WRITE,
    "endUserSessions": _P.USER_WRITE,
    "getUserAccess": _P.USER_WRITE,
    "unlinkUserSignOn": _P.USER_WRITE,
    "resetSecondFactor": _P.USER_WRITE,
    "getSignInRules": _P.USER_WRITE,
    "setSignInRule": _P.USER_WRITE,
    "listTokens": _P.TOKEN,
    "createToken": _P.TOKEN,
    "renewToken": _P.TOKEN,
    "revokeToken": _P.TOKEN,
    "getDescription": Open.PUBLIC,
    "getDocs": Open.PUBLIC,
    "getDocsStyle": Open.PUBLIC,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who sends a request: a person with a session, or a machine with a token."""

    credential: UUID  # id of the session or of the token: what ends when it ends
    role: Role
    permissions: frozenset[Permission]
    client: ClientId | None  # set: sees this client only
    user: UserId | None  # None: a machine
    name: str
    language: str
    expires_at: datetime  # wall, UTC
    csrf: str = field(repr=False, default="")  # "" for a token: no cookie, nothing to forge
    locked: bool = False  # the screen is: only its owner's password opens it again
    stage: Stage = Stage.OPEN  # else a second factor is still asked for: it has no permission yet

    @property
    def actor(self) -> str:
        """As the audit names it."""
        return f"user:{self.user}" if self.user is not None else f"token:{self.credential}"

    def may(self, needed: Permission | Open) -> bool:
        """True when this principal may do what needs `needed`."""
        return isinstance(needed, Open) or needed in self.permissions
