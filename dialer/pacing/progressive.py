"""One reserved agent, one call. Whoever answers finds an agent who waits for nobody else."""

from __future__ import annotations

from dialer.pacing.model import Decision, Limit, Snapshot


def decide(snapshot: Snapshot) -> Decision:
    """Start as many calls as there are agents free, less those whom callers and appointments need.

    Counts below zero, which a late event can make for a moment, count as zero.
    """
    if not snapshot.open:
        return Decision.hold(Limit.WINDOW)
    free = max(snapshot.free_agents, 0)
    after_inbound = max(free - max(snapshot.inbound_waiting, 0), 0)
    spare = max(after_inbound - max(snapshot.appointments_due, 0), 0)
    bounds = [(spare, _agents_limit(free, after_inbound, spare))]
    bounds.append((max(snapshot.lines_free, 0), Limit.LINES))
    bounds.append((max(snapshot.starts_allowed, 0), Limit.RATE))
    if snapshot.due is not None:
        bounds.append((max(snapshot.due, 0), Limit.LIST))
    start, limit = min(bounds, key=lambda bound: bound[0])
    return Decision(
        start=start,
        limit=limit,
        facts={
            "free_agents": free,
            "in_ring": snapshot.in_ring,
            "inbound_waiting": snapshot.inbound_waiting,
            "appointments_due": snapshot.appointments_due,
        },
    )


def _agents_limit(free: int, after_inbound: int, spare: int) -> Limit:
    if spare == free:
        return Limit.AGENTS
    return Limit.INBOUND if after_inbound <= spare else Limit.APPOINTMENTS
