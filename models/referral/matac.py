"""The pathway to a MATAC: the person who harms, not the victim (docs/domain.md 8.2)."""

from __future__ import annotations

from models.enums import ClockType, DischargeReason, ReferralPathway, Role
from models.enums import ReferralState as S
from models.referral.pathway import ClockOf, FieldKind, FieldOf, Hears, Move, Pathway, ReviewOf

_CO = (Role.MATAC_COORDINATOR,)
_NOMINATED = (S.NOMINATED, S.DEFERRED)

MATAC = Pathway(
    pathway=ReferralPathway.MATAC,
    service=Role.MATAC_COORDINATOR,
    partners=_CO,
    first=S.SCORED,
    ends=(S.NOT_SELECTED, S.DISCHARGED),
    listed_in=_NOMINATED,
    moves=(
        Move(sources=(S.SCORED,), to=S.NOMINATED, by=_CO),
        Move(sources=_NOMINATED, to=S.SELECTED, by=_CO),
        Move(sources=(S.SCORED, *_NOMINATED), to=S.NOT_SELECTED, by=_CO, reason=True),
        Move(sources=(S.NOMINATED,), to=S.DEFERRED, by=_CO, reason=True),
        Move(sources=(S.SELECTED,), to=S.PROFILED, by=_CO, fields=("profile_ref",)),
        Move(sources=(S.PROFILED,), to=S.ACTIVE, by=_CO),
        Move(sources=(S.ACTIVE,), to=S.REVIEW, by=_CO),
        Move(
            sources=(S.SELECTED, S.PROFILED, S.ACTIVE, S.REVIEW),
            to=S.DISCHARGED,
            by=_CO,
            outcomes=tuple(DischargeReason),
        ),
    ),
    hears=(
        Hears(message="heard", sources=_NOMINATED, to=S.SELECTED, decision="SELECTED"),
        Hears(message="heard", sources=_NOMINATED, to=S.NOT_SELECTED, decision="NOT_SELECTED"),
        Hears(message="heard", sources=_NOMINATED, to=S.DEFERRED, decision="DEFERRED"),
    ),
    clocks=(
        ClockOf(
            clock_type=ClockType.REFERRAL_CHASE,
            while_in=(S.SCORED,),
            owner=Role.MATAC_COORDINATOR,
            key="SCORED",
        ),
        ClockOf(
            clock_type=ClockType.MATAC_SELECTION,
            while_in=(S.NOMINATED,),
            owner=Role.MATAC_COORDINATOR,
        ),
        ClockOf(
            clock_type=ClockType.MATAC_SELECTION,
            while_in=(S.DEFERRED,),
            owner=Role.MATAC_COORDINATOR,
            key="DEFERRED",
        ),
        ClockOf(
            clock_type=ClockType.REFERRAL_CHASE,
            while_in=(S.SELECTED, S.PROFILED),
            owner=Role.MATAC_COORDINATOR,
            key="PROFILE",
        ),
    ),
    review=ReviewOf(
        clock_type=ClockType.MATAC_REVIEW,
        while_in=(S.ACTIVE, S.REVIEW),
        owner=Role.MATAC_COORDINATOR,
        anchored=True,
    ),
    fields=(
        FieldOf(name="score", kind=FieldKind.NUMBER, about="the score at entry, 0 to 100"),
        FieldOf(name="rank", kind=FieldKind.NUMBER, about="place in the scoring run"),
        FieldOf(name="recency", kind=FieldKind.NUMBER, about="part of the score"),
        FieldOf(name="frequency", kind=FieldKind.NUMBER, about="part of the score"),
        FieldOf(name="gravity", kind=FieldKind.NUMBER, about="part of the score"),
        FieldOf(name="victims", kind=FieldKind.NUMBER, about="part of the score"),
        FieldOf(name="run", kind=FieldKind.REFERENCE, about="the scoring run"),
        FieldOf(name="weights_version", kind=FieldKind.REFERENCE, about="weights of the score"),
        FieldOf(name="cases", kind=FieldKind.LIST, about="the victims' cases"),
        FieldOf(name="profile_ref", kind=FieldKind.REFERENCE, about="the subject's profile"),
        FieldOf(name="reason", kind=FieldKind.CODE, about="why a partner nominated"),
    ),
)
