"""The town's telephone book: what happens at each number, as a generated dialplan for a second Asterisk.

Two kinds of numbers. A *resident* has a list of moods, one a call, drawn beforehand from a seed: the same list of moods
for the same seed, whatever the order of the calls. One who has a *week* picks up by the hour as well: the town is told
which half-hour it is. A *special* number does one thing, named in its digits (`SPECIALS`):

    +31 60 99 CCC nn    does CCC at once; nn is free, so that many may be rung at the same time
    +31 60 98 CCC nn    rings for a second, then does CCC
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dialer.asterisk.config.files import CEL_FIELDS, MODULES, base_files
from dialer.asterisk.config.settings import Instance, check_port
from dialer.domain.errors import InvalidError


class Mood(StrEnum):
    """What a resident (or what answers in the place of one) does with a call."""

    ANSWER = "answer"  # picks up after `after`, talks, hangs up after `lasts`
    SILENT = "silent"  # picks up and says nothing
    NO_SOUND = "no-sound"  # picks up, and not a packet of sound comes: one-way audio
    SHORT = "short"  # picks up and hangs up at once
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    REJECT = "reject"  # pressed away after `after`
    VOICEMAIL = "voicemail"  # a machine, after `after`
    NOT_IN_USE = "not-in-use"  # the network says so before the answer, then 404
    UNREACHABLE = "unreachable"  # the network says so before the answer, then 480
    CONGESTION = "congestion"
    UNKNOWN = "unknown"  # 404


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One call's fate; seconds."""

    mood: Mood
    after: int = 0
    lasts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """When a resident is there. Whoever is not does what `away` says, a turn a call."""

    home: Sequence[int]  # chance to pick up in each half-hour that the town may be told of, in percent, 0 to 99
    luck: Sequence[int]  # a lot for each call, 0 to 99: below the chance of the hour, the resident is there
    away: Sequence[Turn]


CAUSES: Mapping[str, int] = {
    "404": 1, "486": 17, "408": 18, "480": 19, "403": 21, "410": 22, "484": 28, "502": 27, "500": 38, "503": 34,
    "488": 58, "603": 16,
}  # fmt: skip
"""SIP codes that Asterisk can answer with, and the Q.850 cause that makes it do so."""

SPECIALS: Mapping[str, str] = {
    "200": "answers after 1 s, talks until hung up on",
    "201": "answers after 1 s, talks for 3 s, hangs up",
    "202": "answers after 1 s and says nothing, until hung up on",
    "203": "answers after 1 s, hangs up 0.5 s later",
    "204": "a machine: answers after 2 s, plays a greeting, hangs up",
    "205": "answers after 1 s, and not a packet of sound comes, until hung up on",
    "180": "rings until given up",
    "183": "an announcement before the answer, then 404",
    "184": "an announcement before the answer, then 480",
} | {code: f"answers {code}" for code in CAUSES}
"""CCC of the special numbers."""

TOWN_MODULES = (
    *MODULES, "func_cut", "func_talkdetect", "app_senddtmf", "app_dial",
)  # fmt: skip
TOWN_EVENTS = ("FullyBooted", "Newchannel", "Newstate", "Hangup", "UserEvent", "OriginateResponse",
               "ChannelTalkingStart", "ChannelTalkingStop", "DTMFEnd")  # fmt: skip
TOWN_CEL_FIELDS = (*CEL_FIELDS, "exten", "num", "dnid")
"""Columns of the town's `cel.csv`: ours, then the number rung and the caller's. Invented numbers only."""

_NUMBER = re.compile(r"\+31[0-9]{9}\Z")

