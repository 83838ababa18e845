"""The one registry of search attributes: coded values only, they are not encrypted."""

from __future__ import annotations

from temporalio.common import SearchAttributeKey

STATE = SearchAttributeKey.for_keyword("DaloState")
OFFICER = SearchAttributeKey.for_keyword("DaloOfficer")
RISK = SearchAttributeKey.for_keyword("DaloRisk")
KEYS: list[SearchAttributeKey[str]] = [STATE, OFFICER, RISK]
