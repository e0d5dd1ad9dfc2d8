"""An agent's hands on the recording of his call, and playing one."""

from __future__ import annotations

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer, done
from dialer.domain.ids import AttemptId
from dialer.domain.recording import DeleteReason, PlayPurpose


async def set_recording(call: ApiCall) -> web.StreamResponse:
    """A yes and a no are audited by the service, with what they do."""
    desk, attempt = call.deps.recorder, AttemptId(call.path["attempt"])
    wishes = {"agreed": desk.agreed, "pause": desk.pause, "resume": desk.resume, "refuse": desk.refuse}
    await wishes[call.body["wish"]](call.user, attempt)
    return answer(call.deps.desk.agent(call.user))


async def play_recording(call: ApiCall) -> web.StreamResponse:
    """Piece by piece: no more than one stands in the open here. Audited by the service before the first."""
    attempt, purpose = AttemptId(call.path["attempt"]), PlayPurpose(call.query["purpose"])
    played = await call.deps.recordings.play(attempt, purpose, call.viewer())
    response = web.StreamResponse(
        headers={"Cache-Control": "no-store", "Content-Type": "audio/wav", "Content-Length": str(played.size)}
    )
    await response.prepare(call.request)
    async for piece in played.sound:
        await response.write(piece)
    await response.write_eof()
    return response


async def delete_recording(call: ApiCall) -> web.StreamResponse:
    """Audited by the service, in the transaction that deletes."""
    attempt, why = AttemptId(call.path["attempt"]), DeleteReason(call.query["reason"])
    await call.deps.recordings.delete(attempt, why, call.viewer())
    return done()


HANDLERS: Handlers = {
    "setRecording": set_recording,
    "playRecording": play_recording,
    "deleteRecording": delete_recording,
}