_PLAN = """\
[globals]
SPEECH=@SPEECH@

; ---- Calls that reach the town. Whoever answers listens too: TALK_DETECT tells when something is heard.
[called]
@RESIDENTS@exten => _+316099XXXXX,1,Goto(special-${EXTEN:7:3},s,1)
exten => _+316098XXXXX,1,Ringing()
 same => n,Wait(1)
 same => n,Goto(special-${EXTEN:7:3},s,1)

[listen]
exten => s,1,Answer()
 same => n,Set(TALK_DETECT(set)=400,120)
 same => n,Return()

; ---- One call of a resident: the next turn of the list, the last one for ever after.
[resident]
exten => s,1,Set(TURN=$[0${GLOBAL(TURN_${ARG1})} + 1])
 same => n,ExecIf($[${TURN} > ${FIELDQTY(ARG2,-)}]?Set(TURN=${FIELDQTY(ARG2,-)}))
 same => n,Set(GLOBAL(TURN_${ARG1})=${TURN})
 same => n,Set(FATE=${CUT(ARG2,-,${TURN})})
 same => n,GotoIf($[${ARGC} < 5 | "${GLOBAL(HALF_HOUR)}" = ""]?there)
 same => n,GotoIf($["${ARG4:$[(${TURN} - 1) * 2]:2}" < "${ARG3:$[${GLOBAL(HALF_HOUR)} * 2]:2}"]?there)
 same => n,Set(FATE=${CUT(ARG5,-,${TURN})})
 same => n(there),NoOp()
 same => n,Set(AFTER=${CUT(FATE,:,2)})
 same => n,Set(LASTS=${CUT(FATE,:,3)})
 same => n,CELGenUserEvent(MOOD,${CUT(FATE,:,1)})
 same => n,UserEvent(Mood,Number: +${ARG1},Mood: ${CUT(FATE,:,1)})
 same => n,Goto(mood-${CUT(FATE,:,1)},s,1)

@MOODS@
@SPECIALS@
; ---- A resident rings the client: waits for somebody, talks, or presses a key after a while.
[caller]
exten => s,1,Set(TALK_DETECT(set)=400,120)
 same => n,MusicOnHold(talk,${PATIENCE})
 same => n,ExecIf($["${KEYS}" != ""]?SendDTMF(${KEYS},250,250))
 same => n,MusicOnHold(talk,${LASTS})
 same => n,Hangup(16)
"""

_MOODS = """\
[mood-answer]
exten => s,1,Ringing()
 same => n,Wait(${AFTER})
 same => n,Gosub(listen,s,1)
 same => n,MusicOnHold(talk,${LASTS})
 same => n,Hangup(16)

[mood-silent]
exten => s,1,Ringing()
 same => n,Wait(${AFTER})
 same => n,Gosub(listen,s,1)
 same => n,Wait(${LASTS})
 same => n,Hangup(16)

; Wait() sends silence; who stands in a holding bridge without entertainment sends nothing.
[mood-no-sound]
exten => s,1,Ringing()
 same => n,Wait(${AFTER})
 same => n,Answer()
 same => n,BridgeWait(no-sound,participant,e(n)S(${LASTS}))
 same => n,Hangup(16)

[mood-short]
exten => s,1,Ringing()
 same => n,Wait(${AFTER})
 same => n,Gosub(listen,s,1)
 same => n,Wait(0.8)
 same => n,Hangup(16)

[mood-busy]
exten => s,1,Hangup(17)

[mood-no-answer]
exten => s,1,Ringing()
 same => n,Wait(120)
 same => n,Hangup(19)

[mood-reject]
exten => s,1,Ringing()
 same => n,Wait(${AFTER})
 same => n,Hangup(21)

[mood-voicemail]
exten => s,1,Ringing()
 same => n,Wait(${AFTER})
 same => n,Gosub(listen,s,1)
 same => n,Playback(${SPEECH}/voicemail)
 same => n,Wait(${LASTS})
 same => n,Hangup(16)

[mood-not-in-use]
exten => s,1,Progress()
 same => n,Playback(${SPEECH}/not-in-use,noanswer)
 same => n,Hangup(1)

[mood-unreachable]
exten => s,1,Progress()
 same => n,Playback(${SPEECH}/unreachable,noanswer)
 same => n,Hangup(19)

[mood-congestion]
exten => s,1,Hangup(34)

[mood-unknown]
exten => s,1,Hangup(1)
"""

_SPECIAL_TURNS: Mapping[str, Turn] = {
    "200": Turn(mood=Mood.ANSWER, after=1, lasts=7200),
    "201": Turn(mood=Mood.ANSWER, after=1, lasts=3),
    "202": Turn(mood=Mood.SILENT, after=1, lasts=7200),
    "203": Turn(mood=Mood.SHORT, after=1),
    "204": Turn(mood=Mood.VOICEMAIL, after=2, lasts=2),
    "205": Turn(mood=Mood.NO_SOUND, after=1, lasts=7200),
    "180": Turn(mood=Mood.NO_ANSWER),
    "183": Turn(mood=Mood.NOT_IN_USE),
    "184": Turn(mood=Mood.UNREACHABLE),
}


def special(code: str, n: int = 0, *, after_ringing: bool = False) -> str:
    """The number (E.164) that does `code`; `n` from 0 to 99 tells several apart. Raises KeyError, ValueError."""
    SPECIALS[code]
    if not 0 <= n <= 99:
        raise ValueError("n must be from 0 to 99")
    return f"+31609{8 if after_ringing else 9}{code}{n:02d}"


