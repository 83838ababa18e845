"""Walk-through (v), the repeat alone: the same event a fortnight later, or judged by the other
definition, is none (docs/domain.md 16)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest

from models import registry
from models.base import Refused
from models.commands import ProfessionalJudgement, Refer
from models.enums import (
    ClockType,
    ConsentStatus,
    DisclosureBasis,
    MaracCriterion,
    ReferralPathway,
)
from models.instants import show
from store.tables import case, referral
from tests.walkthroughs.conftest import Opened
from tests.walkthroughs.stage import DALO, Stage
from tests.walkthroughs.withdrawn import (
    may_call,
    no_contact_asked,
    opened_and_referred,
    shouting,
)

C = ClockType
Definition = Literal["ANY_ABUSE", "CRIMINAL_ONLY"]


@pytest.fixture
def shipped() -> Iterator[None]:
    """Whatever a test makes the policy in force, the one after it finds the shipped one."""
    yield
    registry.load_shipped()


def goes_by(definition: Definition) -> None:
    """New work takes a policy that is Kent's but for the definition of a repeat."""
    kent = registry.current_policy()
    marac = kent.marac.model_copy(update={"repeat_definition": definition})
    changed = {"marac": marac, "version": f"{definition.lower()}-1@{kent.version[-12:]}"}
    registry.register_policy(kent.model_copy(update=changed), current=True)


@pytest.mark.parametrize(
    ("definition", "when"),
    [
        pytest.param("ANY_ABUSE", "2028-02-02 14:00", id="after-the-window"),
        pytest.param("CRIMINAL_ONLY", "2028-01-17 14:00", id="no-crime-by-the-other-definition"),
    ],
)
@pytest.mark.usefixtures("shipped")
async def test_the_same_event_is_no_repeat_and_is_judged_on_other_criteria(
    opened: Opened, definition: Definition, when: str
) -> None:
    async with opened("2027-01-11 09:00") as stage:
        goes_by(definition)
        await opened_and_referred(stage)
        await no_contact_asked(stage)
        await stage.to(when)
        assert (await stage.receive(shouting(when))).outcome == "LINKED_TO_OPEN_CASE"
        row = await stage.row(case, case_ref=stage.case_ref)
        assert row["state"] == "REOPENED"
        assert await may_call(stage, f"{when[:8]}21 10:30") == "SAFE"
        await no_repeat(stage)
        await judged_on_other_criteria(stage, when)
        flagged = await stage.row(referral, referral_ref=stage.refs["MARAC"])
        expired = "FLAG_EXPIRED" if definition == "ANY_ABUSE" else "FLAGGED_12M"
        assert flagged["state"] == expired
        await stage.replayed()


async def no_repeat(stage: Stage) -> None:
    """Nothing calls for a referral, and one that says it is a repeat is refused."""
    assert C.MARAC_SUBMIT not in {each.clock_type for each in await stage.clocks(stage.case)}
    again = Refer(
        at=stage.now,
        pathway=ReferralPathway.MARAC,
        criteria=(MaracCriterion.REPEAT,),
        consent_status=ConsentStatus.NOT_ASKED_UNSAFE,
        disclosure_basis=DisclosureBasis.SERIOUS_HARM_HIGH_RISK,
        reason="NO_CONTACT_ASKED",
    )
    with pytest.raises(Refused) as refused:
        await stage.tell_case(again)
    assert refused.value.code == "NOT_A_REPEAT"


async def judged_on_other_criteria(stage: Stage, when: str) -> None:
    """The officer's judgement is one, and makes a referral due within a working day."""
    now = await stage.to(f"{when[:11]}15:00")
    await stage.tell_case(ProfessionalJudgement(at=now, reason="STALKING_FEARED"))
    due = await stage.clock(stage.case, C.MARAC_SUBMIT)
    assert due.started_at == now
    tomorrow = {"2028-01-17": "Tue 18 Jan 2028", "2028-02-02": "Thu 3 Feb 2028"}[when[:10]]
    assert show(due.due_at) == f"{tomorrow} 23:59"
    assert (due.owner, due.breached_at) == (DALO, None)
