"""The one registry of search attributes: coded values only, they are not encrypted."""

from __future__ import annotations

from typing import NamedTuple

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

STATE = SearchAttributeKey.for_keyword("DaloState")
OFFICER = SearchAttributeKey.for_keyword("DaloOfficer")
RISK = SearchAttributeKey.for_keyword("DaloRisk")
KEYS: list[SearchAttributeKey[str]] = [STATE, OFFICER, RISK]


class FoundBy(NamedTuple):
    """What a workflow can be found by in the engine: codes and an officer's number, or empty."""

    state: str
    officer: str
    risk: str


AT_START = TypedSearchAttributes([SearchAttributePair(STATE, "RECEIVED")])
"""What a workflow is started with where the engine has these attributes."""


def show(found_by: FoundBy) -> None:
    """Tell the engine what changed, in one command; nothing when nothing did. A continued run
    keeps what the run before it told; a workflow that was started without attributes, on a server
    that has none, tells nothing."""
    told = workflow.info().typed_search_attributes
    if told.get(STATE) is None:
        return
    changed = [
        key.value_set(value) if value else key.value_unset()
        for key, value in zip(KEYS, found_by, strict=True)
        if (told.get(key) or "") != value
    ]
    if changed:
        workflow.upsert_search_attributes(changed)
