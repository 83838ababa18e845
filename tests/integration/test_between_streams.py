"""What reaches running work from outside: a new calendar, a second victim of an incident."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from casework.renewal import spread_calendar
from casework.watchdog import check
from models import registry
from models.calendars import Calendar
from models.commands import MoveReferral, Refer
from models.enums import (
    ConsentStatus,
    MaracCriterion,
    ReferralPathway,
    ReferralState,
    RiskGrade,
)
from models.ids import referral_stream
from models.instants import london_date
from store.ledger import events_of
from store.rebuild import compare
from store.tables import case as case_table
from store.tables import clock
from tests.integration.force import MARAC, Force
from tests.models.play_referral import WHOLE_FORM
from tests.site import DALO


async def to_marac(force: Force) -> str:
    """A MARAC referral of the case, accepted, so that it asks for a place; not yet listed."""
    ref, *_ = await force.do(
        DALO,
        force.case_ref,
        Refer,
        pathway=ReferralPathway.MARAC,
        perpetrator_ref=force.perpetrator_ref,
        criteria=(MaracCriterion.PROFESSIONAL_JUDGEMENT,),
        consent_status=ConsentStatus.GIVEN,
        facts=WHOLE_FORM,
    )
    return ref


def with_holidays(before: Calendar, force: Force) -> Calendar:
    """The calendar with the next three weekdays as bank holidays."""
    today = london_date(force.now())
    days = [today + timedelta(days=n) for n in range(1, 8)]
    more = [day for day in days if before.is_working_day(day)][:3]
    holidays = tuple(sorted({*before.bank_holidays, *more}))
    return before.model_copy(
        update={"version": "ew-2099.1@cafecafecafe", "bank_holidays": holidays}
    )


async def test_a_new_calendar_reaches_case_incident_referral_and_meeting(force: Force) -> None:
    ref = await to_marac(force)
    await force.do(MARAC, ref, MoveReferral, to=ReferralState.SCREENING)
    meeting = await force.soon_a_meeting(3600)
    runtime = force.site.runtime
    assert await spread_calendar(runtime) == ()
    before = registry.current_calendar()
    new = with_holidays(before, force)
    registry.register_calendar(new, current=True)
    try:
        looked = await spread_calendar(runtime, dry_run=True)
        told = await spread_calendar(runtime)
        assert looked == told
        assert {force.case, force.incident, referral_stream(ref), meeting} <= set(told)
        assert await spread_calendar(runtime) == ()
        await force.quiet()
        async with runtime.engine.connect() as conn:
            for stream in told:
                tags = [event.tag for event in await events_of(conn, stream)]
                assert tags.count("stream:calendar:changed") == 1
            moved = (
                await conn.execute(
                    select(clock.c.stream).where(
                        clock.c.status == "OPEN", clock.c.calendar_version == new.version
                    )
                )
            ).scalars()
            assert {force.incident, referral_stream(ref)} <= set(moved)
        assert await compare(runtime.engine) == []
        assert await check(runtime, share=1.0) == []
    finally:
        registry.register_calendar(before, current=True)


async def test_the_first_victims_case_learns_of_a_second_one(force: Force) -> None:
    before = (await force.case_now()).essentials
    assert before is not None
    assert before.other_victims == {}
    second = f"{force.victim_ref}B"
    await force.another_report(
        incident_ref=force.incident_ref,
        victim_ref=second,
        perpetrator_ref=force.perpetrator_ref,
        risk_grade=RiskGrade.HIGH,
    )
    case = await force.case_now()
    assert case.essentials is not None
    assert case.essentials.other_victims == {force.incident_ref: [second]}
    assert case.victim_ref == force.victim_ref
    async with force.site.runtime.engine.connect() as conn:
        flags = await conn.scalar(
            select(case_table.c.flags).where(case_table.c.case_ref == force.case_ref)
        )
        assert flags is not None
        assert flags["other_victims"]
        assert await compare(force.site.runtime.engine) == []
