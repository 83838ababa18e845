"""What a victim says, as commands."""

from __future__ import annotations

from datetime import datetime

from models.commands import NotificationOptOut, SetCadence
from models.enums import CadencePlan, NoContactOffer


def no_contact(when: datetime) -> SetCadence:
    """The victim's confirmed wish for no contact at all."""
    return SetCadence(
        at=when,
        plan=CadencePlan.NO_CONTACT,
        victim_wish=True,
        alone=True,
        verified=True,
        offers=(NoContactOffer.IDVA,),
        notices=NotificationOptOut.NONE,
        no_recontact=True,
        note_ref="note-1",
    )
