"""An incident's commands, owners and end, and what holds over random histories."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import incident as rules
from models.base import Refused
from models.commands import (
    AddEvidenceItem,
    EvidenceEntry,
    Grant,
    IncidentCommand,
    RecordEvidence,
    RecordPoliceContact,
    VideoMedium,
)
from models.enums import (
    ClockType,
    EvidenceCode,
    EvidenceReason,
    EvidenceStatus,
    Injury,
    ResponseMode,
    Role,
    Source,
)
from models.instants import utc
from models.messages import CaseClosed, OwnerChanged
from models.stream import open_clock
from tests.models.play_incident import (
    DALO,
    OIC,
    REPORTED,
    SERGEANT,
    SET_OF_BARE_CRIME,
    Play,
    arrived,
    entry,
    minute,
    report,
)

E = EvidenceCode
S = EvidenceStatus

# --- photographs ------------------------------------------------------------------------------


def test_follow_up_photographs_count_72_hours_from_the_initial_ones() -> None:
    play = Play(report(REPORTED, injury=Injury.SERIOUS)).to(minute(30))
    later = E.INJURY_PHOTOS_FOLLOWUP
    assert open_clock(play.state, ClockType.EVIDENCE_ITEM, later.value) is None
    play.capture(minute(20), E.INJURY_PHOTOS_INITIAL)
    clock = open_clock(play.state, ClockType.EVIDENCE_ITEM, later.value)
    assert clock is not None
    assert clock.due_at == utc(minute(20)) + timedelta(hours=72)
    play.capture(minute(25), E.INJURY_PHOTOS_INITIAL)
    assert play.state.items[later].due_at == utc(minute(25)) + timedelta(hours=72)


def test_no_injury_after_all_needs_no_follow_up() -> None:
    play = Play(report(REPORTED, injury=Injury.MINOR)).to(minute(30))
    none_seen = entry(E.INJURY_PHOTOS_INITIAL, minute(30), S.NOT_APPLICABLE)
    play.do(RecordEvidence(entries=(none_seen,)))
    assert play.state.items[E.INJURY_PHOTOS_FOLLOWUP].status is S.NOT_APPLICABLE


# --- owners and the end -----------------------------------------------------------------------


def owners(play: Play) -> dict[str, str]:
    return {clock.subject or "GOLDEN": clock.owner for clock in play.state.clocks.values()}


def test_items_belong_to_the_oic_if_known_and_follow_a_new_dalo_otherwise() -> None:
    play = Play(report(REPORTED)).to(minute(10))
    assert set(owners(play).values()) == {DALO}
    other = OwnerChanged(message_id="m", dalo_id="PC 5002", supervisor_id=SERGEANT)
    play.tell(other)
    assert set(owners(play).values()) == {"PC 5002"}
    assert len(play.events("stream:owner:changed")) == 1
    play.tell(arrived(report(REPORTED, version=2, oic_id=OIC), play.now))
    held = owners(play)
    assert held.pop("GOLDEN") == "PC 5002"
    assert set(held.values()) == {OIC}


def test_while_a_case_waits_for_a_dalo_the_supervisor_answers() -> None:
    play = Play(report(REPORTED), dalo_id="").to(minute(60))
    assert set(owners(play).values()) == {SERGEANT}
    play.tell(OwnerChanged(message_id="m", dalo_id=DALO, supervisor_id=SERGEANT))
    assert set(owners(play).values()) == {DALO}
    assert play.golden_tasks() == {("CHASE_EVIDENCE", DALO), ("GOLDEN_HOUR_BREACHED", SERGEANT)}


def test_an_incident_ends_when_its_case_is_closed_and_nothing_is_left() -> None:
    play = Play(report(REPORTED)).to(minute(30))
    play.tell(CaseClosed(message_id="c", handed_to=OIC))
    assert set(owners(play).values()) == {OIC}
    assert not rules.ended(play.state)
    play.do(
        RecordEvidence(entries=tuple(entry(code, minute(30)) for code in play.state.items)),
        Grant(actor=OIC, role=Role.OIC, access_log_id="1"),
    )
    assert not rules.ended(play.state)
    play.keep_the_code(Grant(actor=OIC, role=Role.OIC, access_log_id="1"))
    assert rules.ended(play.state)
    assert len(play.events("incident:ended")) == 1
    assert rules.summary(play.state)["ended_at"] == utc(minute(30)).isoformat()


def test_an_incident_of_an_open_case_lives_on_when_its_evidence_is_in() -> None:
    play = Play(report(REPORTED)).to(minute(30))
    play.capture(minute(30), *play.state.items)
    play.keep_the_code()
    assert play.state.clocks == {}
    assert not rules.ended(play.state)


# --- refusals ---------------------------------------------------------------------------------

OTHERS = Grant(actor="PC 9999", role=Role.DALO, access_log_id="1")
MINE = Grant(actor=DALO, role=Role.DALO, access_log_id="1")
REFUSALS: list[tuple[str, EvidenceEntry, Grant]] = [
    ("IN_FUTURE", entry(E.RISK_ASSESSMENT, minute(31)), MINE),
    ("BEFORE_OCCURRENCE", entry(E.RISK_ASSESSMENT, minute(-21)), MINE),
    ("EVIDENCE_NOT_APPLICABLE", entry(E.CCTV_DOORBELL, minute(20)), MINE),
    ("REASON_MISSING", entry(E.RISK_ASSESSMENT, minute(20), S.VICTIM_DECLINED), MINE),
    ("STATUS_NOT_RECORDABLE", entry(E.RISK_ASSESSMENT, minute(20), S.PENDING), MINE),
    ("EVIDENCE_ALWAYS_APPLIES", entry(E.RISK_ASSESSMENT, minute(20), S.NOT_APPLICABLE), MINE),
    ("EVIDENCE_ALREADY_RECORDED", entry(E.RES_GESTAE_NOTE, minute(20)), MINE),
    (
        "EVIDENCE_ALREADY_RECORDED",
        entry(E.RES_GESTAE_NOTE, minute(20), S.MISSED, EvidenceReason.OTHER),
        MINE,
    ),
    (
        "REFERENCE_MALFORMED",
        entry(E.RISK_ASSESSMENT, minute(20), reference="told me she fell"),
        MINE,
    ),
    ("NOT_YOUR_INCIDENT", entry(E.RISK_ASSESSMENT, minute(20)), OTHERS),
]


@pytest.mark.parametrize(("code", "what", "grant"), REFUSALS)
def test_an_impossible_outcome_is_refused_and_changes_nothing(
    code: str, what: EvidenceEntry, grant: Grant
) -> None:
    play = Play(report(REPORTED)).to(minute(20))
    play.capture(minute(20), E.RES_GESTAE_NOTE)
    play.to(minute(30))
    before = play.state.model_copy(deep=True)
    with pytest.raises(Refused) as refused:
        play.do(RecordEvidence(entries=(what,)), grant)
    assert refused.value.code == code
    assert refused.value.remedy
    assert play.state == before


@pytest.mark.parametrize(
    ("code", "command"),
    [
        ("EVIDENCE_ALREADY_REQUIRED", AddEvidenceItem(item=E.RISK_ASSESSMENT, at=minute(5))),
        ("IN_FUTURE", RecordPoliceContact(at=minute(99))),
        (
            "EVIDENCE_REPEATED",
            RecordEvidence(entries=(entry(E.RISK_ASSESSMENT, minute(5)),) * 2),
        ),
    ],
)
def test_other_impossible_commands_are_refused(code: str, command: IncidentCommand) -> None:
    play = Play(report(REPORTED)).to(minute(10))
    with pytest.raises(Refused) as refused:
        play.do(command)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "grant",
    [
        Grant(actor=OIC, role=Role.OIC, access_log_id="1"),
        Grant(actor="OIC-1", role=Role.OIC, access_log_id="1", known_as=OIC),
        Grant(actor="PC 6000", role=Role.OIC, access_log_id="1"),
        Grant(actor="PC 5003", role=Role.DALO, access_log_id="1", covering=DALO),
        Grant(actor="PC 5003", role=Role.DALO, access_log_id="1", break_glass=True),
        Grant(actor="PS 4002", role=Role.SUPERVISOR, access_log_id="1"),
    ],
)
def test_oic_attending_officer_cover_break_glass_and_supervisor_may_record(grant: Grant) -> None:
    play = Play(report(REPORTED, oic_id=OIC, attending_id="PC 6000")).to(minute(10))
    play.do(RecordEvidence(entries=(entry(E.RISK_ASSESSMENT, minute(5)),)), grant)
    assert play.state.items[E.RISK_ASSESSMENT].by == grant.actor


def test_what_had_failed_may_be_captured_after_all_and_what_is_in_hand_may_be_lost() -> None:
    play = Play(report(REPORTED)).to(minute(30))
    note = E.RES_GESTAE_NOTE
    play.do(RecordEvidence(entries=(entry(note, minute(9), S.MISSED, EvidenceReason.OTHER),)))
    assert play.capture(minute(20), note) == ("CORRECTED",)
    lost = entry(note, minute(25), S.LOST, EvidenceReason.TECH_FAILURE)
    play.do(RecordEvidence(entries=(lost,)))
    kept = play.state.items[note]
    assert (kept.status, kept.captured_at) == (S.LOST, minute(20))


def test_a_video_account_is_recorded_with_its_means_and_how_soon_it_was() -> None:
    play = Play(report(REPORTED, response_mode=ResponseMode.RVR)).to(minute(30))
    play.do(RecordPoliceContact(at=minute(3)))
    play.capture(minute(12), E.INITIAL_ACCOUNT_VIDEO)
    (recorded,) = play.events("evidence:item:recorded")
    assert recorded.data["medium"] == "SECURE_VIDEO_LINK"
    assert recorded.data["minutes_from_report"] == 12
    assert recorded.data["minutes_from_police_contact"] == 9
    video = rules.view(play.state, play.now).video
    assert video is not None
    assert (video.captured_at, video.minutes_from_police_contact) == (minute(12), 9)


def test_the_officer_may_say_by_what_means_the_account_was_taken() -> None:
    play = Play(report(REPORTED, response_mode=ResponseMode.ATTENDANCE)).to(minute(30))
    assumed = entry(E.INITIAL_ACCOUNT_VIDEO, minute(12))
    play.do(RecordEvidence(entries=(assumed,)))
    video = rules.view(play.state, play.now).video
    assert video is not None
    assert (video.medium, video.medium_stated) == ("BODY_WORN_VIDEO", False)
    said = assumed.model_copy(update={"medium": VideoMedium.SECURE_VIDEO_LINK})
    play.do(RecordEvidence(entries=(said,)))
    assert play.events("evidence:item:recorded")[-1].data["medium"] == "SECURE_VIDEO_LINK"
    video = rules.view(play.state, play.now).video
    assert video is not None
    assert (video.medium, video.medium_stated) == ("SECURE_VIDEO_LINK", True)


def test_only_the_video_account_has_a_medium() -> None:
    play = Play(report(REPORTED)).to(minute(30))
    other = entry(E.RES_GESTAE_NOTE, minute(12))
    said = other.model_copy(update={"medium": VideoMedium.BODY_WORN_VIDEO})
    with pytest.raises(Refused) as refused:
        play.do(RecordEvidence(entries=(said,)))
    assert refused.value.code == "MEDIUM_NOT_APPLICABLE"


# --- over random histories --------------------------------------------------------------------

STEP = st.tuples(
    st.integers(0, 200),
    st.sampled_from(EvidenceCode),
    st.sampled_from(EvidenceStatus),
    st.integers(0, 240),
    st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(STEP, max_size=12), st.sampled_from([0, 30, 70, 2000]))
def test_whatever_happens_nothing_pending_is_without_a_clock_and_the_verdict_is_honest(
    steps: list[tuple[int, EvidenceCode, EvidenceStatus, int, bool]], received: int
) -> None:
    play = Play(
        report(REPORTED, injury=Injury.MINOR, source=Source.CALL_999), received_at=minute(received)
    )
    for wait, code, status, happened, add in steps:
        play.to(play.now + timedelta(minutes=wait))
        command: IncidentCommand = RecordEvidence(
            entries=(entry(code, minute(happened), status, EvidenceReason.OTHER),)
        )
        if add:
            command = AddEvidenceItem(item=code, at=minute(happened))
        try:
            play.do(command)
        except Refused:
            continue
        _honest(play)
    play.to(play.now + timedelta(days=10))
    _honest(play)
    assert play.verdicts()


def _honest(play: Play) -> None:
    state = play.state
    waiting = {code for code, item in state.items.items() if item.pending}
    clocked = {clock.subject for clock in state.clocks.values()} - {"", "GOLDEN_HOUR_CHASE"}
    if E.INJURY_PHOTOS_INITIAL in waiting:
        waiting.discard(E.INJURY_PHOTOS_FOLLOWUP)
    assert {code.value for code in waiting} == clocked
    assert state.golden_due_at == minute(60)
    if play.now > minute(60):
        assert state.verdict is not None
    for item in state.items.values():
        if item.status is S.CAPTURED and item.at is not None and item.due_at is not None:
            assert item.at <= item.due_at
    again = state.next_seq
    rules.react(state, play.context())
    assert state.next_seq == again


def test_a_state_handed_to_the_next_run_goes_on_as_if_nothing_had_happened() -> None:
    play = Play(report(REPORTED)).to(minute(20))
    play.state = rules.IncidentState.model_validate_json(play.state.model_dump_json())
    play.capture(minute(20), *SET_OF_BARE_CRIME)
    assert play.verdicts() == ["COMPLETE"]
