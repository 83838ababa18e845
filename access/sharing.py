"""What is shared with partners: a referral with its service in its area, and its case for as long
as the referral is open (docs/domain.md 1.3). A draft was not sent, so it shares nothing."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, bindparam, or_, select

from models.access import Relation
from models.enums import ReferralPathway, ReferralState
from models.referral.pathways import PARTNERS, PATHWAYS
from store.tables import case_register, officer, referral, referral_register

__all__ = ["CASE_SHARED", "PARTNERS", "REFERRAL_SHARED", "relation_by"]

_RELATIONS = {
    ReferralPathway.IDVA: Relation.REFERRED,
    ReferralPathway.MASIP: Relation.REFERRED,
    ReferralPathway.MARAC: Relation.LISTED,
    ReferralPathway.MATAC: Relation.LISTED,
}


def relation_by(pathway: str, *, itself: bool) -> Relation:
    """What an open referral on this pathway makes of its case, or of the referral itself, to its
    service; nothing where there is none."""
    if not pathway:
        return Relation.NONE
    return Relation.REFERRED if itself else _RELATIONS[ReferralPathway(pathway)]


def _services() -> list[ColumnElement[bool]]:
    return [
        and_(
            referral.c.pathway == path.pathway.value,
            officer.c.role.in_([role.value for role in path.partners]),
        )
        for path in PATHWAYS.values()
    ]


_here = and_(
    officer.c.officer_id == bindparam("actor"),
    # A MARAC referral on its way to another area, or taken on there, is that coordinator's too.
    officer.c.area.in_([referral.c.area, referral.c.details["transfer_to"].astext]),
)
_shared = (
    select(referral.c.pathway)
    .select_from(referral.join(officer, _here))
    .where(referral.c.state != ReferralState.DRAFT.value, or_(*_services()))
    .limit(1)
)
CASE_SHARED = (
    _shared.where(referral.c.case_ref == case_register.c.case_ref, referral.c.ended_at.is_(None))
    .correlate(case_register)
    .scalar_subquery()
)
"""The pathway of an open referral of this row's case to the service of `:actor`; null if none."""
REFERRAL_SHARED = (
    _shared.where(referral.c.referral_ref == referral_register.c.referral_ref)
    .correlate(referral_register)
    .scalar_subquery()
)
"""The pathway of this row's referral, where the service of `:actor` has it or had it."""
