"""What a victim says, a stalking screen and a supervisor's review, as the rules append them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import chain
from pathlib import Path

from evaluation.fold import TAGS
from evaluation.fold_duties import NOTIFICATION_TAGS, REFERRAL_TAGS
from models.case.view import summary
from models.commands import (
    ApproveCadence,
    CaseCommand,
    CompleteNeedsAssessment,
    DeclineRecommendation,
    NotificationOptOut,
    RecordWithdrawal,
    ReviewRecommendation,
    SetCadence,
)
from models.commands.risk import ScreenStalking
from models.enums import CadencePlan, ContactResult, Statement, WithdrawalReason, YesNoUnknown
from models.stream import append
from tests.evaluation.history import at, fraction, row
from tests.evaluation.played import REPORTED, allocated, served
from tests.models.play_suspect import Case
from tests.models.telling_steps import happens, telling, wishes
from tests.models.test_case_contact import call
from tests.models.wished import no_contact

ROOT = Path(__file__).resolve().parents[2]


def test_who_asks_for_no_contact_is_lost_and_who_is_screened_is_a_stalking_case() -> None:
    play = allocated()
    play.until(at("2027-05-11 11:00"))
    play.do(call(play.now, ContactResult.SUCCESSFUL_TWO_WAY))
    yes = YesNoUnknown.YES
    play.do(
        ScreenStalking(
            at=play.now, fixated=yes, obsessive=yes, unwanted=yes, repeated=yes, unwanted_acts=4
        )
    )
    play.until(at("2027-05-20 11:00"))
    play.do(no_contact(play.now))
    play.supervise(ApproveCadence(at=play.now, approve=True, reason="HER_WISH"))
    table = served(play).measured("2027-05-01", "2027-12-31")
    assert fraction(table, "M21", "left_within_90_days") == (1, 1, 0)
    assert fraction(table, "M15", "referred") == (0, 1, 0)


def test_who_wants_to_hear_of_events_alone_is_lost_and_who_withdraws_support_is_not() -> None:
    def measured(*commands: Callable[[datetime], CaseCommand]) -> tuple[float, ...]:
        play = allocated()
        play.until(at("2027-05-11 11:00"))
        play.do(call(play.now, ContactResult.SUCCESSFUL_TWO_WAY))
        play.until(at("2027-05-20 11:00"))
        for command in commands:
            play.do(command(play.now))
            if play.state.pending_cadence is not None:
                play.supervise(ApproveCadence(at=play.now, approve=True, reason="HER_WISH"))
        # The row that the workflow appends when the summary differs.
        append(play.state, play.context(), "case:changed", **summary(play.state))
        return fraction(
            served(play).measured("2027-05-01", "2027-12-31"), "M21", "left_within_90_days"
        )

    events = CadencePlan.CONTACT_ON_EVENT
    assert measured(lambda now: SetCadence(at=now, plan=events, victim_wish=True)) == (1, 1, 0)
    assert measured(lambda now: CompleteNeedsAssessment(at=now, declined=True)) == (0, 1, 0)
    withdrawal = RecordWithdrawal(
        at=at("2027-05-20 11:00"), reasons=(WithdrawalReason.FEAR,), statement=Statement.GIVEN
    )
    assert measured(lambda now: withdrawal) == (0, 1, 0)


def test_a_supervisor_overrules_who_declined() -> None:
    play = allocated()
    (waits,) = (r for r in play.state.recommendations.values() if r.rule == "IDVA_REFERRAL")
    ref = waits.recommendation_id
    play.do(DeclineRecommendation(at=play.now, recommendation_id=ref, reason="HAS_AN_IDVA"))
    play.supervise(
        ReviewRecommendation(
            at=play.now, recommendation_id=ref, decision="OVERRULE", reason="NOT_CONFIRMED"
        )
    )
    table = served(play).measured("2027-05-01", "2027-05-31")
    assert fraction(table, "R01", "declined_then_overruled", item="IDVA_REFERRAL") == (1, 1, 0)
    # What the supervisor brought back waits.
    assert fraction(table, "R01", "accepted", item="IDVA_REFERRAL") == (0, 1, 1)


def test_news_that_she_does_not_want_or_that_is_held_is_not_owed() -> None:
    incident = Case(at(REPORTED))
    incident.on("2027-05-11 09:00")
    happens(incident, "SUSPECT_ARRESTED", incident.now)
    incident.do(telling(incident.now, outcome="SAID_NO_UPDATES"))
    incident.tell(wishes(incident.now, NotificationOptOut.ALL_EXCEPT_RELEASE))
    happens(incident, "CHARGED", at("2027-05-12 09:00"))
    incident.on("2027-05-13 09:00")
    frozen = wishes(incident.now, NotificationOptOut.ALL_EXCEPT_RELEASE, frozen=True)
    incident.tell(frozen)
    happens(incident, "RELEASED", at("2027-05-13 10:00"))
    table = served(incident).measured("2027-05-01", "2027-05-31")
    assert fraction(table, "M22", "told_in_time", item="ALL") == (0, 0, 0)
    note = row(table, "M22", "told_in_time", item="ALL").note
    assert "2 wanted no news" in note
    assert "1 held" in note


def test_somebody_appends_every_event_that_the_metrics_read() -> None:
    """A tag that is renamed would otherwise count as nothing ever happening."""
    sources = chain.from_iterable(
        (ROOT / folder).rglob("*.py") for folder in ("models", "store", "workflows")
    )
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    from_codes = {*REFERRAL_TAGS, *NOTIFICATION_TAGS}
    assert [tag for tag in TAGS if tag not in from_codes and f'"{tag}"' not in text] == []
    assert 'f"referral:{to.value.lower()}"' in text
    assert 'f"notification:{telling.outcome.value.lower()}"' in text
