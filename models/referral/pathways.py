"""The four pathways by name (docs/domain.md 6, 8)."""

from __future__ import annotations

from models.enums import ReferralPathway, Role
from models.referral.idva import IDVA
from models.referral.marac import MARAC
from models.referral.masip import MASIP
from models.referral.matac import MATAC
from models.referral.pathway import Pathway

PATHWAYS: dict[ReferralPathway, Pathway] = {
    each.pathway: each for each in (IDVA, MARAC, MATAC, MASIP)
}
PARTNERS: frozenset[Role] = frozenset(role for each in PATHWAYS.values() for role in each.partners)
"""Everybody who may act on some pathway without being of the police."""
