"""The pathway to a MARAC, and the twelve months of its flag (docs/domain.md 5, 8.1)."""

from __future__ import annotations

from models.enums import ClockType, ReferralPathway, Role
from models.enums import ReferralState as S
from models.referral.pathway import ClockOf, FieldKind, FieldOf, Follow, Hears, Move, Pathway

_CO = (Role.MARAC_COORDINATOR,)
_FORM = (
    FieldOf(name="agency", kind=FieldKind.CODE, about="the referring agency"),
    FieldOf(
        name="safe_contact_ref",
        kind=FieldKind.REFERENCE,
        about="the safe-contact plan: safe number and times are there, not here",
    ),
    FieldOf(name="gp_ref", kind=FieldKind.REFERENCE, about="the general practice"),
    FieldOf(
        name="relationship",
        kind=FieldKind.LIST,
        about="what each perpetrator is to the victim, by code",
    ),
    FieldOf(name="children", kind=FieldKind.LIST, about="children by reference, or NONE"),
    FieldOf(name="risk_checklist_ref", kind=FieldKind.REFERENCE, about="the risk assessment"),
    FieldOf(name="reason", kind=FieldKind.CODE, about="reason and background; words in a note"),
    FieldOf(name="victim_aware", kind=FieldKind.YES_NO, about="does the victim know of it"),
    FieldOf(name="afraid_of", kind=FieldKind.LIST, about="whom the victim is afraid of, by code"),
    FieldOf(
        name="must_not_be_told_ref",
        kind=FieldKind.REFERENCE,
        about="the note of who must never be told: their names are there, not here",
    ),
    FieldOf(
        name="idva_status",
        kind=FieldKind.CODE,
        about="how far the referral to an IDVA is",
        choices=("NOT_REFERRED", "REFERRED", "ENGAGED", "DECLINED", "UNABLE_TO_CONTACT", "CLOSED"),
    ),
    FieldOf(name="prior_marac_dates", kind=FieldKind.DATES, about="earlier hearings"),
)
"""Beside these the form has referrer, criteria, parties and consent, which the referral carries as
its own."""
_BEFORE_HEARING = (S.ACCEPTED, S.LISTED, S.RESEARCH)
_SENT = (S.SUBMITTED, S.SCREENING, S.RETURNED)
"""Not accepted yet: a coordinator or chair who lists one by hand has taken it on."""
_LIVE = (
    S.SUBMITTED,
    S.SCREENING,
    S.RETURNED,
    *_BEFORE_HEARING,
    S.HEARD,
    S.ACTIONS_OPEN,
    S.ACTIONS_COMPLETE,
    S.FLAGGED_12M,
)

MARAC = Pathway(
    pathway=ReferralPathway.MARAC,
    service=Role.MARAC_COORDINATOR,
    partners=_CO,
    first=S.SUBMITTED,
    ends=(S.NOT_MET, S.FLAG_EXPIRED),
    # What moved to another area keeps its flag here: new abuse of the pair is heard by somebody.
    settled=(S.FLAGGED_12M, S.TRANSFERRED_OUT),
    listed_in=(S.ACCEPTED,),
    moves=(
        Move(
            sources=(S.DRAFT, S.RETURNED),
            to=S.SUBMITTED,
            by=(Role.DALO,),
            guards=("form_is_whole",),
        ),
        Move(sources=(S.SUBMITTED,), to=S.SCREENING, by=_CO),
        Move(sources=(S.SUBMITTED, S.SCREENING), to=S.ACCEPTED, by=_CO),
        Move(sources=(S.SUBMITTED, S.SCREENING), to=S.RETURNED, by=_CO, reason=True),
        Move(sources=(S.SUBMITTED, S.SCREENING), to=S.NOT_MET, by=_CO, reason=True),
        # Only the new area's acceptance ends the duty to see the actions through.
        Move(sources=_LIVE, to=S.TRANSFERRED_OUT, by=_CO, guards=("transfer_is_accepted",)),
    ),
    hears=(
        Hears(message="listed", sources=(*_SENT, S.ACCEPTED, S.LISTED), to=S.LISTED),
        Hears(message="put-off", sources=(S.LISTED, S.RESEARCH), to=S.ACCEPTED),
        Hears(message="list-frozen", sources=(*_SENT, S.ACCEPTED, S.LISTED), to=S.RESEARCH),
        Hears(message="heard", sources=_BEFORE_HEARING, to=S.ACCEPTED, decision="DEFERRED"),
        Hears(message="heard", sources=(*_SENT, *_BEFORE_HEARING), to=S.HEARD),
    ),
    follows=(
        Follow(source=S.HEARD, to=S.ACTIONS_OPEN, when="actions_are_open"),
        Follow(source=S.HEARD, to=S.ACTIONS_COMPLETE, when="no_action_is_open"),
        Follow(source=S.ACTIONS_OPEN, to=S.ACTIONS_COMPLETE, when="no_action_is_open"),
        Follow(source=S.ACTIONS_COMPLETE, to=S.FLAG_EXPIRED, when="flag_is_over"),
        Follow(source=S.ACTIONS_COMPLETE, to=S.FLAGGED_12M, when="no_action_is_open"),
        Follow(source=S.FLAGGED_12M, to=S.ACTIONS_OPEN, when="actions_are_open"),
        Follow(source=S.FLAGGED_12M, to=S.FLAG_EXPIRED, when="flag_is_over"),
        Follow(source=S.TRANSFERRED_OUT, to=S.FLAG_EXPIRED, when="no_flag_runs"),
    ),
    clocks=(
        ClockOf(
            clock_type=ClockType.REFERRAL_CHASE,
            while_in=(S.DRAFT,),
            owner=Role.DALO,
            key="DRAFT",
        ),
        ClockOf(
            clock_type=ClockType.REFERRAL_CHASE,
            while_in=(S.RETURNED,),
            owner=Role.DALO,
            key="RETURNED",
        ),
        ClockOf(
            clock_type=ClockType.MARAC_SCREENING,
            while_in=(S.SUBMITTED, S.SCREENING),
            owner=Role.MARAC_COORDINATOR,
            chased=True,
        ),
        ClockOf(
            clock_type=ClockType.MARAC_LISTING,
            while_in=(S.ACCEPTED,),
            owner=Role.MARAC_COORDINATOR,
        ),
    ),
    fields=(
        *_FORM,
        FieldOf(
            name="other_perpetrators",
            kind=FieldKind.LIST,
            about="further perpetrators by reference; a flag of their own needs a referral each",
        ),
        FieldOf(name="basis_reason", kind=FieldKind.CODE, about="why it goes without consent"),
    ),
    form=tuple(field.name for field in _FORM),
)
