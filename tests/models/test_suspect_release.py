"""Somebody held who is at liberty: under whatever status, by escape, sooner or later than planned
(docs/domain.md 3.4, 9.2)."""

from __future__ import annotations

from itertools import product

import pytest

from models.commands import ChangeSuspectStatus, NotificationOptOut, RecordCustodyArrival
from models.enums import ClockStatus, ClockType, SuspectStatus
from models.incident.suspect.statuses import DETAINED, FREE, news_of, set_free
from tests.models.conftest import at
from tests.models.play_incident import MY_GRANT, shipped
from tests.models.play_suspect import Case, refused
from tests.models.telling_steps import telling, wishes

S = SuspectStatus


def remanded() -> Case:
    case = Case(reported=at("2027-01-29 10:00"))
    case.status(S.ARRESTED, "2027-01-29 12:00")
    case.status(S.REMANDED, "2027-01-30 12:00")
    case.on("2027-05-17 09:00")
    return case


def planned() -> Case:
    """Remanded, and to be released on 20 May."""
    case = remanded()
    plan(case, "2027-05-20 10:00")
    return case


def plan(case: Case, when: str) -> None:
    case.by(ChangeSuspectStatus(at=case.now, status=S.REMANDED, release_planned_at=at(when)))


def call_off(case: Case) -> ChangeSuspectStatus:
    return ChangeSuspectStatus(at=case.now, status=S.REMANDED, release_cancelled=True)


def told(case: Case, kind: str = "RELEASE_PLANNED") -> None:
    case.do(telling(case.now, event_kind=kind), MY_GRANT)


def owed(case: Case) -> list[str]:
    return [each.event_kind for each in case.state.code.owed.values()]


# --- at liberty -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("way", "freed"),
    [
        ((S.ARRESTED, S.BAILED_PRECHARGE), True),
        ((S.ARRESTED, S.RUI), True),
        ((S.ARRESTED, S.NFA), True),
        ((S.ARRESTED, S.CAUTIONED), True),
        ((S.ARRESTED, S.REMANDED, S.CHARGED_BAIL), True),
        ((S.ARRESTED, S.REMANDED, S.NFA), True),
        ((S.ARRESTED, S.REMANDED, S.RELEASED), True),
        ((S.ARRESTED, S.OUTSTANDING), True),
        ((S.ARRESTED, S.REMANDED, S.OUTSTANDING), True),
        ((S.OUTSTANDING,), False),
        ((S.ARRESTED,), False),
        ((S.ARRESTED, S.REMANDED), False),
        ((S.ARRESTED, S.RUI, S.NFA), False),
        ((S.INTERVIEWED_VOLUNTARILY, S.RUI), False),
    ],
)
def test_the_case_hears_that_somebody_held_is_at_liberty(
    way: tuple[SuspectStatus, ...], *, freed: bool
) -> None:
    case = Case()
    for day, status in enumerate(way, 26):
        case.status(status, f"2027-03-{day} 10:00")
    assert case.to_case("suspect-changed")[-1]["freed"] is freed


def test_every_way_out_is_news_also_to_who_wants_to_hear_of_releases_only() -> None:
    releases = shipped()[0].of_duties.code.release_events
    for old, new in product(sorted(DETAINED), sorted(FREE)):
        assert set_free(old, new)
        assert news_of(old, new) in releases, f"{old} to {new}"


def test_who_wants_releases_only_hears_of_proceedings_that_stopped_on_remand() -> None:
    case = remanded()
    case.tell(wishes(case.now, NotificationOptOut.ALL_EXCEPT_RELEASE))
    case.status(S.NFA)
    assert owed(case) == ["RELEASED_PROCEEDINGS_STOPPED"]


