"""System roles (docs/domain.md 1.2)."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """System roles (docs/domain.md 1.2). SYSTEM is the product's own services."""

    DALO = "DALO"
    OIC = "OIC"
    SUPERVISOR = "SUPERVISOR"
    INSPECTOR = "INSPECTOR"
    SUPERINTENDENT = "SUPERINTENDENT"
    IDVA_PARTNER = "IDVA_PARTNER"
    ISVA_PARTNER = "ISVA_PARTNER"
    ADVOCATE = "ADVOCATE"
    MARAC_COORDINATOR = "MARAC_COORDINATOR"
    MATAC_COORDINATOR = "MATAC_COORDINATOR"
    MASIP_LEAD = "MASIP_LEAD"
    WITNESS_CARE = "WITNESS_CARE"
    SUPPORT_PARTNER = "SUPPORT_PARTNER"
    OVERSIGHT_AGG = "OVERSIGHT_AGG"
    EVALUATOR = "EVALUATOR"
    AUDITOR = "AUDITOR"
    SYSTEM = "SYSTEM"


SUPERVISORY = (Role.SUPERVISOR, Role.INSPECTOR, Role.SUPERINTENDENT)
"""Who may decide what is a supervisor's."""
INSPECTORS = (Role.INSPECTOR, Role.SUPERINTENDENT)
"""Who may decide what is an inspector's."""
