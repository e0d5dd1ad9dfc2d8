"""Messages' states and pauses, what a result is to a client, by when it must be there, and where calls may go."""

from __future__ import annotations

import ipaddress
import socket
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from aiohttp import web

from dialer.domain.errors import IllegalTransitionError
from dialer.domain.exchange import (
    LONGEST_ASKED,
    MOST_TRIES,
    SECOND_THOUGHTS,
    TRANSITIONS,
    Fault,
    MessageEvent,
    MessageKind,
    MessageState,
    advance,
    failed,
    fault_of,
    kind_of,
    next_try,
)
from dialer.exchange.guarded import GuardedHttp, Reach, check_url, parse_networks
from dialer.exchange.klantinteracties import reference
from dialer.exchange.webhook import sign
from dialer.schedule.hand_back import due
from dialer.services.outcomes import UNDO_WITHIN

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday, 10:00


def test_states_end_and_what_waits_can_go_on() -> None:
    assert set(TRANSITIONS) == set(MessageState)
    ends = {state for state, events in TRANSITIONS.items() if not events}
    assert ends == {MessageState.CONFIRMED, MessageState.SUPERSEDED, MessageState.SKIPPED}
    assert advance(MessageState.DEAD, MessageEvent.RESENT) is MessageState.WAITING
    with pytest.raises(IllegalTransitionError):
        advance(MessageState.CONFIRMED, MessageEvent.RESENT)


def test_pauses_grow_and_end_within_a_day() -> None:
    pauses = [next_try(tries, AT) - AT for tries in range(1, MOST_TRIES)]
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(seconds=30)
    assert timedelta(hours=20) < sum(pauses, timedelta()) < timedelta(hours=25)
    assert failed(MOST_TRIES - 1) is MessageEvent.FAILED
    assert failed(MOST_TRIES) is MessageEvent.REFUSED
    assert next_try(99, AT) > AT


def test_a_receiver_that_asks_for_patience_gets_an_hour_at_most() -> None:
    assert next_try(1, AT, timedelta(minutes=2)) == AT + timedelta(minutes=2)
    assert next_try(1, AT, timedelta(days=3)) == AT + LONGEST_ASKED
    assert next_try(8, AT, timedelta(seconds=1)) == next_try(8, AT)


def test_an_agents_second_thoughts_are_waited_for() -> None:
    assert SECOND_THOUGHTS == UNDO_WITHIN


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (200, None), (204, None), (301, Fault.MOVED), (400, Fault.REFUSED), (401, Fault.SIGN_IN), (403, Fault.SIGN_IN),
        (408, Fault.THEIR_FAULT), (422, Fault.REFUSED), (429, Fault.BUSY), (500, Fault.THEIR_FAULT),
    ],
)  # fmt: skip
def test_what_a_status_says(status: int, fault: Fault | None) -> None:
    assert fault_of(status) is fault


@pytest.mark.parametrize(
    ("state", "outcome", "flags", "before", "kind"),
    [
        ("reached", "HELP_WANTED", (), False, MessageKind.HELP),
        ("reached", "HELP_WANTED", ("CRISIS",), False, MessageKind.CRISIS),
        ("open", "THIRD_PARTY", ("CRISIS",), False, MessageKind.CRISIS),
        ("reached", "NO_HELP", (), True, MessageKind.RESULT),
        ("not_reached", "NO_ANSWER", (), False, MessageKind.NOT_REACHED),
        ("closed", "DECEASED", (), False, MessageKind.RESULT),
        ("open", "NO_ANSWER", (), False, None),
        ("open", "NO_ANSWER", (), True, MessageKind.TAKEN_BACK),
        ("withdrawn", "", (), True, MessageKind.TAKEN_BACK),
    ],
)
def test_what_a_result_is_to_its_client(
    state: str, outcome: str, flags: tuple[str, ...], before: bool, kind: MessageKind | None
) -> None:
    assert kind_of(state, outcome, flags, told_before=before) is kind


FRIDAY = datetime(2026, 4, 3, 13, 0, tzinfo=UTC)  # Good Friday 2026: equated, so no working day; Easter follows