def test_whoever_answers_bail_and_is_let_out_again_is_released_again() -> None:
    case = Case(reported=at("2027-05-10 19:10"))
    case.status(S.ARRESTED, "2027-05-14 18:30")
    case.on("2027-05-14 19:00").by(RecordCustodyArrival(at=case.now))
    case.status(S.BAILED_PRECHARGE, "2027-05-15 09:00")
    for status, news in ((S.BAILED_PRECHARGE, "BAILED"), (S.NFA, "RELEASED_NO_CHARGE")):
        case.on("2027-06-01 10:00" if status is not S.NFA else "2027-06-02 10:00")
        case.by(RecordCustodyArrival(at=case.now, answering_bail=True))
        case.status(status)
        assert case.news()[-1] == (news, case.now)
        assert case.to_case("suspect-changed")[-1]["freed"] is True


def test_an_escape_is_news_and_starts_the_search_anew() -> None:
    case = remanded()
    case.status(S.OUTSTANDING)
    assert case.news()[-1] == ("AT_LARGE_AGAIN", case.now)
    assert case.clock(ClockType.SUSPECT_ARREST).started_at == case.now


# --- planned, and not to be -------------------------------------------------------------------


def test_a_release_called_off_before_the_victim_heard_of_it_is_told_no_more() -> None:
    case = planned()
    case.by(call_off(case))
    assert "RELEASE_PLANNED" not in owed(case)
    assert "RELEASE_CANCELLED" not in owed(case)
    (withdrawn,) = case.events("notification:withdrawn")
    assert withdrawn.data["reason"] == "RELEASE_CANCELLED"
    assert case.none_open(ClockType.RELEASE_PLANNED)
    assert case.to_case("suspect-changed")[-1]["release_cancelled"] is True
    assert refused(case, call_off(case)) == "SAME_STATUS"


@pytest.mark.parametrize("safe", [True, False])
def test_a_victim_who_heard_of_a_release_hears_that_it_is_off(*, safe: bool) -> None:
    case = planned()
    code = "SAFE" if safe else "NO_PLAN"
    case.do(telling(case.now, event_kind="RELEASE_PLANNED", decision_code=code), MY_GRANT)
    assert refused(case, planning_again(case)) == "SAME_STATUS"
    case.by(call_off(case))
    assert "RELEASE_CANCELLED" in owed(case)
    assert case.none_open(ClockType.RELEASE_PLANNED)


def planning_again(case: Case) -> ChangeSuspectStatus:
    when = at("2027-05-20 10:00")
    return ChangeSuspectStatus(at=case.now, status=S.REMANDED, release_planned_at=when)


def test_somebody_kept_after_all_has_no_release_and_the_case_hears_it() -> None:
    case = planned()
    case.status(S.IN_PRISON, "2027-05-18 10:00")
    assert "RELEASE_PLANNED" not in owed(case)
    assert case.to_case("suspect-changed")[-1]["release_cancelled"] is True


def test_a_release_moved_before_it_was_told_is_told_once_by_when_it_was_due_first() -> None:
    case = planned()
    case.on("2027-05-18 09:00")
    plan(case, "2027-05-27 10:00")
    waiting = [o for o in case.state.code.owed.values() if o.event_kind == "RELEASE_PLANNED"]
    assert [each.event_at for each in waiting] == [at("2027-05-17 09:00")]


def test_of_somebody_out_the_release_is_the_news_and_telling_it_meets_both_clocks() -> None:
    case = planned()
    case.status(S.RELEASED, "2027-05-18 10:00")
    assert "RELEASE_PLANNED" not in owed(case)
    assert "RELEASED" in owed(case)
    case.on("2027-05-18 11:00")
    told(case, "RELEASED")
    (ended,) = case.ended(ClockType.RELEASE_PLANNED)
    assert (ended.status, ended.ended_at) == (ClockStatus.MET, case.now)


def test_a_release_that_the_victim_wants_no_news_of_can_still_be_called_off() -> None:
    case = remanded()
    case.tell(wishes(case.now, NotificationOptOut.ALL))
    plan(case, "2027-05-20 10:00")
    assert case.none_open(ClockType.RELEASE_PLANNED)
    case.by(call_off(case))
    assert case.to_case("suspect-changed")[-1]["release_cancelled"] is True
    assert owed(case) == []
