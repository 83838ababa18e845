"""The IDVA tells the victim what the MARAC decided: her referral hears of it from the case, which
alone knows both (docs/domain.md 6, 8.1)."""

from __future__ import annotations

from models.case.state import CaseFacts
from models.enums import ReferralPathway, ReferralState
from models.events import tell_effect
from models.ids import referral_stream
from models.messages import Heard, ReferralChanged


def tell_idva(state: CaseFacts, message: ReferralChanged) -> None:
    """The MARAC heard the victim: every IDVA referral of hers that runs is told, once a hearing."""
    if message.pathway is not ReferralPathway.MARAC or message.heard_at is None:
        return
    if message.state is not ReferralState.HEARD:
        return
    for entry in state.referrals.made.values():
        if entry.pathway is not ReferralPathway.IDVA or entry.ended:
            continue
        stream = referral_stream(entry.referral_ref)
        message_id = f"heard:{message.message_id}"
        heard = Heard(message_id=message_id, meeting="", at=message.heard_at, decision="HEARD")
        state.effects.append(tell_effect(f"{message_id}:{stream}", stream, heard))