@pytest.mark.parametrize(
    ("kind", "outcome", "at", "by"),
    [
        (MessageKind.CRISIS, "HELP_WANTED", FRIDAY, FRIDAY + timedelta(hours=1)),
        (MessageKind.HELP, "HELP_WANTED", AT, datetime(2026, 3, 3, 16, 0, tzinfo=UTC)),
        (MessageKind.HELP, "HELP_WANTED", FRIDAY, datetime(2026, 4, 7, 15, 0, tzinfo=UTC)),
        (MessageKind.RESULT, "DECEASED", AT, datetime(2026, 3, 2, 16, 0, tzinfo=UTC)),
        (MessageKind.RESULT, "DECEASED", AT.replace(hour=19), AT.replace(hour=20)),
        (MessageKind.RESULT, "NO_HELP", AT, datetime(2026, 3, 9, 16, 0, tzinfo=UTC)),
    ],
)
def test_by_when_a_result_must_be_there(kind: MessageKind, outcome: str, at: datetime, by: datetime) -> None:
    assert due(kind, outcome, at, AT) == by


def test_not_reached_is_due_on_the_clients_day() -> None:
    ends = datetime(2026, 3, 6, 23, 0, tzinfo=UTC)  # midnight before Saturday: the client's day is Monday
    assert due(MessageKind.NOT_REACHED, "NO_ANSWER", AT, ends) == datetime(2026, 3, 9, 16, 0, tzinfo=UTC)


ONLY_PUBLIC, OPERATORS = Reach(), Reach(networks=parse_networks("10.1.2.0/24"))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fc00::1", "fe80::1", "ff02::1", "::ffff:10.1.2.3", "64:ff9b::a01:203",
        "2002:a01:203::1", "2001:db8::1",
    ],
)  # fmt: skip
def test_nothing_inside_is_reached(address: str) -> None:
    assert not ONLY_PUBLIC.allows(ipaddress.ip_address(address))


def test_the_operator_may_allow_a_network() -> None:
    assert OPERATORS.allows(ipaddress.ip_address("10.1.2.3"))
    assert OPERATORS.allows(ipaddress.ip_address("::ffff:10.1.2.3"))
    assert not OPERATORS.allows(ipaddress.ip_address("10.1.3.3"))
    assert ONLY_PUBLIC.allows(ipaddress.ip_address("93.184.215.14"))


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://gemeente.example/x", True), ("https://gemeente.example:8443/x?a=b", True),
        ("http://gemeente.example/x", False), ("http://localhost:8080/x", False), ("https://127.0.0.1/", False),
        ("https://[::1]/", False), ("https://a:b@gemeente.example/", False), ("https://gemeente.example/#x", False),
        ("https:///x", False), ("file:///etc/passwd", False), ("https://gemeente.example/a b", False),
        ("https://gemeente.example\\@10.0.0.1/", False), ("https://gemeente.example:99999/", False), ("", False),
    ],
)  # fmt: skip
def test_addresses_as_they_are_written(url: str, allowed: bool) -> None:
    assert check_url(url, ONLY_PUBLIC) is allowed


async def test_a_name_that_leads_inside_is_not_called() -> None:
    """The address is looked at when the connection is made: `localhost` by another spelling gets no request."""
    came: list[str] = []

    async def handle(request: web.Request) -> web.Response:
        came.append(request.path)
        return web.Response()

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    http = GuardedHttp(ONLY_PUBLIC, seconds=5.0)
    try:
        for host in ("localhost", "2130706433", "127.1"):
            reply = await http("POST", f"https://{host}:{port}/x", headers={}, body=b"geheim")
            assert reply.fault is Fault.ADDRESS, host
        assert (await http("POST", f"https://127.0.0.1:{port}/x", headers={})).fault is Fault.ADDRESS
        assert came == []
    finally:
        await http.close()
        await runner.cleanup()


async def test_who_does_not_answer_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
        http = GuardedHttp(Reach(demo=True), seconds=5.0)
        try:
            reply = await http("GET", f"http://127.0.0.1:{taken.getsockname()[1]}/", headers={})
        finally:
            await http.close()
    assert reply.fault is Fault.UNREACHABLE


def test_the_signature_is_that_of_the_published_example() -> None:
    """The example of the Standard Webhooks specification."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    assert sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_a_cases_reference_is_its_own_in_each_register() -> None:
    one, two, case = UUID(int=1), UUID(int=2), UUID(int=3)
    assert len(reference(one, case)) == 10
    assert reference(one, case) == reference(one, case) != reference(two, case)
