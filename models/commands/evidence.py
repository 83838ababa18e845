"""Commands of the golden hour (docs/domain.md 3)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from models.base import Record
from models.enums import EvidenceCode, EvidenceReason, EvidenceStatus


class VideoMedium(StrEnum):
    """How a victim's first account on video was taken."""

    BODY_WORN_VIDEO = "BODY_WORN_VIDEO"
    SECURE_VIDEO_LINK = "SECURE_VIDEO_LINK"
    OTHER_VIDEO = "OTHER_VIDEO"


class EvidenceEntry(Record):
    """What became of one checklist item. A reason code is due for the last four statuses."""

    item: EvidenceCode
    status: EvidenceStatus
    at: datetime
    """When it was captured, declined, found unavailable, lost or missed."""
    reference: str = ""
    """Reference in the evidence system, never the file."""
    reason: EvidenceReason | None = None
    medium: VideoMedium | None = None
    """How the video account was taken; where left out, it is inferred from how police responded."""


class RecordEvidence(Record):
    """Items captured, declined, late or unavailable, in one go."""

    kind: Literal["record-evidence"] = "record-evidence"
    entries: tuple[EvidenceEntry, ...] = Field(min_length=1)


class AddEvidenceItem(Record):
    """An item that the report did not trigger but the scene does (CCTV found, say)."""

    kind: Literal["add-evidence"] = "add-evidence"
    item: EvidenceCode
    at: datetime


class RecordPoliceContact(Record):
    """When police first attended or spoke to the victim by video."""

    kind: Literal["record-police-contact"] = "record-police-contact"
    at: datetime


EvidenceCommand = RecordEvidence | AddEvidenceItem | RecordPoliceContact
