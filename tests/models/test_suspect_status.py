from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.commands import ChangeSuspectStatus, ReviewOutstandingSuspect
from models.enums import (
    ArrestReason,
    ClockStatus,
    ClockType,
    EvidenceCode,
    EvidenceStatus,
    RiskGrade,
    SuspectStatus,
)
from models.incident import summary
from models.incident.suspect.release import meet_release
from models.incident.suspect.state import SuspectFacts
from models.incident.suspect.statuses import FROM, STAGE
from models.messages import CaseClosed
from tests.models.conftest import at
from tests.models.play_incident import MY_GRANT, OIC, REPORTED
from tests.models.play_suspect import (
    CARE,
    OFFICER,
    STRANGER,
    SUPERVISOR,
    Case,
    refused,
)

S = SuspectStatus


# --- changes ----------------------------------------------------------------------------------


def test_an_arrest_is_news_to_the_victim_the_case_and_the_checklist() -> None:
    case = Case()
    case.status(S.ARRESTED, "2027-03-25 22:30")
    assert case.news() == [("SUSPECT_ARRESTED", at("2027-03-25 22:30"))]
    # 26 and 29 March 2027 are bank holidays.
    assert case.clock(ClockType.VICTIM_NOTIFICATION).due_at == at("2027-03-30 23:59:59")
    told = case.to_case("suspect-changed")[-1]
    assert (told["status"], told["perpetrator_ref"]) == ("ARRESTED", "PER-0001")
    item = case.state.items[EvidenceCode.SUSPECT_ARREST_OR_PLAN]
    assert (item.status, item.captured_at) == (EvidenceStatus.CAPTURED, at("2027-03-25 22:30"))
    assert summary(case.state)["suspect_status"] == "ARRESTED"


@pytest.mark.parametrize(
    ("way", "news"),
    [
        ((S.CIRCULATED,), "CIRCULATED"),
        ((S.INTERVIEWED_VOLUNTARILY,), "INTERVIEWED"),
        ((S.INTERVIEWED_VOLUNTARILY, S.NFA), "NO_CHARGE"),
        ((S.ARRESTED, S.NFA), "RELEASED_NO_CHARGE"),
        ((S.ARRESTED, S.BAILED_PRECHARGE), "BAILED"),
        ((S.ARRESTED, S.RUI), "RUI"),
        ((S.ARRESTED, S.CHARGED_BAIL), "CHARGED_AND_BAILED"),
        ((S.INTERVIEWED_VOLUNTARILY, S.CHARGED_BAIL), "CHARGED"),
        ((S.ARRESTED, S.REMANDED), "REMANDED"),
        ((S.ARRESTED, S.REMANDED, S.CHARGED_BAIL), "RELEASED"),
        ((S.ARRESTED, S.REMANDED, S.RELEASED), "RELEASED"),
        ((S.ARRESTED, S.CAUTIONED), "RELEASED_CAUTIONED"),
        ((S.ARRESTED, S.RUI, S.CAUTIONED), "OUT_OF_COURT_DISPOSAL"),
        ((S.ARRESTED, S.REMANDED, S.NFA), "RELEASED_PROCEEDINGS_STOPPED"),
        ((S.ARRESTED, S.CHARGED_BAIL, S.NFA), "PROCEEDINGS_STOPPED"),
        ((S.ARRESTED, S.OUTSTANDING), "AT_LARGE_AGAIN"),
        ((S.ARRESTED, S.REMANDED, S.OUTSTANDING), "AT_LARGE_AGAIN"),
        ((S.ARRESTED, S.REMANDED, S.CONVICTED), "COURT_OUTCOME"),
        ((S.ARRESTED, S.REMANDED, S.IN_PRISON), "COURT_OUTCOME"),
    ],
)
def test_each_change_is_the_news_that_the_code_names(
    way: tuple[SuspectStatus, ...], news: str
) -> None:
    case = Case()
    for hours, status in enumerate(way):
        case.to(REPORTED + timedelta(hours=hours + 1))
        case.status(status)
    assert case.news()[-1] == (news, case.now)
    assert len(case.news()) == len(way)


def test_whoever_was_bailed_and_got_away_has_a_new_arrest_target() -> None:
    case = Case()
    case.status(S.ARRESTED, "2027-03-25 22:30")
    case.status(S.RUI, "2027-03-26 10:00")
    case.status(S.OUTSTANDING, "2027-04-01 09:00")
    clock = case.clock(ClockType.SUSPECT_ARREST)
    assert clock.started_at == at("2027-04-01 09:00")
    assert clock.due_at == at("2027-04-04 09:00")


def test_an_officer_names_a_suspect_who_was_not_known() -> None:
    case = Case(perpetrator_ref="")
    assert case.none_open(ClockType.SUSPECT_ARREST)
    case.status(S.OUTSTANDING, "2027-03-25 23:00", perpetrator_ref="PER-0009")
    assert case.to_case("suspect-changed")[-1]["perpetrator_ref"] == "PER-0009"
    assert summary(case.state)["perpetrator_ref"] == "PER-0009"
    assert case.clock(ClockType.SUSPECT_ARREST).due_at == at("2027-03-28 22:40")