def town_dialplan(
    speech: str, residents: Iterable[tuple[str, Sequence[Turn]]], weeks: Mapping[str, Week] | None = None
) -> str:
    """`extensions.conf` of the town; `speech` is the absolute folder of the town's own sounds, `weeks` go by number."""
    lines, weeks = [], weeks or {}
    for number, turns in residents:
        if not _NUMBER.match(number) or number.startswith(("+316099", "+316098")):
            raise InvalidError("town: not a resident's number", "number")
        if not turns:
            raise InvalidError("town: a resident needs at least one turn", "turns")
        what = [number[1:], _fates(turns), *(_week(weeks[number], len(turns)) if number in weeks else ())]
        lines.append(f"exten => {number},1,Gosub(resident,s,1({','.join(what)}))\n")
    plan = _PLAN.replace("@SPEECH@", speech).replace("@RESIDENTS@", "".join(lines))
    moods = re.sub(r"^\[mood-(.*)\]$", lambda m: f"[mood-{m[1].replace('-', '_')}]", _MOODS, flags=re.MULTILINE)
    return plan.replace("@MOODS@", moods).replace("@SPECIALS@", _specials())


def _fates(turns: Sequence[Turn]) -> str:
    """The turns in one word. "-" parts them, so a mood is written without one."""
    return "-".join(f"{turn.mood.replace('-', '_')}:{turn.after}:{turn.lasts}" for turn in turns)


def _week(week: Week, calls: int) -> tuple[str, str, str]:
    """Two digits a half-hour, two a call, and the turns of who is away."""
    if len(week.luck) < calls or len(week.away) < calls:
        raise InvalidError("town: a week needs a lot and a turn for each call", "weeks")
    if any(not 0 <= part <= 99 for part in (*week.home, *week.luck)):
        raise InvalidError("town: chances and lots go from 0 to 99", "weeks")
    return "".join(f"{part:02d}" for part in week.home), "".join(f"{lot:02d}" for lot in week.luck), _fates(week.away)


def _specials() -> str:
    parts = []
    for code, turn in _SPECIAL_TURNS.items():
        mood = turn.mood.replace("-", "_")
        parts.append(
            f"[special-{code}]\nexten => s,1,Set(AFTER={turn.after})\n same => n,Set(LASTS={turn.lasts})\n"
            f" same => n,CELGenUserEvent(MOOD,{mood})\n same => n,Goto(mood-{mood},s,1)\n"
        )
    for code, cause in CAUSES.items():
        parts.append(f"[special-{code}]\nexten => s,1,CELGenUserEvent(MOOD,{code})\n same => n,Hangup({cause})\n")
    return "\n".join(parts)


def town_files(
    instance: Instance,
    *,
    dialer_host: str,
    dialer_port: int,
    more_ports: Sequence[int] = (),
    residents: Iterable[tuple[str, Sequence[Turn]]] = (),
    weeks: Mapping[str, Week] | None = None,
) -> Mapping[str, str]:
    """The whole configuration of the town's Asterisk; `dialer_*` is where its calls to the client go."""
    check_port(dialer_port, "dialer port")
    more = "".join(f"match={dialer_host}:{check_port(port, 'dialer port')}\n" for port in more_ports)
    speech = f"{instance.folders.sounds}/town"
    files = dict(base_files(instance, modules=TOWN_MODULES, cel_fields=TOWN_CEL_FIELDS, events=TOWN_EVENTS))
    files["extensions.conf"] = town_dialplan(speech, residents, weeks)
    files["sorcery.conf"] = ""
    files["musiconhold.conf"] = f"[talk]\nmode=files\ndirectory={speech}/talk\nsort=random\n"
    files["pjsip.conf"] = f"""\
[global]
type=global
user_agent=town

[udp]
type=transport
protocol=udp
bind={instance.bind}:{instance.sip_port}

[dialer]
type=endpoint
transport=udp
context=called
disallow=all
allow=alaw,ulaw
aors=dialer
direct_media=no
rtp_symmetric=yes
dtmf_mode=rfc4733
trust_id_inbound=yes
send_pai=yes
media_address={instance.bind}
bind_rtp_to_media_address=yes

[dialer]
type=aor
contact=sip:{dialer_host}:{dialer_port}

[dialer]
type=identify
endpoint=dialer
match={dialer_host}:{dialer_port}
{more}"""
    return files
