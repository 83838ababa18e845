"""The duties beside contact and needs, in the order in which they hear and react."""

from __future__ import annotations

from models.case.essentials import rules as essentials
from models.case.handover import rules as handover
from models.case.referrals import rules as referrals
from models.case.risk import rules as risk
from models.case.visits import rules as visits

DUTIES = (essentials, handover, risk, referrals, visits)
