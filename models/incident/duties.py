"""The duties beside the golden hour, in the order in which they hear and react."""

from __future__ import annotations

from models.incident.orders import rules as orders
from models.incident.safeguarding import rules as safeguarding
from models.incident.suspect import rules as suspect
from models.incident.victims_code import rules as victims_code

DUTIES = (suspect, orders, victims_code, safeguarding)
