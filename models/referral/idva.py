"""The pathway to an IDVA (docs/domain.md 6)."""

from __future__ import annotations

from models.enums import ClockType, IdvaOutcome, ReferralPathway, Role
from models.enums import ReferralState as S
from models.referral.pathway import ClockOf, FieldKind, FieldOf, Move, Pathway

_SERVICE = (Role.IDVA_PARTNER, Role.ISVA_PARTNER)
_WAITS = (S.SUBMITTED, S.ACKNOWLEDGED, S.ATTEMPTING, S.WAITLISTED)
_CLOSED_AT_ONCE = (
    IdvaOutcome.DECLINED,
    IdvaOutcome.UNABLE_TO_CONTACT,
    IdvaOutcome.INAPPROPRIATE,
    IdvaOutcome.ALREADY_OPEN,
    IdvaOutcome.TRANSFERRED,
)
_CLOSED_AFTER_WORK = (
    IdvaOutcome.CLOSED_PLANNED,
    IdvaOutcome.CLOSED_UNPLANNED,
    IdvaOutcome.TRANSFERRED,
)

IDVA = Pathway(
    pathway=ReferralPathway.IDVA,
    service=Role.IDVA_PARTNER,
    partners=_SERVICE,
    first=S.SUBMITTED,
    ends=(S.CLOSED,),
    moves=(
        Move(sources=(S.DRAFT,), to=S.SUBMITTED, by=(Role.DALO,), guards=("may_be_sent",)),
        Move(sources=(S.SUBMITTED, S.WAITLISTED), to=S.ACKNOWLEDGED, by=_SERVICE),
        Move(sources=(S.SUBMITTED, S.ACKNOWLEDGED), to=S.ATTEMPTING, by=_SERVICE),
        Move(
            sources=(S.SUBMITTED, S.ACKNOWLEDGED, S.ATTEMPTING),
            to=S.WAITLISTED,
            by=_SERVICE,
        ),
        Move(sources=_WAITS, to=S.ENGAGED, by=_SERVICE),
        Move(
            sources=_WAITS,
            to=S.CLOSED,
            by=_SERVICE,
            outcomes=tuple(_CLOSED_AT_ONCE),
            guards=("tried_enough",),
        ),
        Move(
            sources=(S.ENGAGED,),
            to=S.CLOSED,
            by=_SERVICE,
            outcomes=tuple(_CLOSED_AFTER_WORK),
        ),
    ),
    clocks=(
        ClockOf(
            clock_type=ClockType.REFERRAL_CHASE,
            while_in=(S.DRAFT,),
            owner=Role.DALO,
            key="DRAFT",
        ),
        ClockOf(
            clock_type=ClockType.IDVA_ACK,
            while_in=(S.SUBMITTED,),
            owner=Role.IDVA_PARTNER,
            chased=True,
        ),
        ClockOf(
            clock_type=ClockType.IDVA_FIRST_ATTEMPT,
            while_in=(S.SUBMITTED, S.ACKNOWLEDGED),
            owner=Role.IDVA_PARTNER,
            met_in=(S.ATTEMPTING, S.ENGAGED),
        ),
        ClockOf(
            clock_type=ClockType.IDVA_ATTEMPTS,
            while_in=(S.SUBMITTED, S.ACKNOWLEDGED, S.ATTEMPTING),
            owner=Role.IDVA_PARTNER,
            met_in=(S.ENGAGED, S.CLOSED),
            until="attempted_at",
        ),
        # Tried or reached, and not engaged: the service says what becomes of it.
        ClockOf(
            clock_type=ClockType.REFERRAL_CHASE,
            while_in=(S.ATTEMPTING,),
            owner=Role.IDVA_PARTNER,
            key="ATTEMPTED",
            since="attempted_at",
        ),
        ClockOf(
            clock_type=ClockType.REFERRAL_CHASE,
            while_in=(*_WAITS, S.ENGAGED),
            owner=Role.DALO,
            key="CONSENT",
            since="withheld_at",
        ),
        ClockOf(
            clock_type=ClockType.REFERRAL_CHASE,
            while_in=(S.WAITLISTED,),
            owner=Role.IDVA_PARTNER,
            key="WAITLISTED",
        ),
    ),
    fields=(
        FieldOf(
            name="post_type",
            kind=FieldKind.CODE,
            about="which post is asked for",
            choices=(
                "COMMUNITY",
                "COURT",
                "HEALTH",
                "HOUSING",
                "YOUNG_PERSON",
                "BY_AND_FOR",
                "MALE",
            ),
        ),
        FieldOf(name="reason", kind=FieldKind.CODE, about="why it is referred"),
        FieldOf(
            name="safe_contact_ref",
            kind=FieldKind.REFERENCE,
            about="the safe-contact plan: number and times are there, not here",
        ),
        FieldOf(name="worker_ref", kind=FieldKind.REFERENCE, about="the IDVA who has it"),
        FieldOf(name="basis_reason", kind=FieldKind.CODE, about="why it goes without consent"),
    ),
)
