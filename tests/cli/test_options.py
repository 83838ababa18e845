"""What people type, and what becomes of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_group

from cli.app import COMMANDS as COMMAND_TABLE
from cli.command_options import Given, command_from
from cli.do import SPECS, do_app
from cli.metrics import last_day
from cli.options import instant, month_or_day, since
from cli.plan_command import code_word
from cli.sample import moved, weeks_to
from cli.screen import relative
from models.actions import ACTIONS
from models.case.handle import COMMANDS
from models.commands import VideoMedium
from models.enums import NeedLevel
from models.incident.handle import COMMANDS as DUTIES_COMMANDS
from models.safe_contact import SafeContactPlan

NOW = datetime(2027, 5, 11, 9, 0, tzinfo=UTC)


def given(**values: Any) -> Given:
    return Given(
        values=values,
        actor="PC-1",
        access_reason="",
        command_id="",
        note="",
        from_json="",
        as_json=False,
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2027-05-11 10:30", datetime(2027, 5, 11, 9, 30, tzinfo=UTC)),
        ("11/05/2027 10:30", datetime(2027, 5, 11, 9, 30, tzinfo=UTC)),
        ("2027-01-11T10:30", datetime(2027, 1, 11, 10, 30, tzinfo=UTC)),
        ("2027-05-11T10:30Z", datetime(2027, 5, 11, 10, 30, tzinfo=UTC)),
        ("2027-05-11T10:30+02:00", datetime(2027, 5, 11, 8, 30, tzinfo=UTC)),
        # Clocks back: the first of the two.
        ("2027-10-31 01:30", datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_time_without_zone_is_london_time(text: str, expected: datetime) -> None:
    assert instant(text) == expected


@pytest.mark.parametrize(
    "text", ["2027-05-11", "yesterday", "2027-13-01 10:00", "2027-03-28 01:30"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        instant(text)


def test_months_stand_for_their_first_and_last_day() -> None:
    assert month_or_day("2027-02") == date(2027, 2, 1)
    assert last_day("2027-02") == date(2027, 2, 28)
    assert last_day("2027-02-11") == date(2027, 2, 11)
    assert since("8h") == timedelta(hours=8)


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (timedelta(seconds=20), "now"),
        (timedelta(minutes=90), "in 90 min"),
        (timedelta(hours=3, minutes=5), "in 3 h"),
        (timedelta(days=-2, hours=-3), "2 d overdue"),
        (timedelta(minutes=-5), "5 min overdue"),
    ],
)
def test_due_is_said_relative_to_now(gap: timedelta, expected: str) -> None:
    assert relative(NOW + gap, NOW) == expected


def test_every_command_of_the_product_can_be_given_and_is_known_to_the_gate() -> None:
    assert set(COMMANDS) == {kind for kind, spec in SPECS.items() if spec.target == "case"}
    assert set(SPECS) <= set(ACTIONS)
    of_incidents = {"record-evidence", "add-evidence", "record-police-contact", *DUTIES_COMMANDS}
    assert {kind for kind, spec in SPECS.items() if spec.target == "incident"} == of_incidents


def test_evidence_is_read_from_its_short_form() -> None:
    item = "initial_account_video=victim_declined:safety@2027-03-25 22:05#BWV-7"
    command = command_from(SPECS["record-evidence"], given(item=[item]), note_ref="")
    (entry,) = command.entries
    assert (entry.item, entry.status) == ("INITIAL_ACCOUNT_VIDEO", "VICTIM_DECLINED")
    assert (entry.reason, entry.reference) == ("SAFETY", "BWV-7")
    assert entry.at == datetime(2027, 3, 25, 22, 5, tzinfo=UTC)


def test_a_cadence_plan_is_a_code_and_no_contact_plan() -> None:
    spec = SPECS["set-cadence"]
    assert "plan" in spec.options
    assert "safe_route" not in spec.options
    command = command_from(spec, given(at=NOW, plan="CUSTOM", interval_days=10), note_ref="")
    assert (command.plan, command.interval_days) == ("CUSTOM", 10)


def test_the_medium_belongs_to_the_video_account() -> None:
    spec, said = SPECS["record-evidence"], VideoMedium.SECURE_VIDEO_LINK
    asked = given(item=["INITIAL_ACCOUNT_VIDEO=CAPTURED", "RES_GESTAE_NOTE=CAPTURED"], medium=said)
    assert [e.medium for e in command_from(spec, asked, note_ref="").entries] == [said, None]
    with pytest.raises(typer.BadParameter):
        command_from(spec, given(item=["RES_GESTAE_NOTE=CAPTURED"], medium=said), note_ref="")


@pytest.mark.parametrize("kind", sorted(SPECS))
def test_what_is_missing_is_named_by_an_option_that_the_command_has(kind: str) -> None:
    try:
        command_from(SPECS[kind], given(at=NOW), note_ref="")
    except typer.BadParameter as missing:
        assert missing.param_hint is not None
        flag = str(missing.param_hint)
        command = get_group(do_app).commands[kind]
        assert flag in {opt for p in command.params for opt in (*p.opts, *p.secondary_opts)}


def test_other_need_domains_take_one_level() -> None:
    asked = given(at=NOW, need=["SAFETY=HIGH"], others=NeedLevel.LOW)
    command = command_from(SPECS["complete-needs-assessment"], asked, note_ref="")
    levels = {need.domain.value: need.level.value for need in command.needs}
    assert len(levels) == 18
    assert levels.pop("SAFETY") == "HIGH"
    assert set(levels.values()) == {"LOW"}


def test_a_contact_plan_is_careful_unless_told_otherwise() -> None:
    asked = given(
        at=NOW, safe_route=["r1=call"], window=["Fri-Mon 09:00-12:00"], avoid=["Wed 08:00-20:00"]
    )
    plan = command_from(SPECS["set-safe-contact-plan"], asked, note_ref="").plan
    assert plan.routes[0].verified_at is None
    assert plan.safe_windows[0].weekdays == (0, 4, 5, 6)
    assert plan.do_not_contact[0].weekdays == (2,)
    assert not (plan.voicemail_allowed or plan.sms_allowed or plan.letters_allowed)


def planned(current: SafeContactPlan | None = None, **values: Any) -> SafeContactPlan:
    asked = given(at=NOW, **values)
    asked.plan = current
    plan = command_from(SPECS["set-safe-contact-plan"], asked, note_ref="").plan
    assert isinstance(plan, SafeContactPlan)
    return plan


def in_force() -> SafeContactPlan:
    return planned(
        safe_route=["r1=CALL@2027-05-11 10:00", "r2=SMS"],
        window=["Mon-Fri 09:00-12:00"],
        avoid=["Wed 08:00-20:00"],
        never_told=["PER-0001"],
        voicemail=True,
        device_compromised_at=NOW,
    )


def test_what_is_not_typed_again_stays_in_the_plan() -> None:
    before = in_force()
    after = planned(before, window=["Sat 10:00-11:00"], sms=True)
    assert after.do_not_contact == before.do_not_contact
    assert (after.device_compromised, after.never_to_be_told) == (True, ("PER-0001",))
    assert after.routes == before.routes
    assert [w.weekdays for w in after.safe_windows] == [(0, 1, 2, 3, 4), (5,)]
    assert planned(after, window=["Sat 10:00-11:00"], avoid=["Wed 08:00-20:00"]) == after


def test_a_part_goes_only_by_name() -> None:
    after = planned(
        in_force(), clear=["window", "voicemail", "device-compromised"], window=["Sun 10:00-11:00"]
    )
    assert [w.weekdays for w in after.safe_windows] == [(6,)]
    assert not (after.voicemail_allowed or after.device_compromised)
    assert after.device_compromised_at is None
    assert after.do_not_contact


def test_a_route_typed_again_gives_way_and_one_is_dropped_by_name() -> None:
    after = planned(in_force(), safe_route=["r3=CALL", "r2=SMS@2027-05-11 10:00"])
    assert [route.route_id for route in after.routes] == ["r3", "r2", "r1"]
    assert after.routes[1].verified_at is not None
    assert [r.route_id for r in planned(after, drop_route=["r3"]).routes] == ["r2", "r1"]


def test_how_the_victim_is_reached_has_options_of_its_own() -> None:
    plan = planned(
        interpreter="pl:f", accessibility=["hearing_loop"], never_told=["PER-0001"], email=True
    )
    assert (plan.interpreter_language, plan.interpreter_sex) == ("PL", "F")
    assert plan.accessibility == ("HEARING_LOOP",)
    assert plan.never_to_be_told == ("PER-0001",)
    assert plan.email_shared_device is False


def test_a_time_to_avoid_is_a_day_of_the_week_or_one_date() -> None:
    plan = planned(avoid=["2027-05-14 18:00-22:00", "Sat,Sun", "2027-06-01"])
    dated, weekend, whole = plan.do_not_contact
    assert (dated.day, dated.opens, dated.weekdays) == (date(2027, 5, 14), time(18), ())
    assert (weekend.weekdays, weekend.opens, weekend.closes) == ((5, 6), None, None)
    assert (whole.day, whole.opens) == (date(2027, 6, 1), None)


def test_a_code_word_is_asked_for_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, object] = {}

    def prompt(text: str, **how: object) -> str:
        asked.update(how)
        return " Blue Kettle "

    monkeypatch.setattr(typer, "prompt", prompt)
    assert code_word(given(code_word=True)) == ("Blue Kettle", "")
    assert asked["hide_input"] and asked["confirmation_prompt"]
    assert code_word(given(code_word_prompt="Which pet?")) == ("", "Which pet?")


def test_a_name_typed_for_a_reference_is_not_repeated() -> None:
    with pytest.raises(typer.BadParameter) as refused:
        planned(never_told=["Fictional Quill"])
    assert "Quill" not in refused.value.message


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("record-evidence", {"item": ["BWV_ATTENDANCE"]}),
        ("record-evidence", {"item": ["NO_SUCH=CAPTURED"]}),
        ("complete-needs-assessment", {"need": ["SAFETY"]}),
        ("complete-needs-assessment", {"need_action": ["HOUSING=MOVE,PC-1"]}),
        ("set-safe-contact-plan", {"window": ["Funday 09:00-10:00"]}),
        ("set-safe-contact-plan", {"window": ["Mon 29:00-30:00"]}),
        ("set-safe-contact-plan", {}),
        ("set-safe-contact-plan", {"avoid": ["2027-13-01"]}),
        ("set-safe-contact-plan", {"interpreter": "Polish speaker"}),
        ("set-safe-contact-plan", {"accessibility": ["loud voice"]}),
        ("set-safe-contact-plan", {"clear": ["everything"]}),
    ],
)
def test_malformed_short_forms_are_usage_errors(kind: str, values: dict[str, Any]) -> None:
    with pytest.raises(typer.BadParameter):
        command_from(SPECS[kind], given(at=NOW, **values), note_ref="")


def test_the_sample_moves_by_whole_weeks_and_keeps_what_is_no_date() -> None:
    line = b'46/1109172/26,01/11/2026 00:35,31/02/2026 10:00,"on 01/11/2026 she"'
    assert moved(line, 2) == b'46/1109172/26,15/11/2026 00:35,31/02/2026 10:00,"on 01/11/2026 she"'
    assert weeks_to(datetime(2026, 11, 24, 12, tzinfo=UTC)) == 0
    assert weeks_to(datetime(2026, 11, 30, 12, tzinfo=UTC)) == 1


def test_the_manual_names_every_command() -> None:
    docs = Path(__file__).resolve().parents[2] / "docs"
    pages = [docs / "commands.md", *sorted(docs.glob("commands/*.md"))]
    manual = "".join(page.read_text("utf-8") for page in pages)
    missing = [name for name in COMMAND_TABLE if f"dalo {name}" not in manual]
    missing += [kind for kind in SPECS if f"`{kind}`" not in manual]
    assert missing == []
