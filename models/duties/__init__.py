"""The part of a policy that the further duties need: one section a duty, one file a section.

A policy without it (as the first release shipped them) still serves the cases that began under it:
those go on without these duties until they are renewed (docs/upgrades.md).
"""

from __future__ import annotations

from pydantic import Field

from models.duties.base import DutiesRecord
from models.duties.closure import ClosureDuty
from models.duties.code import CodePolicy
from models.duties.essentials import EssentialPolicy
from models.duties.idva import IdvaDuty
from models.duties.masip import MasipDuty
from models.duties.matac import MatacDuty
from models.duties.meetings import MeetingPolicy
from models.duties.notices import NoticePolicy
from models.duties.orders import OrdersPolicy
from models.duties.rfgv import RfgvDuty
from models.duties.risk import RiskDuty
from models.duties.safeguarding import SafeguardingPolicy
from models.duties.visits import VisitPolicy
from models.duties.wishes import WishPolicy

__all__ = ["Duties", "DutiesRecord"]


class Duties(DutiesRecord):
    """Every section. A section is added with defaults and never renamed or removed."""

    notices: NoticePolicy
    meetings: MeetingPolicy = MeetingPolicy()
    risk: RiskDuty
    rfgv: RfgvDuty
    visits: VisitPolicy = VisitPolicy()
    wishes: WishPolicy = WishPolicy()
    code: CodePolicy = CodePolicy()
    closure: ClosureDuty = ClosureDuty()
    safeguarding: SafeguardingPolicy = SafeguardingPolicy()
    essentials: EssentialPolicy = EssentialPolicy()
    orders: OrdersPolicy
    idva: IdvaDuty = IdvaDuty()
    matac: MatacDuty = MatacDuty()
    masip: MasipDuty = MasipDuty()
    basis: str = Field(min_length=1)
