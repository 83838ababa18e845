"""The pathway to the stalking programme (docs/domain.md 8.3)."""

from __future__ import annotations

from models.enums import ClockType, ReferralPathway, Role
from models.enums import ReferralState as S
from models.referral.pathway import ClockOf, FieldKind, FieldOf, Move, Pathway, ReviewOf

_LEAD = (Role.MASIP_LEAD,)
_TAKEN_ON = (S.ACCEPTED, S.FORMULATION, S.MANAGEMENT, S.INTERVENTION, S.REVIEW)
MOTIVES = ("REJECTED", "INTIMACY_SEEKING", "INCOMPETENT", "RESENTFUL", "PREDATORY")

MASIP = Pathway(
    pathway=ReferralPathway.MASIP,
    service=Role.MASIP_LEAD,
    partners=_LEAD,
    first=S.REFERRED,
    ends=(S.CONSULTATION_ONLY, S.NOT_SUITABLE, S.CLOSED),
    moves=(
        Move(sources=(S.REFERRED,), to=S.TRIAGED, by=_LEAD),
        Move(sources=(S.TRIAGED,), to=S.CONSULTATION_ONLY, by=_LEAD, reason=True),
        Move(sources=(S.TRIAGED,), to=S.NOT_SUITABLE, by=_LEAD, reason=True),
        Move(sources=(S.TRIAGED,), to=S.ACCEPTED, by=_LEAD, guards=("form_is_whole",)),
        Move(sources=(S.ACCEPTED,), to=S.FORMULATION, by=_LEAD, fields=("motive", "risk_tool")),
        Move(sources=(S.FORMULATION, S.INTERVENTION), to=S.MANAGEMENT, by=_LEAD),
        Move(
            sources=(S.MANAGEMENT,),
            to=S.INTERVENTION,
            by=_LEAD,
            guards=("not_under_investigation",),
        ),
        Move(sources=(S.MANAGEMENT, S.INTERVENTION), to=S.REVIEW, by=_LEAD),
        Move(
            sources=_TAKEN_ON,
            to=S.CLOSED,
            by=_LEAD,
            outcomes=("RISK_REDUCED", "IN_CUSTODY", "DIED", "MOVED", "NO_FURTHER_OPTIONS"),
        ),
    ),
    clocks=(
        ClockOf(
            clock_type=ClockType.MASIP_TRIAGE,
            while_in=(S.REFERRED,),
            owner=Role.MASIP_LEAD,
            chased=True,
        ),
        ClockOf(
            clock_type=ClockType.REFERRAL_CHASE,
            while_in=(S.TRIAGED,),
            owner=Role.MASIP_LEAD,
            key="TRIAGED",
        ),
        ClockOf(
            clock_type=ClockType.MASIP_FORMULATION,
            while_in=(S.ACCEPTED,),
            owner=Role.MASIP_LEAD,
            met_in=(S.FORMULATION,),
        ),
        ClockOf(
            clock_type=ClockType.REFERRAL_CHASE,
            while_in=(S.FORMULATION,),
            owner=Role.MASIP_LEAD,
            key="FORMULATION",
        ),
    ),
    review=ReviewOf(
        clock_type=ClockType.MASIP_REVIEW,
        while_in=(S.MANAGEMENT, S.INTERVENTION, S.REVIEW),
        owner=Role.MASIP_LEAD,
        anchored=False,
    ),
    fields=(
        FieldOf(name="relationship", kind=FieldKind.CODE, about="the suspect to the victim"),
        FieldOf(name="behaviours", kind=FieldKind.LIST, about="stalking behaviours"),
        FieldOf(name="channels", kind=FieldKind.LIST, about="by which channels"),
        FieldOf(name="duration_days", kind=FieldKind.NUMBER, about="since when, in days"),
        FieldOf(name="contacts", kind=FieldKind.NUMBER, about="number of contacts"),
        FieldOf(name="motive", kind=FieldKind.CODE, about="type of motive", choices=MOTIVES),
        FieldOf(name="threats", kind=FieldKind.YES_NO, about="threats made"),
        FieldOf(name="breaches", kind=FieldKind.YES_NO, about="orders or bail breached"),
        FieldOf(name="mental_health", kind=FieldKind.YES_NO, about="known to health services"),
        FieldOf(name="risk_tool", kind=FieldKind.CODE, about="the risk tool used"),
        FieldOf(name="spo_status", kind=FieldKind.CODE, about="stalking protection order"),
        FieldOf(name="victim_impact_ref", kind=FieldKind.REFERENCE, about="note of the impact"),
        FieldOf(name="advocate_ref", kind=FieldKind.REFERENCE, about="the victim's advocate"),
        FieldOf(
            name="investigation_stage",
            kind=FieldKind.CODE,
            about="where the investigation stands",
            choices=("NONE", "ACTIVE", "CHARGED", "CONVICTED", "ENDED"),
        ),
        FieldOf(name="reason", kind=FieldKind.CODE, about="why it is referred"),
    ),
    form=(
        "relationship",
        "behaviours",
        "channels",
        "duration_days",
        "contacts",
        "threats",
        "breaches",
        "investigation_stage",
    ),
)
