"""The dialplan. It is fail-safe without the dialer: whoever answers hears a person or a message, never silence alone.

It is one fixed text. Clients, numbers and agents come in at run time, as channel variables and database rows, so a new
client needs no reload and nothing a client says is ever parsed as dialplan.

After AMI `Bridge` a channel that loses its peer goes on at the *next priority*, as if the step it was taken from had
ended. The two are told apart by what is left behind: WaitForCondition and Background set their status variable when
they end by themselves and not when the channel is taken away, and WaitExten ends in extension `t`. A step that lasts is
one of these, and an empty status afterwards means "was joined, is alone now". Between two such steps, where a caller
may be taken as well, only the dialer's own mark tells: it sets DIALER_JOINED before it joins, and `lost` clears it.
(Asterisk's BRIDGEPEER does not serve: it is empty again when the channel comes out.) A resident who has just answered
stands in the first step already, and is joined without a mark, a round trip sooner.
"""

from __future__ import annotations

import hashlib
import re

from dialer.domain.errors import InvalidError

DIALPLAN_VARIABLE = "DIALPLAN_VERSION"
"""Global variable of the running dialplan; read it with AMI `Getvar` without a channel."""

_SAFE_AFTER = '${IF($["${DIALER_SAFE_AFTER}" = ""]?1.8:${FILTER(0-9.,${DIALER_SAFE_AFTER})})}'
"""Seconds from the answer to the safe message: told with the call, and as usual should it not be."""

HOLD_MOST = 240
"""Seconds of music at most while an agent asks somebody; far longer than the dialer lets it last."""

SURVEY_MOST = 90
"""Seconds that a survey lasts at most, whatever is pressed or not; then the call ends."""

_UNSEEN = '"#{GLOBAL(DIALER_SEEN)}" != "" & #{EPOCH} - 0#{GLOBAL(DIALER_SEEN)} > 20'
"""The dialer has been silent for long. `#` stands for `$` in what WaitForCondition looks at."""

