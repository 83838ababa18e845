"""Small ledgers of the six duties, in the form that the workflows append."""

from __future__ import annotations

from models.events import Json
from models.ids import case_stream, incident_stream, matac_stream, meeting_stream, referral_stream
from tests.evaluation.history import CASE, INCIDENT, VICTIM, History, at

MEETING = meeting_stream("MARAC", "Medway", "2027-03-11")
WAS_INCIDENT = incident_stream(INCIDENT, VICTIM)


def iso(when: str) -> str | None:
    """A London time as events hold instants; None where there is none."""
    return at(when).isoformat() if when else None


class Duties(History):
    """Events of referrals, visits, meetings, suspect, orders, notifications and choices."""

    def graded(self, when: str, grade: str = "HIGH", case: str = CASE) -> None:
        self.event(case_stream(case), "case:risk:graded", when, {"case_ref": case, "grade": grade})

    def row(self, when: str, case: str = CASE, **changed: object) -> None:
        """The case's row as far as it changed."""
        self.event(case_stream(case), "case:changed", when, {"case_ref": case, **changed})

    def referred(
        self,
        when: str,
        pathway: str,
        number: int = 1,
        case: str = CASE,
        *states: str,
        criteria: tuple[str, ...] = (),
        repeat: bool = False,
    ) -> str:
        """A referral that a case made; it enters the states at once, its first unless said."""
        ref = f"{pathway}-2027-{number:05d}"
        first = {"MASIP": "REFERRED", "MATAC": "NOMINATED"}.get(pathway, "SUBMITTED")
        made = {"case_ref": case, "referral_ref": ref, "pathway": pathway}
        kind = "REPEAT" if repeat else "FIRST"
        told = {**made, "criteria": list(criteria), "referral_type": kind}
        self.event(case_stream(case), "case:referral:made", when, told)
        begun = {**made, "area": "Medway", "perpetrator_ref": f"PER-{number:04d}"}
        self.event(referral_stream(ref), "referral:begun", when, begun)
        for state in states or (first,):
            self.enters(when, ref, state)
        return ref

    def enters(self, when: str, ref: str, state: str, outcome: str = "") -> None:
        """A referral enters a state."""
        data = {"referral_ref": ref, "state": state, "was": "", "outcome": outcome}
        self.event(referral_stream(ref), f"referral:{state.lower()}", when, data)

    def recommended(
        self,
        when: str,
        rule: str,
        number: int = 1,
        case: str = CASE,
        *,
        decision: str = "",
        decided: str = "",
        review: str = "",
        criteria: tuple[str, ...] = (),
    ) -> None:
        """A recommendation, and the choice where one is given."""
        ref = {"recommendation_id": f"REC-{number:03d}", "rule": rule}
        met = {"criteria": {criterion: {"met_at": iso(when)} for criterion in criteria}}
        stream = case_stream(case)
        self.event(stream, "recommendation:made", when, {**ref, "inputs": met})
        if decision:
            answer = {**ref, "decision": decision}
            self.event(stream, "recommendation:decided", decided or when, answer)
        if review:
            said = {**ref, "review": review}
            self.event(stream, "recommendation:reviewed", decided or when, said)

    def authorised(self, when: str, due: str, number: int = 1, case: str = CASE) -> None:
        """A visit was authorised."""
        data = {"visit_id": f"VIS-{number:03d}", "authorised_at": iso(when), "due_at": iso(due)}
        self.event(case_stream(case), "visit:authorised", when, data)

    def visited(self, when: str, *outcomes: str, number: int = 1, case: str = CASE) -> None:
        """An attempt at a visit."""
        flags = {"outcomes": list(outcomes)}
        data: Json = {"visit_id": f"VIS-{number:03d}", "flags": flags}
        self.event(case_stream(case), "visit:attempted", when, data)

    def visit_over(self, when: str, number: int = 1, case: str = CASE) -> None:
        """The visit ended."""
        data = {"visit_id": f"VIS-{number:03d}", "state": "ENDED_UNSEEN"}
        self.event(case_stream(case), "visit:ended", when, data)

    def action(
        self, when: str, ref: str, number: int, due: str, *, ended: str = "", status: str = "DONE"
    ) -> None:
        """A meeting's action, issued with its due time, and its end."""
        one = {"action_id": str(number)}
        added = {**one, "referral_ref": ref, "due_at": None, "status": "OPEN"}
        self.event(MEETING, "action:added", when, added)
        self.event(MEETING, "action:due", when, {**one, "due_at": iso(due), "status": "OPEN"})
        if ended:
            over = {**one, "status": status, "ended_at": iso(ended)}
            self.event(MEETING, "action:ended", ended, over)

    def scored(
        self, when: str, person: int, *, serial: bool = True, ref: str = "", area: str = "Medway"
    ) -> None:
        """One line of a scoring run."""
        data = {"perpetrator_ref": f"PER-{person:04d}", "serial": serial, "referral_ref": ref}
        self.event(matac_stream(area, when[:7]), "matac:run:scored", when, data)

    def news(
        self,
        when: str,
        due: str,
        number: int = 1,
        *,
        told: str = "",
        outcome: str = "",
        kind: str = "SUSPECT_ARRESTED",
        safe: bool = True,
        stream: str = WAS_INCIDENT,
    ) -> None:
        """The victim is owed news of something, and what became of it."""
        one = {"notification_id": f"NOT-{number:03d}", "event_kind": kind}
        owed = {**one, "due_at": iso(due), "outcome": "DUE"}
        self.event(stream, "notification:due", when, owed)
        end = outcome or ("TOLD" if told else "")
        if end:
            data = {**one, "outcome": end, "safe": safe, "notified_at": iso(told)}
            self.event(stream, f"notification:{end.lower()}", told or when, data)

    def suspect(self, when: str, new: str, stream: str = WAS_INCIDENT, person: str = "") -> None:
        """The suspect's status changed."""
        data = {"old": None, "new": new, "perpetrator_ref": person}
        self.event(stream, "incident:suspect:changed", when, data)

    def order(
        self, when: str, kind: str, number: int = 1, *, error: bool = False, made: str = ""
    ) -> None:
        """An order was made; `error`: and taken back as recorded in error."""
        data = {"order_id": f"ORD-{number:03d}", "order_type": kind, "made_at": iso(made or when)}
        self.event(WAS_INCIDENT, "order:made", when, {**data, "status": "MADE"})
        if error:
            self.event(WAS_INCIDENT, "order:ended", when, {**data, "status": "IN_ERROR"})

    def left(self, when: str, case: str = CASE) -> None:
        """No contact was asked for and agreed."""
        self.event(case_stream(case), "contact:cadence:set", when, {"plan": "NO_CONTACT"})

    def withdrew(self, when: str, case: str = CASE) -> None:
        """Support for the prosecution was withdrawn."""
        self.event(case_stream(case), "case:support:withdrawn", when, {"at": iso(when)})

    def closed(self, when: str, reason: str, case: str = CASE) -> None:
        """The case was closed."""
        self.event(case_stream(case), "case:closed", when, {"case_ref": case, "reason": reason})
