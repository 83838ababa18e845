"""The referral form that goes to a meeting (docs/domain.md 8.1): what is recorded, and plainly what
is not. The safe number and the safe times stand in it as the plan has them at this moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from casework.case_reads import ask
from casework.documents.content import (
    NOT_KNOWN,
    RESTRICTED,
    WITHHELD,
    Asked,
    may_see_identity,
    parties,
)
from casework.documents.model import Document, Section
from models.access import cell
from models.base import Refused
from models.case.view import CaseView
from models.data_classes import DataClass
from models.ids import case_stream, referral_stream
from models.instants import show
from models.referral.pathways import PATHWAYS
from models.referral.view import ReferralView
from models.safe_contact import SafeContactPlan, SafeWindow

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
BY_HAND = "not held here: the referrer adds them by hand"
NO_PLAN = "no plan is known at this moment: do not contact the victim; ask the DALO"


async def referral_form(asked: Asked, ref: str) -> Document:
    """The form of one referral. Raises Refused where its workflow does not answer: a form made from
    half of the facts would be taken for the whole."""
    runtime = asked.runtime
    found: ReferralView | None = await ask(runtime, referral_stream(ref), "view", ReferralView)
    if found is None:
        raise Refused(
            "NO_ANSWER", "the referral did not answer", "check that a worker runs, then try again"
        )
    facts = found.summary
    victim_ref = str(facts.get("victim_ref") or "")
    plan = await _plan(asked, found.case_ref)
    async with runtime.engine.connect() as conn:
        who = (await parties(asked, conn, [ref])).get(ref)
        routes: dict[str, str] = {}
        if plan is not None and who is not None and who.name not in (WITHHELD, RESTRICTED):
            routes = await runtime.secrets.read_routes(conn, victim_ref)
    people = (
        ("Victim", victim_ref or NOT_KNOWN),
        ("Name", who.name if who else NOT_KNOWN),
        ("Perpetrator", str(facts.get("perpetrator_ref") or NOT_KNOWN)),
        ("Victim's date of birth, address, diversity", BY_HAND),
        ("Perpetrators' names, dates of birth, addresses", BY_HAND),
    )
    return Document(
        title=f"{found.pathway.value} referral form",
        reference=ref,
        recipient=asked.recipient,
        made_at=runtime.clock(),
        made_by=asked.grant.actor,
        sections=(
            Section(heading="Referral", facts=_referral(found)),
            Section(heading="People", facts=people),
            Section(heading="Safe contact", facts=_safe(asked, plan, routes)),
            Section(heading="Form", facts=_form(found)),
        ),
    )


async def _plan(asked: Asked, case_ref: str) -> SafeContactPlan | None:
    if not case_ref or not cell(asked.grant.role, DataClass.SAFE_CONTACT_PLAN).read:
        return None
    view: CaseView | None = await ask(asked.runtime, case_stream(case_ref), "view", CaseView)
    return view.plan if view else None


def _referral(found: ReferralView) -> tuple[tuple[str, str], ...]:
    facts = found.summary
    submitted = facts.get("submitted_at")
    return (
        ("Case", found.case_ref or "none"),
        ("Submitted", show(datetime.fromisoformat(submitted)) if submitted else "not yet"),
        ("Referrer", str((facts.get("details") or {}).get("asked_by") or NOT_KNOWN)),
        ("Officer now", str(facts.get("owner") or NOT_KNOWN)),
        ("Type", str(facts.get("referral_type") or NOT_KNOWN)),
        ("Repeat of", str(facts.get("repeat_of") or "none")),
        ("Criteria", ", ".join(facts.get("criteria") or ()) or NOT_KNOWN),
        ("Consent (a wish, not the basis)", str(facts.get("consent_status") or NOT_KNOWN)),
        ("Lawful basis for sharing", str(facts.get("disclosure_basis") or NOT_KNOWN)),
    )


def _safe(
    asked: Asked, plan: SafeContactPlan | None, routes: dict[str, str]
) -> tuple[tuple[str, str], ...]:
    if not may_see_identity(asked.grant.role):
        return (("Safe number and times", WITHHELD),)
    if plan is None:
        return (("Safe number and times", NO_PLAN),)
    rules = (
        ("Voicemail", "allowed" if plan.voicemail_allowed else "never"),
        ("Text messages", "allowed" if plan.sms_allowed else "never"),
        ("Letters", "allowed" if plan.letters_allowed else "never"),
        ("Number shown", "withheld" if plan.caller_id_withheld else "shown"),
        ("Plan reviewed", show(plan.plan_reviewed_at)),
    )
    numbers = tuple(
        (
            f"Safe number {route.route_id} ({route.channel.value})",
            routes.get(route.route_id, NOT_KNOWN),
        )
        for route in plan.routes
        if route.verified_at is not None and not plan.device_compromised
    ) or (("Safe number", NO_PLAN),)
    times = ", ".join(map(_window, plan.safe_windows)) or "none agreed: ask the DALO first"
    return (*numbers, ("Safe times", times), *rules)


def _window(window: SafeWindow) -> str:
    days = " ".join(DAYS[day] for day in window.weekdays)
    holidays = ", bank holidays too" if window.bank_holidays else ""
    return f"{days} {window.opens:%H:%M}-{window.closes:%H:%M}{holidays}"


def _form(found: ReferralView) -> tuple[tuple[str, str], ...]:
    path = PATHWAYS[found.pathway]
    return tuple(
        (field.about.capitalize(), _value(found.facts, field.name)) for field in path.fields
    )


def _value(facts: dict[str, Any], name: str) -> str:
    value = facts.get(name)
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value) if value not in (None, "") else NOT_KNOWN
