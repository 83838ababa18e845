"""What the MARAC decided reaches the IDVA, who tells the victim (docs/domain.md 6)."""

from __future__ import annotations

from models.enums import ClockType, ReferralPathway
from models.enums import ReferralState as S
from models.events import EffectKind
from models.ids import referral_stream
from models.messages import Heard
from models.stream import open_clock
from tests.models import play_referral
from tests.models.play import Play
from tests.models.referring import changed, opened, refer


def heard_by(play: Play, ref: str) -> list[Heard]:
    """What the case told a referral of a hearing."""
    stream = referral_stream(ref)
    tells = [e for e in play.state.effects if (e.kind, e.target) == (EffectKind.TELL, stream)]
    return [Heard.model_validate(e.payload) for e in tells if e.payload["kind"] == "heard"]


def test_a_hearing_starts_the_idvas_clock_once() -> None:
    play = opened()
    idva, marac = refer(play, "IDVA"), refer(play, "MARAC")
    for state in ("LISTED", "HEARD", "ACTIONS_OPEN"):
        heard_at = None if state == "LISTED" else play.now
        changed(play, marac, state, submitted_at=play.now, heard_at=heard_at)
    (told,) = heard_by(play, idva)
    hers = play_referral.Play(ReferralPathway.IDVA, play.now)
    hers.tell(told)
    clock = open_clock(hers.state, ClockType.IDVA_MARAC_FEEDBACK)
    assert clock is not None
    assert clock.started_at == play.now
    assert hers.stands() is S.SUBMITTED


def test_an_idva_whose_referral_has_ended_is_told_nothing() -> None:
    play = opened()
    idva, marac = refer(play, "IDVA"), refer(play, "MARAC")
    changed(play, idva, "CLOSED", outcome="DECLINED", ended=True)
    changed(play, marac, "HEARD", submitted_at=play.now, heard_at=play.now)
    assert heard_by(play, idva) == []
