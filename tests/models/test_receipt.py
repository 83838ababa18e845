"""The golden-hour receipt, printed and as JSON."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from models import incident as rules
from models.commands import RecordEvidence, RecordPoliceContact
from models.enums import (
    EvidenceCode,
    EvidenceReason,
    EvidenceStatus,
    ResponseMode,
    Source,
    SuspectStatus,
)
from models.messages import OwnerChanged
from models.receipt import WIDTH, receipt, receipt_json
from tests.models.conftest import at
from tests.models.play_incident import DALO, OIC, SERGEANT, Play, arrived, entry, report

E = EvidenceCode
REPORTED = at("2027-03-25 21:40")


def lived() -> Play:
    """An hour with a video account, an arrest in a newer version, a refusal and a late item."""
    facts: dict[str, object] = {
        "source": Source.CALL_999,
        "response_mode": ResponseMode.ATTENDANCE,
        "oic_id": OIC,
    }
    play = Play(report(REPORTED, **facts))
    play.to(at("2027-03-25 22:05")).do(RecordPoliceContact(at=at("2027-03-25 22:01")))
    video = entry(E.INITIAL_ACCOUNT_VIDEO, play.now, reference="AXON-2027-4471")
    play.do(RecordEvidence(entries=(video, entry(E.BWV_ATTENDANCE, play.now))))
    play.to(at("2027-03-25 22:30"))
    arrest = report(REPORTED, version=2, suspect_status=SuspectStatus.ARRESTED, **facts)
    play.tell(arrived(arrest, play.now))
    refused = entry(
        E.RES_GESTAE_NOTE, play.now, EvidenceStatus.VICTIM_DECLINED, EvidenceReason.SAFETY
    )
    play.do(RecordEvidence(entries=(refused,)))
    play.to(at("2027-03-25 23:10")).capture(at("2027-03-25 22:50"), E.SCENE_PHOTOS_VIDEO)
    return play


def page(play: Play) -> list[str]:
    return receipt(rules.view(play.state, play.now)).splitlines()


def line(lines: list[str], start: str) -> str:
    return next(text for text in lines if text.strip().startswith(start))


def test_a_receipt_says_what_was_known_told_and_captured_when_and_by_whom() -> None:
    text = "\n".join(page(lived()))
    assert "Result: PARTIAL" in text
    assert "Thu 25 Mar 2027 21:40  version 1: EMERGENCY_CALL_RECORDING" in text
    assert "Thu 25 Mar 2027 22:30  version 2: SUSPECT_WORDS" in text
    assert f"Thu 25 Mar 2027 21:40  DALO {DALO}: INCIDENT" in text
    assert f"Thu 25 Mar 2027 22:25  OIC {OIC}: GOLDEN_HOUR_WARNING" in text
    assert f"Thu 25 Mar 2027 22:40  SUPERVISOR {SERGEANT}: GOLDEN_HOUR_BREACHED" in text
    assert "first police contact  Thu 25 Mar 2027 22:01 (+21 min)" in text


def test_a_receipt_puts_the_video_account_in_a_section_of_its_own() -> None:
    lines = page(lived())
    section = lines[lines.index("Video account") + 1 : lines.index("Golden-hour set")]
    text = " ".join(part.strip() for part in section)
    assert "CAPTURED Thu 25 Mar 2027 22:05 by BODY_WORN_VIDEO" in text
    assert "25 min after the report, 4 min after first police contact" in text


def test_a_receipt_gives_a_reason_for_each_item_that_was_late_or_refused() -> None:
    twin = receipt_json(rules.view(lived().state, at("2027-03-25 23:10")))
    reasons = {item["item"]: (item["status"], item["reason"]) for item in twin["items"]}
    assert reasons["RES_GESTAE_NOTE"] == ("VICTIM_DECLINED", "SAFETY")
    assert reasons["SCENE_PHOTOS_VIDEO"] == ("CAPTURED_LATE", "NO_REASON_GIVEN")
    assert reasons["EMERGENCY_CALL_RECORDING"] == ("PENDING", "NO_REASON_GIVEN")
    assert reasons["INITIAL_ACCOUNT_VIDEO"] == ("CAPTURED", "")
    assert reasons["RISK_ASSESSMENT"] == ("PENDING", "")


def test_a_report_received_late_is_the_reason_for_what_was_missed_before_it() -> None:
    play = Play(report(REPORTED), received_at=REPORTED + timedelta(hours=5))
    lines = page(play)
    assert "  RECEIVED_LATE: the hour was over when the report was received" in lines
    assert line(lines, "received ").endswith("Fri 26 Mar 2027 02:40 (+300 min)")
    twin = receipt_json(rules.view(play.state, play.now))
    reasons = {item["item"]: item["reason"] for item in twin["items"]}
    assert reasons["INITIAL_ACCOUNT_VIDEO"] == "RECEIVED_LATE"


def test_a_verdict_on_an_hour_that_was_over_at_receipt_says_when_it_was_given() -> None:
    received = REPORTED + timedelta(hours=5)
    told = " ".join(" ".join(page(Play(report(REPORTED), received_at=received))).split())
    assert "judged as things stood Thu 25 Mar 2027 22:40 (+60 min), on receipt" in told
    assert "on receipt Fri 26 Mar 2027 02:40" in told
    assert "decided" not in told


def test_a_receipt_before_the_verdict_says_so_and_an_old_incident_has_none() -> None:
    assert "Result: not yet decided" in page(Play(report(REPORTED)))
    old = Play(report(REPORTED, occurred_from=REPORTED - timedelta(days=3)))
    assert line(page(old), "Result:").startswith("Result: NOT_APPLICABLE")


def test_a_receipt_says_that_a_verdict_was_amended() -> None:
    play = lived()
    play.capture(at("2027-03-25 22:10"), E.EMERGENCY_CALL_RECORDING)
    assert any("amended" in text for text in page(play))
    assert receipt_json(rules.view(play.state, play.now))["golden_hour"]["amended"] is True


@pytest.mark.parametrize("dalo", [DALO, ""])
def test_a_receipt_fits_80_columns_and_its_twin_is_json(dalo: str) -> None:
    play = Play(report(REPORTED, incident_ref="46/123456789/27"), dalo_id=dalo)
    play.tell(OwnerChanged(message_id="m", dalo_id="PC 5002", supervisor_id=SERGEANT))
    play.to(REPORTED + timedelta(days=2))
    assert max(len(text) for text in page(play)) <= WIDTH
    twin = json.loads(json.dumps(receipt_json(rules.view(play.state, play.now))))
    assert twin["times"]["reported"] == "2027-03-25T21:40:00+00:00"


def test_times_are_londons_in_summer_too() -> None:
    play = Play(report(at("2027-06-07 08:15")))
    assert line(page(play), "reported").endswith("Mon 7 Jun 2027 08:15")
    twin = receipt_json(rules.view(play.state, play.now))
    assert twin["times"]["reported"] == "2027-06-07T08:15:00+01:00"
