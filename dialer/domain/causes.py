"""What became of a dial: a function of our own intent, what was heard, the Q.850 cause and the SIP code.

The network alone does not tell: our own ring time-out looks like a carrier's 480, and Asterisk folds several SIP
codes into one cause. The table is tried against a real peer, row by row, in the system tests.
"""

from __future__ import annotations

from dialer.domain.call import Call, Direction, Intent

GIVEN_BACK = "GIVEN_BACK"
"""A call of another team's queue that we did not take, or not in time."""

_SIP = {
    404: "UNALLOCATED",
    485: "UNALLOCATED",
    604: "UNALLOCATED",
    410: "NUMBER_CHANGED",
    484: "INVALID_NUMBER",
    486: "BUSY",
    600: "BUSY",
    480: "NO_ANSWER",
    487: "NO_ANSWER",
    603: "REJECTED",
    607: "REJECTED",  # RFC 8197: unwanted
    503: "CONGESTION",
} | dict.fromkeys(
    # The request was at fault, or a server on the way: it says nothing about the line that was called.
    (
        401,
        402,
        405,
        406,
        407,
        413,
        414,
        415,
        416,
        420,
        421,
        423,
        481,
        482,
        483,
        488,
        493,
        500,
        501,
        502,
        504,
        505,
        513,
        606,
    ),
    "FAILED",
)

_Q850 = (
    {1: "UNALLOCATED", 22: "NUMBER_CHANGED", 28: "INVALID_NUMBER", 17: "BUSY", 19: "NO_ANSWER"}
    | dict.fromkeys((34, 42, 44, 47), "CONGESTION")
    | dict.fromkeys((2, 3, 27, 29, 38, 41, 102, 127, 58, 65, 79, 88), "FAILED")
)

OUR_FAULT = frozenset({"CONGESTION", "FAILED"})
"""Results that say nothing about the resident: not one of the seven attempts."""


def dial_result(*, intent: Intent, rang: bool, cause: int, sip_code: int) -> str:
    """The result code of a dial that was never answered."""
    if intent is Intent.RING_CUT:
        return "NO_ANSWER"  # a telephone may have rung, whether or not the carrier said so: it counts
    if intent in (Intent.RING_TIMEOUT, Intent.CANCEL):
        return "NO_ANSWER" if rang else "FAILED"
    if sip_code == 408 or cause == 18:
        return "NO_ANSWER" if rang else "FAILED"
    if sip_code == 403 or (cause in (21, 55) and sip_code not in _SIP):
        return "REJECTED" if rang else "FAILED"
    if sip_code in _SIP:
        return _SIP[sip_code]
    return _Q850.get(cause, "FAILED")


def is_abandoned(call: Call) -> bool:
    """Whether a resident who answered *our* call waited longer than is promised, or heard the message."""
    if call.direction is not Direction.OUT or call.answered_at is None or call.talked:
        return False
    waited = (call.ended_at if call.ended_at is not None else call.answered_at) - call.answered_at
    return call.message_at is not None or waited >= call.person_within


def machine_result(call: Call) -> str:
    """What the signalling says of an ended call; empty when only the agent can say (there was a conversation)."""
    if call.direction is Direction.IN:
        return "" if call.talked else "LOST"
    if call.direction is Direction.OVERFLOW:
        return "" if call.talked else GIVEN_BACK if call.message_at is not None else "LOST"
    if call.talked:
        return "CUT_OFF" if call.lost_at is not None and call.message_at is not None else ""
    if call.answered_at is not None:
        return "ABANDONED" if is_abandoned(call) else "EARLY_HANGUP"
    if call.vanished or call.refused:
        return "FAILED"
    return dial_result(intent=call.intent, rang=call.rang, cause=call.cause, sip_code=call.sip_code)