def test_witness_care_may_record_what_courts_tell_it() -> None:
    case = Case()
    case.status(S.ARRESTED, "2027-03-25 22:30")
    case.on("2027-03-26 12:00")
    case.by(ChangeSuspectStatus(at=case.now, status=S.REMANDED), CARE)
    assert case.state.suspect.status is S.REMANDED


def test_a_closed_case_is_told_too_as_another_may_be_open_and_so_is_the_victim() -> None:
    case = Case()
    case.tell(CaseClosed(message_id="closed", handed_to=OIC))
    before = len(case.to_case("suspect-changed"))
    case.status(S.ARRESTED, "2027-03-25 22:30")
    assert len(case.to_case("suspect-changed")) == before + 1
    assert case.news()[-1][0] == "SUSPECT_ARRESTED"


# --- reports ----------------------------------------------------------------------------------


def test_a_status_in_a_report_is_taken_once() -> None:
    case = Case()
    case.on("2027-03-25 23:00")
    case.update(suspect_status=S.ARRESTED)
    case.on("2027-03-25 23:30")
    case.update(suspect_status=S.ARRESTED, weapon=True)
    assert case.news() == [("SUSPECT_ARRESTED", at("2027-03-25 23:00"))]
    assert len(case.events("incident:suspect:changed")) == 1


def test_statuses_of_two_versions_heard_at_once_are_both_news() -> None:
    case = Case(suspect_status=S.ARRESTED)
    case.on("2027-03-26 09:00")
    case.update(suspect_status=S.RUI)
    assert [kind for kind, _ in case.news()] == ["SUSPECT_ARRESTED", "RUI"]


def test_a_report_that_lags_behind_an_officer_asks_the_oic_and_changes_nothing() -> None:
    case = Case()
    case.status(S.ARRESTED, "2027-03-25 22:30")
    case.status(S.RUI, "2027-03-26 09:00")
    case.update(suspect_status=S.OUTSTANDING)
    assert case.state.suspect.status is S.RUI
    asked = case.task("SUSPECT_STATUS_DIFFERS")
    assert asked is not None and asked.owner == OIC
    assert case.status(S.RUI) == ("CONFIRMED",)
    assert case.task("SUSPECT_STATUS_DIFFERS") is None
    assert [kind for kind, _ in case.news()] == ["SUSPECT_ARRESTED", "RUI"]


def test_a_report_that_knows_more_than_the_officer_is_taken() -> None:
    case = Case()
    case.status(S.ARRESTED, "2027-03-25 22:30")
    case.on("2027-03-26 09:00")
    case.update(suspect_status=S.CHARGED_BAIL)
    assert case.state.suspect.status is S.CHARGED_BAIL


def test_an_officer_adds_the_ground_and_time_to_a_reported_arrest_without_new_news() -> None:
    case = Case(suspect_status=S.ARRESTED)
    case.on("2027-03-25 22:00")
    assert case.status(S.ARRESTED) == ("CONFIRMED",)
    assert case.state.suspect.arrested_at == at("2027-03-25 22:00")
    assert len(case.news()) == 1


def test_a_run_that_gains_the_duty_takes_up_the_reported_status_once() -> None:
    case = Case(suspect_status=S.OUTSTANDING)
    case.on("2027-04-01 09:00")
    case.state.suspect = SuspectFacts()
    case.settle()
    assert case.state.suspect.status is S.OUTSTANDING
    before = case.state.next_seq
    case.settle()
    assert case.state.next_seq == before


# --- release ----------------------------------------------------------------------------------


def remanded() -> Case:
    case = Case(reported=at("2027-01-29 10:00"))
    case.status(S.ARRESTED, "2027-01-29 12:00")
    case.status(S.REMANDED, "2027-01-30 12:00")
    return case


def test_a_planned_release_warns_a_day_before_and_is_met_when_the_victim_is_told() -> None:
    case = remanded()
    case.on("2027-05-17 09:00")
    case.by(
        ChangeSuspectStatus(
            at=case.now, status=S.REMANDED, release_planned_at=at("2027-05-20 10:00")
        )
    )
    clock = case.clock(ClockType.RELEASE_PLANNED)
    assert (clock.due_at, clock.warn_at) == (at("2027-05-20 10:00"), at("2027-05-19 10:00"))
    assert case.news()[-1] == ("RELEASE_PLANNED", at("2027-05-17 09:00"))
    assert case.to_case("suspect-changed")[-1]["release_planned_at"] is not None
    meet_release(case.state, case.context(), at("2027-05-17 11:00"))
    case.settle()
    (ended,) = case.ended(ClockType.RELEASE_PLANNED)
    assert (ended.status, ended.ended_at) == (ClockStatus.MET, at("2027-05-17 11:00"))
    assert case.none_open(ClockType.RELEASE_PLANNED)