_DIALPLAN = (
    """\
[globals]
DIALPLAN_VERSION=@VERSION@
SOUNDS=@SOUNDS@

; ---- A resident whom we called. The dialer joins within 1.6 s of the answer, or the message begins at 1.8 s; sooner
; ---- where the campaign promises so.
[resident]
exten => s,1,WaitForCondition(#,#[1=0],@SAFE_AFTER@,@SAFE_AFTER@)
 same => n,GotoIf($["${WAITFORCONDITIONSTATUS}" = ""]?lost,s,1)
 same => n,Set(KIND=safe)
 same => n,Goto(final,s,1)

; ---- The agent's leg died in mid-call: music, until another agent is joined or ten seconds have passed.
[lost]
exten => s,1,Set(WAITFORCONDITIONSTATUS=)
 same => n,Set(DIALER_JOINED=)
 same => n,StartMusicOnHold(default)
 same => n,UserEvent(AgentLost)
 same => n,GotoIf($["${DIALER_JOINED}" != ""]?s,1)
 same => n,WaitForCondition(#,#[1=0],10,10)
 same => n,GotoIf($["${WAITFORCONDITIONSTATUS}" = "" | "${DIALER_JOINED}" != ""]?s,1)
 same => n,StopMusicOnHold()
 same => n,GotoIf($["${BACK}" != ""]?back,s,1)
 same => n,Set(KIND=rescue)
 same => n,Goto(final,s,1)

; ---- Music while the agent rings or asks somebody to whom the call may go. Whoever comes out was joined and is alone
; ---- again, or nobody looks after him: then the agent is lost, with all that follows.
[hold]
exten => s,1,Set(WAITFORCONDITIONSTATUS=)
 same => n,Set(DIALER_JOINED=)
 same => n,StartMusicOnHold(default)
 same => n,UserEvent(OnHold)
 same => n,GotoIf($["${DIALER_JOINED}" != ""]?lost,s,1)
 same => n,WaitForCondition(#,#[@UNSEEN@],@HOLD_MOST@,2)
 same => n,Goto(lost,s,1)

; ---- Out of the music into the conversation of the agent and whom he asked: three together.
[together]
exten => s,1,Set(DIALER_JOINED=)
 same => n,StopMusicOnHold()
 same => n,BridgeAdd(${DIALER_MEETS})
 same => n,Goto(lost,s,1)

; ---- Whom a call may go to: a desk, an interpreter. It is joined at once, and is told nothing. It never stays alone.
[transfer]
exten => s,1,Answer()
 same => n,UserEvent(TargetReady)
 same => n,WaitForCondition(#,#[1=0],10,10)
 same => n,Hangup(16)

; ---- The agent's leg while the target is rung: the ring tone.
[consult]
exten => s,1,Playtones(425/1000,0/4000)
 same => n,WaitForCondition(#,#[1=0],@HOLD_MOST@,@HOLD_MOST@)
 same => n,StopPlaytones()
 same => n,Goto(agent,s,1)

; ---- Two questions after the conversation, by keypad; the agent's leg has left. Each answer is kept as it comes:
; ---- whoever hangs up has said enough, and the dialer may be dead. A key that is none of the question's is asked for
; ---- once more. 9 instead of an answer to the first one: never ask again.
[survey]
exten => s,1,Set(TIMEOUT(absolute)=@SURVEY_MOST@)
 same => n,Set(HERE=${SOUNDS}/${FILTER(0-9A-Za-z_-,${DIALER_SOUNDS})})
 same => n,Set(KEPT=survey/${FILTER(0-9a-f-,${DIALER_SURVEY})})
 same => n,Set(DB(${KEPT})=**)
 same => n,UserEvent(SurveyBegun)
 same => n,Set(KTO=)
 same => n,Set(NPS=)
 same => n,Set(AGAIN=)
 same => n(kto),Read(KEY,${AGAIN}${HERE}/survey-kto,1,,1,6)
 same => n,Set(KEY=${FILTER(0-9,${KEY})})
 same => n,GotoIf($["${KEY}" = "9"]?never)
 same => n,GotoIf($[0${KEY} >= 1 & 0${KEY} <= 5]?satisfied)
 same => n,GotoIf($["${AGAIN}" != ""]?bye)
 same => n,Set(AGAIN=${HERE}/survey-again&)
 same => n,Goto(kto)
 same => n(satisfied),Set(KTO=${KEY})
 same => n,Set(DB(${KEPT})=${KTO}**)
 same => n,Set(AGAIN=)
 same => n(nps),Read(KEY,${AGAIN}${HERE}/survey-nps,1,,1,6)
 same => n,Set(SECOND=)
 same => n,ExecIf($["${KEY}" = "1"]?Read(SECOND,,1,,1,2))
 same => n,Set(KEY=${FILTER(0-9,${KEY}${SECOND})})
 same => n,GotoIf($["${KEY}" != "" & 0${KEY} <= 10]?recommends)
 same => n,GotoIf($["${AGAIN}" != ""]?bye)
 same => n,Set(AGAIN=${HERE}/survey-again&)
 same => n,Goto(nps)
 same => n(recommends),Set(NPS=${KEY})
 same => n,Set(DB(${KEPT})=${KTO}*${NPS}*)
 same => n(bye),Set(DB(${KEPT})=${KTO}*${NPS}*end)
 same => n,Playback(${HERE}/survey-thanks)
 same => n,Hangup(16)
 same => n(never),Set(DB(${KEPT})=**no)
 same => n,Playback(${HERE}/survey-never)
 same => n,Hangup(16)
exten => over,1,Playback(${SOUNDS}/${FILTER(0-9A-Za-z_-,${DIALER_SOUNDS})}/survey-thanks)
 same => n,Hangup(16)

; ---- The last thing that is heard. From here on nobody is joined.
[final]
exten => s,1,UserEvent(MessageStarted,Kind: ${KIND})
 same => n,CELGenUserEvent(MESSAGE,${KIND})
 same => n,Playback(${SOUNDS}/${FILTER(0-9A-Za-z_-,${DIALER_SOUNDS})}/${KIND})
 same => n,ExecIf($["${PLAYBACKSTATUS}" != "SUCCESS"]?Playback(${SOUNDS}/default/${KIND}))
 same => n,Hangup(16)

; ---- An agent's standing leg. LegIdle is said on the way in; the leg stands in the holding bridge a moment later.
[agent]
exten => s,1,Answer()
 same => n(wait),UserEvent(LegIdle)
 same => n,BridgeWait(agents,participant,e(s))
 same => n,Goto(wait)

; ---- A supervisor's phone, for one call. It hears nothing until the dialer takes it on: the resident is told first.
; Redirected, it hears a channel, and is heard by nobody (listen), by that channel alone (whisper: the agent's leg), or
; by that channel and whoever it talks to (barge: the resident's). It ends with that channel.
[listen]
exten => s,1,Answer()
 same => n,UserEvent(ListenReady)
 same => n,WaitForCondition(#,#[1=0],30,30)
 same => n,Hangup(16)
exten => listen,1,UserEvent(Hearing,Mode: listen)
 same => n,ChanSpy(${DIALER_HEARS},uqES)
 same => n,Hangup(16)
exten => whisper,1,UserEvent(Hearing,Mode: whisper)
 same => n,ChanSpy(${DIALER_HEARS},uqwES)
 same => n,Hangup(16)
exten => barge,1,UserEvent(Hearing,Mode: barge)
 same => n,ChanSpy(${DIALER_HEARS},uqBES)
 same => n,Hangup(16)

; ---- Another node of ours asks for somebody who stands here: an agent's leg, a supervisor's phone, somebody to whom a
; ---- call may go. Both are one until either ends; then whoever stood here goes on where he was. Nothing is dialled.
[across]
exten => _[lt]!,1,Set(WHOM=${FILTER(0-9a-z.-,${EXTEN})})
 same => n,Answer()
 same => n,Bridge(${WHOM})
 same => n,Hangup(16)

; ---- Something said into a conversation, to both. One half of a Local channel speaks, the other joins in.
[tell]
exten => say,1,Answer()
 same => n,WaitForCondition(#,#[1=0],0.4,0.4)
 same => n,Playback(${SOUNDS}/${FILTER(0-9A-Za-z_-,${DIALER_SOUNDS})}/${FILTER(a-z-,${DIALER_SAYS})})
 same => n,ExecIf($["${PLAYBACKSTATUS}" != "SUCCESS"]?Playback(${SOUNDS}/default/${FILTER(a-z-,${DIALER_SAYS})}))
 same => n,UserEvent(Told,For: ${DIALER_FOR},Status: ${PLAYBACKSTATUS})
 same => n,Hangup(16)
exten => hear,1,ChanSpy(${DIALER_HEARS},uqBES)
 same => n,Hangup(16)

; ---- A staff member hears and sees what a resident would.
[testcall]
exten => s,1,Wait(0.5)
 same => n,Playback(${SOUNDS}/${FILTER(0-9A-Za-z_-,${DIALER_SOUNDS})}/test)
 same => n,Playback(${SOUNDS}/${FILTER(0-9A-Za-z_-,${DIALER_SOUNDS})}/safe)
 same => n,Hangup(16)

; ---- Softphones may not dial.
[nothing]

; ---- Calls on a client's number, or on the line of another team's queue, as the carrier writes it.
[inbound]
exten => _+31XXXXXXXXX,1,Goto(arrive,${EXTEN},1)
exten => _0031XXXXXXXXX,1,Goto(arrive,+31${EXTEN:4},1)
exten => _31XXXXXXXXX,1,Goto(arrive,+${EXTEN},1)
exten => _0ZXXXXXXXX,1,Goto(arrive,+31${EXTEN:1},1)

[arrive]
exten => _+31XXXXXXXXX,1,Set(DIALER_SOUNDS=${DB(did/${EXTEN})})
 same => n,GotoIf($["${DIALER_SOUNDS}" = ""]?unknown)
 same => n,Set(CHANNEL(accountcode)=in-${UNIQUEID})
 same => n,Set(DIALED=${EXTEN})
 same => n,Set(NUMBER=${FILTER(+0-9,${CALLERID(num)})})
 same => n,ExecIf($["${CALLERID(num-pres):0:6}" = "prohib"]?Set(NUMBER=))
 same => n,ExecIf($[${LEN(${NUMBER})} > 16 | ${LEN(${NUMBER})} < 6]?Set(NUMBER=))
; Where the call goes back to, should nobody take it. Of whoever calls another team nothing is kept, nor told on.
 same => n,Set(BACK=${FILTER(+0-9,${DB(overflow/${EXTEN})})})
 same => n,ExecIf($["${BACK}" != ""]?Set(NUMBER=))
 same => n,Gosub(keep,s,1(missed))
 same => n,UserEvent(CallerArrived,Number: ${NUMBER},Dialed: ${DIALED})
 same => n,Answer()
 same => n,Playback(${SOUNDS}/${FILTER(0-9A-Za-z_-,${DIALER_SOUNDS})}/greeting)
 same => n,UserEvent(CallerReady)
 same => n,GotoIf($["${DIALER_JOINED}" != ""]?lost,s,1)
 same => n,Goto(route,s,1)
 same => n,Goto(lost,s,1)
 same => n(unknown),Hangup(1)

; ---- The dialer says in DIALER_ROUTE where the caller goes, as a rule long before the greeting ends.
[route]
exten => s,1,WaitForCondition(#,#["#{DIALER_ROUTE}" != ""],2,0.05)
 same => n,GotoIf($["${WAITFORCONDITIONSTATUS}" = "" | "${DIALER_JOINED}" != ""]?lost,s,1)
 same => n,GotoIf($["${DIALER_ROUTE}" = "queue"]?queue,s,1)
 same => n,GotoIf($["${DIALER_ROUTE}" = "closed"]?closed,s,1)
 same => n,Goto(sorry,s,1)

; ---- Nobody is free yet. The dialer keeps DIALER_POSITION and DIALER_WAIT_MIN up to date, and DIALER_SEEN alive.
[queue]
exten => s,1,GotoIf($["${DIALER_ROUTE}" = "closed"]?closed,s,1)
 same => n,GotoIf($["${GLOBAL(DIALER_SEEN)}" != "" & ${EPOCH} - 0${GLOBAL(DIALER_SEEN)} > 20]?sorry,s,1)
 same => n,Set(HERE=${SOUNDS}/${FILTER(0-9A-Za-z_-,${DIALER_SOUNDS})})
 same => n,Set(POSITION=${FILTER(0-9,${DIALER_POSITION})})
 same => n,Set(MINUTES=${FILTER(0-9,${DIALER_WAIT_MIN})})
 same => n,Set(SAY=)
 same => n,ExecIf($[0${POSITION} > 0]?Set(SAY=${HERE}/position-${IF($[0${POSITION} > 10]?more:${POSITION})}&))
 same => n,ExecIf($[0${MINUTES} > 0]?Set(SAY=${SAY}${HERE}/wait-${IF($[0${MINUTES} > 10]?more:${MINUTES})}&))
 same => n,Set(BACKGROUNDSTATUS=)
 same => n,GotoIf($["${DIALER_JOINED}" != ""]?lost,s,1)
 same => n,Background(${SAY}${HERE}/${IF($["${NUMBER}" = ""]?queue-wait:queue-offer)})
 same => n,GotoIf($["${BACKGROUNDSTATUS}" = "" | "${DIALER_JOINED}" != ""]?lost,s,1)
 same => n,GotoIf($["${BACK}" != ""]?borrowed)
; Nothing pressed in that time: Asterisk goes on here, and to `t` only where nothing follows.
 same => n,WaitExten(25,m(default))
 same => n,GotoIf($["${DIALER_JOINED}" != ""]?lost,s,1)
 same => n,Goto(s,1)
; Of another team: it goes back as soon as the dialer says so, and there are no keys.
 same => n(borrowed),Set(WAITFORCONDITIONSTATUS=)
 same => n,StartMusicOnHold(default)
 same => n,GotoIf($["${DIALER_JOINED}" != ""]?lost,s,1)
 same => n,WaitForCondition(#,#["#{DIALER_ROUTE}" = "closed"],25,0.5)
 same => n,GotoIf($["${WAITFORCONDITIONSTATUS}" = "" | "${DIALER_JOINED}" != ""]?lost,s,1)
 same => n,StopMusicOnHold()
 same => n,Goto(s,1)
 same => n,Goto(lost,s,1)
exten => i,1,Goto(s,1)
 same => n,Goto(lost,s,1)
include => keys

; ---- A call of another team's queue that nobody takes: the caller is told, and it goes back by a SIP transfer (REFER).
[back]
exten => s,1,UserEvent(MessageStarted,Kind: back)
 same => n,CELGenUserEvent(MESSAGE,back)
 same => n,StopMusicOnHold()
 same => n,Set(HERE=${SOUNDS}/${FILTER(0-9A-Za-z_-,${DIALER_SOUNDS})})
 same => n,Playback(${HERE}/back)
 same => n,ExecIf($["${PLAYBACKSTATUS}" != "SUCCESS"]?Playback(${SOUNDS}/default/back))
 same => n,Transfer(PJSIP/sip:${BACK}@${CHANNEL(pjsip,remote_addr)})
 same => n,UserEvent(GivenBack,Status: ${TRANSFERSTATUS})
 same => n,CELGenUserEvent(BACK,${TRANSFERSTATUS})
 same => n,GotoIf($["${TRANSFERSTATUS}" = "SUCCESS"]?gone)
 same => n,Playback(${HERE}/back-failed)
 same => n,ExecIf($["${PLAYBACKSTATUS}" != "SUCCESS"]?Playback(${SOUNDS}/default/back-failed))
 same => n(gone),Hangup(16)

[closed]
exten => s,1,GotoIf($["${BACK}" != ""]?back,s,1)
 same => n,UserEvent(MessageStarted,Kind: closed)
 same => n,CELGenUserEvent(MESSAGE,closed)
 same => n,Background(${SOUNDS}/${FILTER(0-9A-Za-z_-,${DIALER_SOUNDS})}/closed)
 same => n,WaitExten(6)
 same => n,Hangup(16)
exten => t,1,Hangup(16)
exten => i,1,WaitExten(6)
include => keys

; ---- Our fault, or no dialer at all: whoever leaves without a key is rung back too (see `gone`).
[sorry]
exten => s,1,GotoIf($["${BACK}" != ""]?back,s,1)
 same => n,UserEvent(MessageStarted,Kind: sorry)
 same => n,CELGenUserEvent(MESSAGE,sorry)
 same => n,Background(${SOUNDS}/${FILTER(0-9A-Za-z_-,${DIALER_SOUNDS})}/sorry)
 same => n,WaitExten(6)
 same => n,Hangup(16)
exten => t,1,Hangup(16)
exten => i,1,WaitExten(6)
include => keys

; ---- 1: ring me back, I keep my place. 9: never ring this number again.
; Stored first, told second, said last: Asterisk writes its database within a second, well before the message ends.
[keys]
exten => 1,1,GotoIf($["${BACK}" != ""]?queue,s,1)
 same => n,Gosub(keep,s,1(call_back))
 same => n,UserEvent(CallerChose,Choice: call_back)
 same => n,Set(KIND=${IF($["${NUMBER}" = ""]?no-number:callback-noted)})
 same => n,Goto(noted,s,1)
exten => 9,1,GotoIf($["${BACK}" != ""]?queue,s,1)
 same => n,Gosub(keep,s,1(block_number))
 same => n,UserEvent(CallerChose,Choice: block_number)
 same => n,Set(KIND=${IF($["${NUMBER}" = ""]?no-number:number-blocked)})
 same => n,Goto(noted,s,1)

[noted]
exten => s,1,UserEvent(MessageStarted,Kind: ${IF($["${KIND}" = "number-blocked"]?blocked:callback)})
 same => n,CELGenUserEvent(MESSAGE,${KIND})
 same => n,Playback(${SOUNDS}/${FILTER(0-9A-Za-z_-,${DIALER_SOUNDS})}/${KIND})
 same => n,Hangup(16)

; ---- One row per number, client and wish, however often it is pressed; the first time counts (it keeps the place).
; Every caller is kept as missed on arrival, before anybody knows of him: the dialer takes the row out once he has
; spoken to somebody or his wish is committed, so it may die at any moment and nobody is forgotten.
[keep]
exten => s,1,GotoIf($["${NUMBER}" = ""]?done)
 same => n,ExecIf($["${ARG1}" != "missed"]?Set(GONE=${DB_DELETE(callback/${NUMBER}*${DIALED}*missed)}))
 same => n,GotoIf($["${DB(callback/${NUMBER}*${DIALED}*${ARG1})}" != ""]?done)
 same => n,Set(DB(callback/${NUMBER}*${DIALED}*${ARG1})=${EPOCH})
 same => n(done),Return()
""".replace("@SAFE_AFTER@", _SAFE_AFTER)
    .replace("@UNSEEN@", _UNSEEN)
    .replace("@HOLD_MOST@", str(HOLD_MOST))
    .replace("@SURVEY_MOST@", str(SURVEY_MOST))
)

_PATH = re.compile(r"/[A-Za-z0-9._/+@-]{0,400}\Z")


def dialplan_version() -> str:
    """Short digest of the dialplan as this release writes it; the same on every machine."""
    return hashlib.sha256(_DIALPLAN.encode()).hexdigest()[:12]


def dialplan(sounds: str) -> str:
    """`extensions.conf`; `sounds` is the absolute folder of all clients' message folders."""
    if not _PATH.match(sounds):
        raise InvalidError("sounds: not an acceptable folder", "sounds")
    return _DIALPLAN.replace("@VERSION@", dialplan_version()).replace("@SOUNDS@", sounds)


def drift(running: str | None) -> str | None:
    """What is wrong when the running dialplan's version is `running`; None when it is ours."""
    if running == dialplan_version():
        return None
    if not running:
        return "the running dialplan is not the dialer's"
    return f"the running dialplan is {running}, this release writes {dialplan_version()}"
