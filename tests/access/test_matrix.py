"""The matrix and the catalogue of actions."""

from __future__ import annotations

from typing import get_args

import pytest

from models.access import ACTIONS, DataClass, Relation, cell, permitted, readable
from models.commands import CaseCommand, IncidentCommand
from models.enums import Role

_SUPERVISOR_ONLY = ["approve-cadence", "approve-wait", "reassign", "close-case", "restore-channel"]


def _command_kinds() -> list[str]:
    unions = [get_args(CaseCommand)[0], get_args(IncidentCommand)[0]]
    return [each.model_fields["kind"].default for union in unions for each in get_args(union)]


OWN_NOTICES = {"view-notices", "acknowledge-notices"}
"""What anybody with an account may do with notices to themselves; they hold references only."""


@pytest.mark.parametrize("kind", _command_kinds())
def test_every_command_is_in_the_catalogue(kind: str) -> None:
    assert kind in ACTIONS


@pytest.mark.parametrize("action", sorted(ACTIONS))
@pytest.mark.parametrize("role", [Role.OVERSIGHT_AGG, Role.EVALUATOR])
@pytest.mark.parametrize("relation", list(Relation))
def test_who_sees_aggregates_sees_no_case(role: Role, action: str, relation: Relation) -> None:
    assert permitted(role, action, relation).allowed is (action in {"metrics", "view-policy"})


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_an_auditor_reads_logs_and_no_case_content(action: str) -> None:
    allowed = permitted(Role.AUDITOR, action, Relation.OWN).allowed
    logs = {"view-access-log", "view-policy", "ledger-verify", "ledger-seal"}
    assert allowed is (action in logs | OWN_NOTICES)


@pytest.mark.parametrize("action", sorted(OWN_NOTICES))
@pytest.mark.parametrize("role", list(Role))
def test_notices_are_for_whoever_gets_any(action: str, role: Role) -> None:
    nobody = {Role.SYSTEM, Role.EVALUATOR, Role.OVERSIGHT_AGG}
    assert permitted(role, action).allowed is (role not in nobody)


@pytest.mark.parametrize("role", list(Role))
def test_an_action_nobody_wrote_down_is_refused(role: Role) -> None:
    decision = permitted(role, "delete-everything", Relation.OWN)
    assert (decision.allowed, decision.code) == (False, "UNKNOWN_ACTION")


@pytest.mark.parametrize("action", _SUPERVISOR_ONLY)
def test_a_dalo_never_approves_even_with_a_reason(action: str) -> None:
    for relation in Relation:
        assert permitted(Role.DALO, action, relation).code == "ROLE_NOT_PERMITTED"
    assert permitted(Role.SUPERVISOR, action, Relation.SUPERVISES).allowed


@pytest.mark.parametrize("relation", [Relation.OWN, Relation.COVERING])
def test_own_and_covered_cases_open_without_a_reason(relation: Relation) -> None:
    decision = permitted(Role.DALO, "record-attempt", relation)
    assert (decision.allowed, decision.needs_reason) == (True, False)


@pytest.mark.parametrize("relation", [Relation.NONE, Relation.AREA, Relation.SUPERVISES])
def test_another_officers_case_breaks_the_glass(relation: Relation) -> None:
    decision = permitted(Role.DALO, "view-case", relation)
    assert (decision.allowed, decision.needs_reason, decision.break_glass) == (True, True, True)


def test_partners_cannot_break_the_glass() -> None:
    for role in (Role.IDVA_PARTNER, Role.MARAC_COORDINATOR, Role.MASIP_LEAD):
        assert permitted(role, "view-case", Relation.NONE).code == "NOT_YOUR_CASE"
    assert permitted(Role.IDVA_PARTNER, "view-case", Relation.REFERRED).allowed
    assert permitted(Role.MARAC_COORDINATOR, "view-case", Relation.LISTED).allowed


def test_the_area_opens_to_an_inspector_but_not_to_another_sergeant() -> None:
    assert not permitted(Role.INSPECTOR, "view-case", Relation.AREA).needs_reason
    assert permitted(Role.SUPERVISOR, "view-case", Relation.AREA).break_glass


def test_a_case_view_shows_each_role_its_own_sections() -> None:
    idva = readable(Role.IDVA_PARTNER, Relation.REFERRED)
    assert DataClass.RISK_ASSESSMENT in idva
    assert not idva & {DataClass.EVIDENCE_CHECKLIST, DataClass.SUSPECT_STATUS}
    assert DataClass.EQUALITY_IMMIGRATION not in readable(Role.OIC, Relation.OWN)
    assert readable(Role.EVALUATOR, Relation.OWN) == frozenset()
    assert readable(Role.DALO, Relation.NONE) == frozenset()


def test_cells_that_stand_in_the_published_matrix() -> None:
    assert cell(Role.SUPERVISOR, DataClass.EVIDENCE_CHECKLIST).write is False
    assert cell(Role.OIC, DataClass.EVIDENCE_CHECKLIST).write is True
    assert cell(Role.WITNESS_CARE, DataClass.VICTIM_NOTIFICATIONS).write is True
    assert cell(Role.EVALUATOR, DataClass.CHILDREN).form == "counts"
    assert cell(Role.MATAC_COORDINATOR, DataClass.SAFE_CONTACT_PLAN).read is False
