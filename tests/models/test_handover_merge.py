"""Two references prove to be one person: no obligation is lost, no constraint weakened."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import registry
from models.case.handover.carrying import carried_of
from models.commands import (
    AddNeedAction,
    NeedActionEntry,
    RecordAttempt,
    ReviewMerge,
    SetSafeContactPlan,
)
from models.enums import Channel, ClockType, ContactResult, NeedDomain, RiskGrade, Role
from models.events import EffectKind
from models.instants import LONDON
from models.messages import MergedInto, PartyMerged
from models.safe_contact import DoNotContact, Route, SafeContactPlan, SafeWindow
from models.safe_decision import decide
from models.safe_merge import stricter
from models.stream import open_clock, raise_task
from tests.models.play import DALO, OTHER_DALO, SERGEANT, Play
from tests.models.test_handover import code_of

OPENED = datetime(2027, 3, 22, 9, tzinfo=LONDON)
EVERY_DAY = tuple(range(7))


def plan(**changes: object) -> SafeContactPlan:
    facts: dict[str, object] = {
        "routes": (Route(route_id="m", channel=Channel.CALL, verified_at=OPENED),),
        "safe_windows": (SafeWindow(weekdays=EVERY_DAY, opens=time(9), closes=time(17)),),
        "plan_reviewed_at": OPENED,
        **changes,
    }
    return SafeContactPlan.model_validate(facts)


def other_case() -> Play:
    """A case of the same person under another reference, with obligations of its own."""
    play = Play(OPENED, RiskGrade.HIGH)
    play.state.case_ref, play.state.victim_ref = "CASE-2027-00002", "VIC-0002"
    play.state.incidents = {"46/2/27": 1}
    play.allocate(OTHER_DALO)
    entry = NeedActionEntry(
        domain=NeedDomain.HOUSING,
        action="REFUGE",
        owner=OTHER_DALO,
        due_at=OPENED + timedelta(days=4),
    )
    play.do(AddNeedAction(at=play.now, action=entry), OTHER_DALO)
    play.do(
        SetSafeContactPlan(
            at=play.now,
            plan=plan(
                safe_windows=(SafeWindow(weekdays=(0, 1, 2), opens=time(12), closes=time(20)),),
                do_not_contact=(DoNotContact(weekdays=(2,), opens=time(14), closes=time(15)),),
                device_compromised=True,
            ),
        ),
        OTHER_DALO,
    )
    play.do(
        RecordAttempt(
            at=play.now, channel=Channel.CALL, result=ContactResult.WRONG_PERSON, route="old"
        ),
        OTHER_DALO,
    )
    raise_task(
        play.state,
        play.context(),
        "SPEAK_TO_SCHOOL",
        OTHER_DALO,
        "because",
        command=f"dalo do {play.state.case_ref} review-case",
        subject="s",
    )
    return play


def merged(kept: Play, other: Play) -> None:
    kept.tell(
        PartyMerged(
            message_id="m1",
            from_case_ref=other.state.case_ref,
            from_victim_ref=other.state.victim_ref,
            carried=carried_of(other.state),
        )
    )


@pytest.fixture
def kept() -> Play:
    play = Play(OPENED + timedelta(days=1), RiskGrade.MEDIUM)
    play.allocate()
    play.do(SetSafeContactPlan(at=play.now, plan=plan(voicemail_allowed=True)))
    return play


def test_what_the_other_case_owed_is_owed_here_by_this_cases_people(kept: Play) -> None:
    other = other_case()
    merged(kept, other)
    state = kept.state
    (action,) = state.actions.values()
    assert (action.action, action.owner, action.due_at) == (
        "REFUGE",
        DALO,
        OPENED + timedelta(days=4),
    )
    clock = open_clock(state, ClockType.NEED_ACTION, action.action_id)
    assert clock is not None
    assert clock.due_at == action.due_at
    kinds = {t.kind: t for t in state.tasks.values()}
    assert kinds["SPEAK_TO_SCHOOL"].owner == DALO
    assert kinds["SPEAK_TO_SCHOOL"].command == f"dalo do {state.case_ref} review-case"
    assert kinds["WRONG_PERSON"].owner == SERGEANT
    assert "CALL:old" in state.suspended
    assert state.risk_grade is RiskGrade.HIGH
    assert state.incidents.keys() == {"46/1/27", "46/2/27"}
    told = [e.target for e in state.effects if e.kind is EffectKind.TELL]
    assert "incident/46/2/27/VIC-0002" in told


def test_of_two_clocks_of_one_kind_the_earlier_due_wins(kept: Play) -> None:
    other = other_case()
    review = open_clock(other.state, ClockType.CASE_REVIEW)
    contact = open_clock(other.state, ClockType.FIRST_CONTACT)
    assert review is not None
    assert contact is not None
    merged(kept, other)
    mine = open_clock(kept.state, ClockType.CASE_REVIEW)
    assert mine is not None
    assert mine.due_at == review.due_at
    ours = open_clock(kept.state, ClockType.FIRST_CONTACT)
    assert ours is not None
    assert ours.due_raw is not None
    assert ours.due_raw <= max(contact.due_raw or contact.due_at, kept.now)


def test_a_merge_is_looked_through_by_a_supervisor_within_a_working_day(kept: Play) -> None:
    look = ReviewMerge(at=kept.now)
    assert code_of(kept, look, SERGEANT, Role.SUPERVISOR) == "NO_MERGE"
    merged(kept, other_case())
    (task,) = (t for t in kept.state.tasks.values() if t.kind == "MERGE_REVIEW")
    assert "compare the name and number kept under VIC-0002" in task.why
    clock = open_clock(kept.state, ClockType.MERGE_REVIEW)
    assert clock is not None
    assert (clock.owner, clock.due_at) == (
        SERGEANT,
        datetime(2027, 3, 24, 23, 59, 59, tzinfo=LONDON),
    )
    assert code_of(kept, look, DALO, Role.DALO) == "SUPERVISOR_ONLY"
    kept.supervise(ReviewMerge(at=kept.now))
    assert open_clock(kept.state, ClockType.MERGE_REVIEW) is None
    assert not any(t.kind == "MERGE_REVIEW" for t in kept.state.tasks.values())


def test_a_merge_told_twice_carries_once(kept: Play) -> None:
    other = other_case()
    merged(kept, other)
    before = kept.state.next_seq
    merged(kept, other)
    assert kept.state.next_seq == before


def test_the_case_that_goes_closes_as_a_duplicate_and_keeps_its_clocks_until_then() -> None:
    other = other_case()
    merging_away(other)
    assert other.state.closing is not None
    assert other.state.closing.command.reason == "DUPLICATE"
    assert other.state.clocks


def merging_away(other: Play) -> None:
    other.tell(
        MergedInto(
            message_id="x",
            kept_case_ref="CASE-2027-00001",
            kept_victim_ref="VIC-0001",
            decided_by=SERGEANT,
            role="SUPERVISOR",
            reason="SAME_PERSON",
            at=other.now,
        )
    )


# --- the stricter plan ---------------------------------------------------------------------------


def test_nothing_that_one_plan_forbids_is_allowed_by_both_together(kept: Play) -> None:
    merged(kept, other_case())
    found = kept.state.plan
    assert found is not None
    (window,) = found.safe_windows
    assert (window.weekdays, window.opens, window.closes) == ((0, 1, 2), time(12), time(17))
    assert found.device_compromised
    assert not found.voicemail_allowed
    assert len(found.do_not_contact) == 1


def test_without_a_plan_of_its_own_the_kept_case_gets_no_route_from_another_identity() -> None:
    found = stricter(None, plan())
    assert found is not None
    assert found.routes == ()
    assert stricter(plan(), None) == plan()
    assert stricter(None, None) is None


times = st.times().map(lambda t: t.replace(second=0, microsecond=0, tzinfo=None))
windows = st.lists(
    st.builds(
        SafeWindow,
        weekdays=st.sets(st.integers(0, 6), min_size=1).map(lambda s: tuple(sorted(s))),
        opens=times,
        closes=times,
        bank_holidays=st.booleans(),
    ),
    max_size=3,
).map(tuple)
plans = st.builds(
    SafeContactPlan,
    routes=st.lists(
        st.builds(
            Route,
            route_id=st.sampled_from(["m", "n"]),
            channel=st.sampled_from([Channel.CALL, Channel.SMS, Channel.EMAIL]),
            verified_at=st.sampled_from([None, OPENED]),
        ),
        max_size=3,
    ).map(tuple),
    safe_windows=windows,
    do_not_contact=st.lists(
        st.builds(DoNotContact, weekdays=st.tuples(st.integers(0, 6)), opens=times, closes=times),
        max_size=2,
    ).map(tuple),
    voicemail_allowed=st.booleans(),
    sms_allowed=st.booleans(),
    sms_wording_ref=st.sampled_from(["", "w"]),
    email_shared_device=st.booleans(),
    device_compromised=st.booleans(),
    device_compromised_at=st.sampled_from([None, OPENED, OPENED + timedelta(days=1)]),
    plan_reviewed_at=st.just(OPENED),
)


@given(
    mine=plans,
    other=plans,
    hours=st.integers(0, 24 * 21),
    channel=st.sampled_from([Channel.CALL, Channel.SMS, Channel.EMAIL, Channel.VOICEMAIL]),
)
def test_contact_that_either_plan_forbids_is_forbidden(
    mine: SafeContactPlan, other: SafeContactPlan, hours: int, channel: Channel
) -> None:
    if not registry.policy_versions():
        registry.load_shipped()
    calendar = registry.current_calendar()
    at = datetime(2027, 3, 20, tzinfo=UTC) + timedelta(hours=hours)
    together = stricter(mine, other)
    if decide(together, channel, "", at, calendar).allowed:
        assert decide(mine, channel, "", at, calendar).allowed
        assert decide(other, channel, "", at, calendar).allowed
