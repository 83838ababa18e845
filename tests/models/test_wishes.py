"""What the victim asks for, recorded with scope and date and never inferred."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from models.base import Refused
from models.case import contact
from models.case.view import summary, view
from models.commands import (
    ApproveCadence,
    AskOtherOfficer,
    CaseCommand,
    NameThirdParty,
    NotificationOptOut,
    RecordAttempt,
    RecordPressureCheck,
    RecordWishes,
    RecordWithdrawal,
    RefuseOtherOfficer,
    SetCadence,
    SetSafeContactPlan,
)
from models.enums import (
    CadencePlan,
    Channel,
    ClockType,
    ContactResult,
    PressureCheck,
    RiskGrade,
    Role,
    Sex,
    Statement,
    SuspectStatus,
    WithdrawalReason,
)
from models.events import Event
from models.messages import (
    ReportArrived,
    SuspectChanged,
)
from models.safe_contact import Route
from models.stream import open_clock
from tests.models.conftest import at
from tests.models.play import DALO, OTHER_DALO, SERGEANT, Play, a_report
from tests.models.test_case_contact import a_plan
from tests.models.wished import no_contact

OPENED = at("2027-05-10 20:00")


def reached() -> Play:
    """A case whose victim was spoken to."""
    play = Play(OPENED)
    play.allocate()
    play.until(play.now + timedelta(hours=2))
    play.do(
        RecordAttempt(
            at=play.now,
            channel=Channel.CALL,
            result=ContactResult.SUCCESSFUL_TWO_WAY,
            safety_override="SUPERVISOR_AUTHORISED",
        )
    )
    return play


def test_an_opt_out_is_kept_with_its_scope_and_date_and_the_ledger_keeps_each() -> None:
    play = reached()
    first = play.now
    scope = NotificationOptOut.ALL_EXCEPT_RELEASE
    play.do(RecordWishes(at=first, notification_opt_out=scope))
    play.until(play.now + timedelta(days=1))
    play.do(RecordWishes(at=play.now, note_ref="note-1"))
    wishes = view(play.state, play.now).wishes
    assert wishes is not None
    assert (wishes.notification_opt_out, wishes.opted_out_at) == (scope, first)
    assert (wishes.note_ref, wishes.noted_at) == ("note-1", play.now)
    told = [event.data["notification_opt_out"] for event in play.events("case:wishes:recorded")]
    assert told == ["ALL_EXCEPT_RELEASE", None]


def test_an_opt_out_changes_neither_cadence_nor_clocks() -> None:
    play = reached()
    before = (play.state.cadence_plan, dict(play.state.clocks))
    play.do(RecordWishes(at=play.now, notification_opt_out=NotificationOptOut.ALL))
    assert (play.state.cadence_plan, dict(play.state.clocks)) == before


def test_silence_is_no_wish() -> None:
    play = Play(OPENED)
    play.allocate()
    opt_out = RecordWishes(at=play.now, notification_opt_out=NotificationOptOut.ALL)
    with pytest.raises(Refused) as refused:
        play.do(opt_out)
    assert refused.value.code == "NO_CONTACT_YET"
    spoken = reached()
    with pytest.raises(Refused) as empty:
        spoken.do(RecordWishes(at=spoken.now))
    assert empty.value.code == "NOTHING_RECORDED"


def wants_none(play: Play, **more: object) -> SetCadence:
    """The confirmed wish for no contact at all."""
    return no_contact(play.now).model_copy(update=more)


def silent(play: Play | None = None, **more: object) -> Play:
    """A case whose victim asked for no contact, signed off."""
    play = play or reached()
    play.do(SetSafeContactPlan(at=play.now, plan=a_plan(time(8), time(22), play.now)))
    play.do(wants_none(play, **more))
    play.supervise(ApproveCadence(at=play.now, approve=True, reason="VERIFIED"))
    return play


def refusal(play: Play, command: CaseCommand, actor: str = DALO, role: Role = Role.DALO) -> str:
    with pytest.raises(Refused) as refused:
        play.do(command, actor, role)
    return refused.value.code


def safe(play: Play, channel: Channel = Channel.CALL) -> str:
    return contact.safe_now(play.state, channel, "", play.now, play.calendar).reason_code


def kinds(play: Play) -> set[str]:
    return {task.kind for task in play.state.tasks.values()}


def new_report(play: Play, ref: str = "46/2/27") -> None:
    play.tell(
        ReportArrived(
            message_id=f"{ref}:{play.now}",
            report=a_report(play.now, incident_ref=ref),
            received_at=play.now,
            grade=RiskGrade.HIGH,
        )
    )


def calls(play: Play, result: ContactResult) -> RecordAttempt:
    return RecordAttempt(at=play.now, channel=Channel.CALL, route="mobile", result=result)


def suspect(play: Play, status: SuspectStatus, **more: object) -> SuspectChanged:
    facts = {
        "message_id": f"{status}:{play.now}",
        "incident_ref": "46/1/27",
        "perpetrator_ref": "PER-0001",
        "status": status,
        "at": play.now,
        **more,
    }
    return SuspectChanged.model_validate(facts)


def test_walk_through_five_withdrawal_no_contact_silence_and_a_new_incident() -> None:
    play = Play(at("2027-01-11 09:00"), RiskGrade.HIGH)
    play.allocate()
    play.until(at("2027-03-01 10:00"))
    play.do(SetSafeContactPlan(at=play.now, plan=a_plan(time(8), time(20), play.now)))
    play.do(calls(play, ContactResult.SUCCESSFUL_TWO_WAY))
    play.do(
        RecordWithdrawal(
            at=play.now,
            reasons=(WithdrawalReason.WANT_IT_OVER,),
            statement=Statement.GIVEN,
            pressure=PressureCheck.NONE_FOUND,
        )
    )
    assert play.state.cadence_plan is CadencePlan.DEFAULT_BY_RISK
    scope = NotificationOptOut.ALL_EXCEPT_RELEASE
    play.do(wants_none(play, notices=scope))
    play.supervise(ApproveCadence(at=play.now, approve=True, reason="VERIFIED"))
    assert play.state.state.value == "DORMANT_MONITORED"
    row = summary(play.state)["wishes"]
    assert row["notification_opt_out"] == "ALL_EXCEPT_RELEASE"
    assert row["support_withdrawn_at"].startswith("2027-03-01T10:00")
    assert safe(play) == "NO_CONTACT_ASKED"

    before = len([e for e in play.events("clock:breached") if contact_type(e)])
    play.until(at("2027-03-16 09:00"))
    assert len([e for e in play.events("clock:breached") if contact_type(e)]) == before

    play.until(at("2027-05-20 11:00"))
    play.tell(suspect(play, SuspectStatus.RELEASED))
    assert "CONTACT_AT_EVENT" in kinds(play)
    assert safe(play) == "SAFE"
    play.do(calls(play, ContactResult.SUCCESSFUL_TWO_WAY))
    assert "CONTACT_AT_EVENT" not in kinds(play)
    assert safe(play) == "NO_CONTACT_ASKED"
    assert play.state.state.value == "DORMANT_MONITORED"

    play.until(at("2028-01-17 14:00"))
    new_report(play)
    assert play.events("case:reopened")
    assert safe(play) == "SAFE"
    play.do(calls(play, ContactResult.NO_ANSWER))
    assert safe(play) == "WISHES_NOT_RENEWED"
    assert {"RENEW_WISHES", "APPROACH_MADE"} <= kinds(play)
    assert contact.contact_clock(play.state) is None


def contact_type(event: Event) -> bool:
    kind = event.data["clock"]["clock_type"]
    return kind in ("FIRST_CONTACT", "CONTACT_CADENCE", "LADDER_STEP", "HHV_DUE")


def test_after_the_one_approach_contact_waits_for_renewed_wishes() -> None:
    play = silent()
    play.until(play.now + timedelta(days=30))
    new_report(play)
    renew = RecordWishes(at=play.now, note_ref="note-2")
    assert refusal(play, renew) == "NOT_HEARD_SINCE"
    assert refusal(play, wants_none(play)) == "NOT_HEARD_SINCE"
    play.do(calls(play, ContactResult.SUCCESSFUL_TWO_WAY))
    assert safe(play) == "WISHES_NOT_RENEWED"
    assert play.do(calls(play, ContactResult.NO_ANSWER)) == ("UNSAFE_ATTEMPT",)
    play.do(renew)
    assert safe(play) == "SAFE"
    assert "RENEW_WISHES" not in kinds(play)
    assert contact.contact_clock(play.state) is not None


def test_each_new_incident_allows_one_approach_again() -> None:
    play = silent()
    play.until(play.now + timedelta(days=30))
    new_report(play)
    play.do(calls(play, ContactResult.NO_ANSWER))
    play.until(play.now + timedelta(days=5))
    new_report(play, "46/3/27")
    assert safe(play) == "SAFE"
    play.do(calls(play, ContactResult.NO_ANSWER))
    assert safe(play) == "WISHES_NOT_RENEWED"


def test_a_dormant_case_prompts_nobody_whatever_time_passes() -> None:
    play = silent()
    play.until(play.now + timedelta(days=200))
    assert not [e for e in play.events("clock:breached") if contact_type(e)]
    assert not {"LADDER", "CONTACT_AT_EVENT", "RECONTACT"} & kinds(play)


@pytest.mark.parametrize(
    ("less", "words"),
    [
        ({"alone": False}, "--alone"),
        ({"verified": False}, "--verified"),
        ({"note_ref": ""}, "--note"),
        ({"offers": ()}, "--offers"),
        ({"notices": None}, "--notices"),
        ({"no_recontact": False}, "--recontact-on"),
    ],
)
def test_no_contact_names_what_is_not_confirmed(less: dict[str, object], words: str) -> None:
    play = reached()
    with pytest.raises(Refused) as refused:
        play.do(wants_none(play, **less))
    assert refused.value.code == "NO_CONTACT_UNCONFIRMED"
    assert words in refused.value.message


def test_no_contact_takes_a_conversation_and_a_later_day() -> None:
    play = Play(OPENED)
    play.allocate()
    assert refusal(play, wants_none(play)) == "NO_CONTACT_UNCONFIRMED"
    spoken = reached()
    over = wants_none(spoken, no_recontact=False, recontact_on=OPENED.date())
    assert refusal(spoken, over) == "RECONTACT_OVER"


def test_on_the_agreed_day_the_victim_is_asked_once() -> None:
    play = silent(no_recontact=False, recontact_on=date(2027, 10, 31))
    clock = open_clock(play.state, ClockType.RECONTACT)
    assert clock is not None and clock.due_at == at("2027-10-31 23:59:59")
    play.until(at("2027-10-30 12:00"))
    assert safe(play) == "NO_CONTACT_ASKED"
    play.until(at("2027-11-01 00:00") - timedelta(hours=23))
    assert safe(play) in ("SAFE", "OUTSIDE_SAFE_WINDOW")
    assert "RECONTACT" in kinds(play)
    play.do(calls(play, ContactResult.NO_ANSWER))
    assert open_clock(play.state, ClockType.RECONTACT) is None
    assert safe(play) == "NO_CONTACT_ASKED"
    assert "RECONTACT" not in kinds(play)


def test_every_incident_hears_an_opt_out_also_one_that_joins_later() -> None:
    play = reached()
    play.do(RecordWishes(at=play.now, notification_opt_out=NotificationOptOut.ALL))
    new_report(play)
    told = [e for e in play.state.effects if e.payload.get("kind") == "wishes-changed"]
    assert [e.target for e in told] == [
        "incident/46/1/27/VIC-0001",
        "incident/46/2/27/VIC-0001",
    ]
    assert {e.payload["notification_opt_out"] for e in told} == {"ALL"}
    assert len({e.effect_id for e in told}) == 2


def test_incidents_hear_nothing_where_nothing_was_said() -> None:
    play = reached()
    play.do(RecordWishes(at=play.now, note_ref="note-1"))
    assert not [e for e in play.state.effects if e.payload.get("kind") == "wishes-changed"]


def test_another_officer_is_found_or_refused_by_the_supervisor() -> None:
    play = reached()
    ask = AskOtherOfficer(at=play.now, sex=Sex.F, reason="VICTIM_WISH")
    assert refusal(play, RefuseOtherOfficer(at=play.now, reason="NONE")) == "SUPERVISOR_ONLY"
    with pytest.raises(Refused, match="NOT_ASKED"):
        play.supervise(RefuseOtherOfficer(at=play.now, reason="NONE"))
    play.do(ask)
    assert refusal(play, ask) == "ASKED_ALREADY"
    assert "OTHER_OFFICER" in kinds(play)
    play.supervise(RefuseOtherOfficer(at=play.now, reason="NONE"))
    assert "OTHER_OFFICER" not in kinds(play)
    play.do(ask)
    play.allocate(OTHER_DALO)
    assert "OTHER_OFFICER" not in kinds(play)
    assert play.state.asked.other_officer_of == ""


def test_a_third_party_is_a_route_of_the_plan_and_never_one_who_must_not_know() -> None:
    play = reached()
    sister = Route(route_id="sister", channel=Channel.CALL, verified_at=play.now, third_party=True)
    name = NameThirdParty(at=play.now, route="sister")
    assert refusal(play, name) == "NO_PLAN"
    plan = a_plan(time(8), time(23), play.now)
    play.do(SetSafeContactPlan(at=play.now, plan=plan))
    assert refusal(play, name) == "NOT_A_THIRD_PARTY"
    more = plan.model_copy(update={"routes": (*plan.routes, sister)})
    never = more.model_copy(update={"never_to_be_told": ("sister",)})
    play.do(SetSafeContactPlan(at=play.now, plan=never))
    assert refusal(play, name) == "NEVER_TO_BE_TOLD"
    told = contact.safe_now(play.state, Channel.CALL, "sister", play.now, play.calendar)
    assert told.reason_code == "NEVER_TO_BE_TOLD"
    play.do(SetSafeContactPlan(at=play.now, plan=more, reason="VICTIM_SAYS_SO"))
    decision = contact.safe_now(play.state, Channel.CALL, "sister", play.now, play.calendar)
    assert decision.reason_code == "THIRD_PARTY_NOT_ALLOWED"
    play.do(name)
    decision = contact.safe_now(play.state, Channel.CALL, "sister", play.now, play.calendar)
    assert decision.allowed


def withdrawal(play: Play, **more: object) -> RecordWithdrawal:
    facts = {"at": play.now, "reasons": ("FEAR",), "statement": "GIVEN", **more}
    return RecordWithdrawal.model_validate(facts)


def test_withdrawing_support_changes_no_contact_and_is_checked_for_pressure() -> None:
    play = reached()
    before = contact.contact_clock(play.state)
    play.do(withdrawal(play))
    assert contact.contact_clock(play.state) == before
    assert play.state.asked.support_withdrawn_at == play.now
    task = next(t for t in play.state.tasks.values() if t.kind == "PRESSURE_CHECK")
    assert task.owner == DALO
    play.do(RecordPressureCheck(at=play.now, pressure=PressureCheck.SUSPECTED))
    task = next(t for t in play.state.tasks.values() if t.kind == "PRESSURE_CHECK")
    assert task.owner == SERGEANT
    play.do(RecordPressureCheck(at=play.now, pressure=PressureCheck.REPORTED))
    assert "PRESSURE_CHECK" not in kinds(play)


def test_a_reason_of_pressure_reaches_the_supervisor_whatever_was_found() -> None:
    play = reached()
    play.do(withdrawal(play, reasons=("PRESSURE", "CHILDREN"), pressure="NONE_FOUND"))
    task = next(t for t in play.state.tasks.values() if t.kind == "PRESSURE_CHECK")
    assert task.owner == SERGEANT


def test_a_withdrawal_is_the_victims_own_word() -> None:
    play = Play(OPENED)
    play.allocate()
    assert refusal(play, withdrawal(play)) == "NO_CONTACT_YET"
    check = RecordPressureCheck(at=play.now, pressure=PressureCheck.NONE_FOUND)
    assert refusal(play, check) == "NOT_WITHDRAWN"
    spoken = reached()
    spoken.do(withdrawal(spoken))
    unknown = RecordPressureCheck(at=spoken.now, pressure=PressureCheck.NOT_CHECKED)
    assert refusal(spoken, unknown) == "NO_RESULT"
