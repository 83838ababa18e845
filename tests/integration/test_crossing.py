"""A referral is taken back while its request for a place on a list is on its way."""

from __future__ import annotations

from casework.watchdog import check
from models.commands import MoveReferral, Refer, WithdrawReferral
from models.enums import (
    AgendaState,
    ConsentStatus,
    MaracCriterion,
    ReferralPathway,
    ReferralState,
)
from tests.integration.force import MARAC, Force
from tests.models.play_referral import WHOLE_FORM
from tests.site import DALO


async def test_a_referral_taken_back_while_it_is_being_listed_is_off_the_list(
    force: Force,
) -> None:
    meeting = await force.soon_a_meeting(3600)
    ref, *_ = await force.do(
        DALO,
        force.case_ref,
        Refer,
        pathway=ReferralPathway.MARAC,
        perpetrator_ref=force.perpetrator_ref,
        criteria=(MaracCriterion.PROFESSIONAL_JUDGEMENT,),
        consent_status=ConsentStatus.GIVEN,
        emergency=True,
        facts=WHOLE_FORM,
    )
    # Both are recorded before the relay carries the request for a place.
    for kind, given in (
        (MoveReferral, {"to": ReferralState.ACCEPTED}),
        (WithdrawReferral, {"reason": "MADE_IN_ERROR"}),
    ):
        await force.send_only(MARAC, ref, kind, **given)
    await force.quiet()
    (item,) = (await force.meeting_now(meeting)).agenda
    assert (item.referral_ref, item.state) == (ref, AgendaState.WITHDRAWN)
    assert await check(force.site.runtime, share=1.0) == []
