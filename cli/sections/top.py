"""The head of a case's screen: who, how urgent, what must not be missed, contact and wishes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rich.text import Text

from casework.case_reads import READ_MODEL, CaseScreen
from cli.screen import due, note, relative, when, words
from cli.told import plain
from models.case.essentials.state import EssentialFacts
from models.case.handover.state import HandoverFacts
from models.events import Json
from models.instants import show


def alarm(text: str) -> Text:
    """A line that stands above everything else."""
    return Text(text, style="bold red")


def instant(value: Any) -> datetime | None:
    """An instant of a row, which may be text."""
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    return value if isinstance(value, datetime) else None


def at(value: Any) -> str:
    """An instant of a row for people."""
    return when(instant(value))


def head(screen: CaseScreen) -> list[Text]:
    """Reference, state, risk, people."""
    facts = screen.view.summary
    risk = f"{facts.get('risk_grade') or '-'} risk"
    if facts.get("grade_pending_review"):
        risk += " (grade pending review)"
    flags = [
        name
        for name, on in (
            ("reticent", facts.get("reticent")),
            ("over capacity", facts.get("over_capacity")),
            ("contact paused", screen.view.interruption is not None),
        )
        if on
    ]
    people = (
        f"victim {screen.view.victim_ref}   DALO {facts.get('dalo_id') or 'nobody yet'}"
        f"   supervisor {words(facts.get('supervisor_id'))}   {facts.get('district') or ''}"
    )
    course = (
        f"opened {at(facts.get('opened_at'))}   engagement {words(facts.get('engagement_status'))}"
        f"   needs {screen.view.needs_status}   cadence {words(facts.get('cadence_plan'))}"
    )
    first = f"{screen.view.case_ref}  {words(facts.get('state'))}  {risk}"
    lines = [Text(first, style="bold"), Text(people), Text(course)]
    if flags:
        lines.append(Text(", ".join(flags), style="yellow"))
    if facts.get("previous_case_ref"):
        lines.append(Text(f"follows {facts['previous_case_ref']}"))
    if facts.get("closed_at"):
        reason = plain(facts.get("closure_reason") or "")
        lines.append(Text(f"closed {at(facts['closed_at'])} ({reason})", style="bold"))
    return lines


def alarms(screen: CaseScreen) -> list[Text]:
    """What stands above every duty: a freeze, threats, breaches, holds, allegations, locks."""
    essentials = screen.view.essentials
    found = _essentials(essentials) if essentials else _flags(screen.view.summary)
    for view in screen.incident_views:
        for breach in (view.orders.breaches if view.orders else {}).values():
            arrested = "arrested" if breach.arrested_at else "NOT ARRESTED"
            found.append(
                f"ORDER BREACHED: {breach.order_type.value} {breach.order_id}"
                f" {show(breach.at)}, {arrested} (incident {view.incident_ref})"
            )
    handover = screen.view.handover
    if handover and handover.restricted:
        found.append("RESTRICTED: open to its officer, its supervisor and the area's inspector")
    return [alarm(line) for line in found]


def _essentials(facts: EssentialFacts) -> list[str]:
    found = [
        f"FROZEN: {plain(each.harm.value)} of the {plain(each.party.value)}, recorded"
        f" {show(each.at)}; nothing is sent, and no clock drives contact"
        for each in facts.freezes
    ]
    found += [
        f"THREAT TO LIFE {ref}: {each.warned} warned {show(each.at)} by {each.warned_by},"
        f" authorised by {each.authorised_by}; under review"
        for ref, each in facts.threats.items()
    ]
    found += [
        f"LEGAL HOLD {ref} since {show(each.placed_at)} by {each.placed_by}"
        f" ({plain(each.reason)}): nothing may be erased"
        for ref, each in facts.holds.items()
    ]
    found += [
        f"BOTH PARTIES ALLEGE: incident {ref} and {', '.join(others)} wait for a"
        " primary-aggressor review"
        for ref, others in facts.aggressor_reviews.items()
    ]
    found += [
        f"OTHER VICTIMS in incident {ref}: {', '.join(others)}, each with a case of their own"
        for ref, others in facts.other_victims.items()
    ]
    return found + [
        f"DISCLOSURE REQUEST {ref} due {show(due_at)}" for ref, due_at in facts.disclosures.items()
    ]


def _flags(summary: Json) -> list[str]:
    """The same from the read model, which keeps no particulars."""
    flags = summary.get("flags") or {}
    return [name.upper().replace("_", " ") for name, on in flags.items() if on]


def contact(screen: CaseScreen, now: datetime) -> Text:
    """When contact is owed."""
    facts = screen.view.summary
    raw = instant(facts.get("next_contact_due_raw"))
    adjusted = instant(facts.get("next_contact_due_adjusted"))
    if adjusted is None:
        known = screen.source != READ_MODEL
        return Text(f"next contact: {'none owed now' if known else 'not known to the read model'}")
    line = Text("next contact by ").append_text(due(adjusted, now))
    if raw is not None and raw != adjusted:
        line.append(f"   moved to a safe window; without it {show(raw)} ({relative(raw, now)})")
    last = instant(facts.get("last_contact_at"))
    return line.append(f"   last {when(last)}   ladder {words(facts.get('ladder_step'))}")


def limits(screen: CaseScreen) -> list[Text]:
    """What stands in the way of contact, and whether the record is behind."""
    lines = []
    if screen.view.suspended:
        lines.append(note(f"suspended: {', '.join(screen.view.suspended)}"))
    pause = screen.view.interruption
    if pause is not None:
        lines.append(
            note(
                f"contact paused until {show(pause.until)} by {pause.owner} ({plain(pause.reason)})"
            )
        )
    if screen.view.unrecorded:
        lines.append(note(f"{screen.view.unrecorded} events wait to be recorded"))
    return lines


def wishes(screen: CaseScreen) -> list[Text]:
    """What the victim asked for. The row says it, so the read model knows it too."""
    if "WISHES_CONSENT" in screen.hidden:
        return []
    row: Json = screen.view.summary.get("wishes") or {}
    said, told = screen.view.wishes, []
    opt_out = row.get("notification_opt_out") or (said.notification_opt_out.value if said else "")
    opted_at = row.get("opted_out_at") or (said.opted_out_at if said else None)
    if opt_out and opted_at:
        told.append(f"opts out of notices: {opt_out} (said {at(opted_at)})")
    if row.get("no_contact_at"):
        again = row.get("recontact_on")
        when_again = f"; asked again on {plain(again)}" if again else ""
        told.append(f"asked for NO CONTACT {at(row['no_contact_at'])}{when_again}")
    told += [
        text
        for text, on in (
            ("one safe approach is allowed", row.get("approach") == "ALLOWED"),
            ("the one safe approach was made; wishes come first", row.get("approach") == "USED"),
            ("asks for another officer, undecided", row.get("other_officer_asked")),
            ("named a third party for contact", row.get("third_party")),
        )
        if on
    ]
    if row.get("support_withdrawn_at"):
        reasons = plain(row.get("withdrawal_reasons") or [])
        told.append(
            f"withdrew support for the prosecution {at(row['support_withdrawn_at'])}"
            f" ({reasons}; pressure: {plain(row.get('pressure') or 'not checked')})"
        )
    if said is not None and said.noted_at is not None:
        told.append(f"wishes noted {show(said.noted_at)}: {said.note_ref}")
    return [Text(f"wishes: {line}") for line in told]


def handover(facts: HandoverFacts | None) -> list[Text]:
    """Who else has the case now, or is about to."""
    if facts is None:
        return []
    told = []
    if facts.pending:
        each = facts.pending
        told.append(
            f"handover {each.handover_id} from {each.old} to {each.new} since"
            f" {show(each.begun_at)}: not accepted yet, {each.old} still answers"
        )
    if facts.cover:
        cover = facts.cover
        told.append(
            f"{cover.cover_id} covers for {cover.officer_id} from {show(cover.away_from)}"
            f" to {show(cover.away_until)} ({plain(cover.reason)})"
        )
    if facts.transfer:
        move = facts.transfer
        told.append(
            f"transfer {move.transfer_id} offered to {move.to_area} {show(move.offered_at)}"
            f" by {move.offered_by}: not answered yet"
        )
    if facts.asked:
        ask = facts.asked
        told.append(
            f"closure asked for by {ask.asked_by} {show(ask.asked_at)}"
            f" ({plain(ask.reason.value)}): a supervisor decides"
        )
    if facts.conflicts:
        told.append(f"conflict of interest: {', '.join(facts.conflicts)}")
    if facts.merge_reviews:
        told.append(f"merged in, to be looked through: {', '.join(facts.merge_reviews)}")
    return [note(line) for line in told]