def test_a_release_sooner_than_planned_was_to_be_told_by_then() -> None:
    case = remanded()
    case.on("2027-05-17 09:00")
    case.by(
        ChangeSuspectStatus(
            at=case.now, status=S.REMANDED, release_planned_at=at("2027-05-20 10:00")
        )
    )
    case.status(S.RELEASED, "2027-05-18 10:00")
    clock = case.clock(ClockType.RELEASE_PLANNED)
    assert (clock.due_at, clock.breached_at) == (at("2027-05-18 10:00"), at("2027-05-18 10:00"))


def test_a_release_put_off_or_called_off_moves_or_ends_its_clock() -> None:
    case = remanded()
    case.on("2027-05-17 09:00")
    for planned in ("2027-05-20 10:00", "2027-05-27 10:00"):
        case.by(ChangeSuspectStatus(at=case.now, status=S.REMANDED, release_planned_at=at(planned)))
    assert case.clock(ClockType.RELEASE_PLANNED).due_at == at("2027-05-27 10:00")
    case.by(ChangeSuspectStatus(at=case.now, status=S.REMANDED, release_cancelled=True))
    assert case.none_open(ClockType.RELEASE_PLANNED)


# --- refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("SAME_STATUS", {"status": S.RUI}),
        ("STATUS_NOT_POSSIBLE", {"status": S.REMANDED}),
        ("OUT_OF_ORDER", {"status": S.CHARGED_BAIL, "at": at("2027-03-26 08:00")}),
        ("IN_FUTURE", {"status": S.CHARGED_BAIL, "at": at("2027-03-26 12:00")}),
        ("BEFORE_OCCURRENCE", {"status": S.CHARGED_BAIL, "at": at("2027-03-25 21:00")}),
        ("ARREST_REASON_MISSING", {"status": S.ARRESTED}),
        (
            "ARREST_REASON_NOT_APPLICABLE",
            {"status": S.CHARGED_BAIL, "arrest_reason": ArrestReason.BREACH_BAIL},
        ),
        (
            "RELEASE_NOT_APPLICABLE",
            {"status": S.CHARGED_BAIL, "release_planned_at": at("2027-03-28 10:00")},
        ),
        (
            "RELEASE_NOT_TO_COME",
            {"status": S.IN_PRISON, "release_planned_at": at("2027-03-26 08:00")},
        ),
    ],
)
def test_a_change_that_cannot_be_is_refused(code: str, changes: dict[str, object]) -> None:
    case = Case()
    case.status(S.ARRESTED, "2027-03-25 22:30")
    case.status(S.RUI, "2027-03-26 09:00")
    case.on("2027-03-26 10:00")
    command = ChangeSuspectStatus.model_validate({"at": case.now, **changes})
    assert refused(case, command) == code


def test_only_the_oic_and_witness_care_write_and_only_a_supervisor_reviews() -> None:
    case = Case(grade=RiskGrade.HIGH).on("2027-03-26 21:40")
    change = ChangeSuspectStatus(at=case.now, status=S.CIRCULATED)
    for grant in (MY_GRANT, STRANGER, SUPERVISOR):
        assert refused(case, change, grant) == "NOT_YOURS_TO_RECORD"
    covering = STRANGER.model_copy(update={"covering": OIC})
    case.by(change, covering)
    review = ReviewOutstandingSuspect(at=case.now)
    assert refused(case, review, OFFICER) == "SUPERVISOR_ONLY"
    case.by(review, SUPERVISOR)
    assert refused(case, review, SUPERVISOR) == "OUT_OF_ORDER"


def test_nothing_is_reviewed_before_the_target() -> None:
    case = Case()
    assert refused(case, ReviewOutstandingSuspect(at=case.now), SUPERVISOR) == "NOTHING_TO_REVIEW"


# --- properties -------------------------------------------------------------------------------


def test_every_status_has_its_place_in_the_tables() -> None:
    assert set(FROM) == set(STAGE) == set(S)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(list(S)), max_size=12))
def test_any_history_of_statuses_keeps_one_clock_of_the_search_at_most(
    statuses: list[SuspectStatus],
) -> None:
    case = Case()
    for status in statuses:
        case.to(case.now + timedelta(hours=30))
        before = case.state.suspect.status
        more = {"arrest_reason": ArrestReason.SUBSTANTIVE_OFFENCE} if status is S.ARRESTED else {}
        if status is S.BAILED_PRECHARGE:
            more = {"arrested_at": REPORTED}  # type: ignore[dict-item]
        possible = before is None or (before is not status and before in FROM[status])
        command = ChangeSuspectStatus.model_validate({"at": case.now, "status": status, **more})
        if not possible:
            assert refused(case, command) in ("SAME_STATUS", "STATUS_NOT_POSSIBLE")
            continue
        case.by(command)
        types = [clock.clock_type for clock in case.state.clocks.values()]
        large = status in (S.UNKNOWN, S.ON_SCENE, S.OUTSTANDING, S.CIRCULATED)
        for one in (ClockType.SUSPECT_ARREST, ClockType.SUSPECT_REVIEW, ClockType.BAIL_EXPIRY):
            assert types.count(one) <= 1
        searching = ClockType.SUSPECT_ARREST in types or ClockType.SUSPECT_REVIEW in types
        assert searching is large
