"""Whose objects a viewer may touch, and the line that each look leaves in the audit."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from dialer.domain.errors import NotFoundError
from dialer.domain.ids import ClientId
from dialer.services.ports.audit import AuditEntry, AuditLog
from dialer.services.ports.people import Viewer


def check_scope(viewer: Viewer, client: ClientId) -> None:
    """Raises NotFoundError for another client's object: that it exists is none of the viewer's business."""
    if viewer.client is not None and viewer.client != client:
        raise NotFoundError("no such object")


async def noted(
    audit: AuditLog,
    viewer: Viewer,
    action: str,
    kind: str,
    subject: UUID,
    client: ClientId,
    detail: Mapping[str, object] | None = None,
    *,
    purpose: str = "",
) -> None:
    """Leave an audit line. Awaited before the data is handed over: what cannot be audited is not answered."""
    await audit.record(
        AuditEntry(
            actor=viewer.actor,
            action=action,
            subject_kind=kind,
            subject=str(subject),
            client=client,
            purpose=purpose,
            detail=detail or {},
        )
    )
