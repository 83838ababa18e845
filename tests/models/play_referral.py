"""A referral played without an engine, waking at each clock as the workflow kernel does."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from models.commands import Grant, MoveReferral, ReferralCommand
from models.enums import (
    ClockType,
    ConsentStatus,
    ReferralPathway,
    ReferralState,
    RiskGrade,
    Role,
)
from models.events import Effect, EffectKind, Event
from models.ids import referral_stream
from models.instants import utc
from models.messages import ReferralChanged, ReferralMessage, ReferralStart
from models.policy import Policy
from models.referral import handle
from models.referral.state import new_state
from models.referral.view import ReferralView, view
from models.stream import Context, fire_due, next_instant
from tests.models.play_incident import shipped

DALO, SERGEANT = "PC 5001", "PS 4001"
CASE = "CASE-2027-00001"
GRANTS = {
    role: Grant(actor=actor, role=role, access_log_id="1")
    for role, actor in {
        Role.DALO: DALO,
        Role.SUPERVISOR: SERGEANT,
        Role.IDVA_PARTNER: "IDVA 1",
        Role.ISVA_PARTNER: "ISVA 1",
        Role.MARAC_COORDINATOR: "MC 1",
        Role.MATAC_COORDINATOR: "TC 1",
        Role.MASIP_LEAD: "SL 1",
    }.items()
}
PARTNER = {
    ReferralPathway.IDVA: Role.IDVA_PARTNER,
    ReferralPathway.MARAC: Role.MARAC_COORDINATOR,
    ReferralPathway.MATAC: Role.MATAC_COORDINATOR,
    ReferralPathway.MASIP: Role.MASIP_LEAD,
}
WHOLE_FORM = {
    "agency": "POLICE",
    "safe_contact_ref": "PLAN-7",
    "gp_ref": "GP-12",
    "relationship": "EX_PARTNER",
    "children": "CHD-0001,CHD-0002",
    "risk_checklist_ref": "RA-1",
    "reason": "STRANGULATION",
    "victim_aware": "YES",
    "afraid_of": "SUSPECT",
    "must_not_be_told_ref": "NOTE-9",
    "idva_status": "REFERRED",
    "prior_marac_dates": "NONE",
}


class Play:
    """One referral. `state.unrecorded` is its whole history, since nothing records it away."""

    def __init__(
        self,
        pathway: ReferralPathway,
        submitted_at: datetime,
        *,
        policy: dict[str, Any] | None = None,
        **changes: Any,
    ) -> None:
        self.policy, self.calendar = shipped()
        self.policy = _changed(self.policy, policy or {})
        self.now = utc(submitted_at)
        facts: dict[str, Any] = {
            "referral_ref": f"{pathway.value}-2027-00001",
            "pathway": pathway,
            "area": "Medway",
            "asked_by": DALO,
            "case_ref": CASE,
            "victim_ref": "VIC-0001",
            "perpetrator_ref": "PER-0001",
            "dalo_id": DALO,
            "supervisor_id": SERGEANT,
            "risk_grade": RiskGrade.HIGH,
            "consent_status": ConsentStatus.GIVEN,
            "submitted_at": submitted_at,
            "facts": WHOLE_FORM if pathway is ReferralPathway.MARAC else {},
            "policy_version": self.policy.version,
            "calendar_version": self.calendar.version,
            **changes,
        }
        start = ReferralStart.model_validate(facts)
        self.state = new_state(start, referral_stream(start.referral_ref))
        self.state.release = 2
        handle.begin(self.state, self.context(), start)
        self.settle()

    def context(self, grant: Grant | None = None) -> Context:
        actor = (grant.actor, grant.role.value) if grant else ("SYSTEM", "SYSTEM")
        return Context(self.now, self.policy, self.calendar, actor[0], actor[1])

    def settle(self) -> None:
        """React and fire until nothing more is said; a second reaction changes nothing."""
        for _ in range(50):
            before = self.state.next_seq
            handle.react(self.state, self.context())
            fire_due(self.state, self.context())
            if self.state.next_seq == before:
                return
        raise AssertionError("the referral does not come to rest")

    def to(self, when: datetime) -> Play:
        """Let time pass, waking at each clock as the engine's one timer does."""
        while (wake := next_instant(self.state)) is not None and wake <= when:
            self.now = max(self.now, wake)
            self.settle()
        self.now = max(self.now, utc(when))
        self.settle()
        return self

    def tell(self, message: ReferralMessage) -> None:
        handle.receive(self.state, self.context(), message)
        self.settle()

    def do(self, command: ReferralCommand, role: Role | None = None) -> tuple[str, ...]:
        grant = GRANTS[role or PARTNER[self.state.pathway]]
        return self.do_as(command, grant)

    def do_as(self, command: ReferralCommand, grant: Grant) -> tuple[str, ...]:
        ctx = self.context(grant)
        handle.check(self.state, ctx, command, grant)
        codes = handle.apply(self.state, ctx, command)
        self.settle()
        return codes

    def move(self, to: ReferralState, role: Role | None = None, **given: Any) -> tuple[str, ...]:
        """Go on now, or `at` the time given."""
        return self.do(MoveReferral(**{"at": self.now, "to": to, **given}), role)

    def stands(self) -> ReferralState:
        return self.state.state

    def view(self) -> ReferralView:
        return view(self.state, self.now)

    def due(self, clock_type: ClockType, subject: str = "") -> datetime:
        """When the open clock is due."""
        return next(
            clock.due_at
            for clock in self.state.clocks.values()
            if clock.clock_type is clock_type and (not subject or clock.subject == subject)
        )

    def open_clocks(self) -> set[str]:
        return {
            f"{clock.clock_type.value} {clock.subject}".strip()
            for clock in self.state.clocks.values()
        }

    def open_tasks(self) -> set[tuple[str, str]]:
        return {(task.kind, task.owner) for task in self.state.tasks.values()}

    def events(self, tag: str) -> list[Event]:
        return [event for event in self.state.unrecorded if event.tag == tag]

    def ended_clocks(self, what: str) -> set[str]:
        """Types of the clocks that were `met` or `cancelled`."""
        return {event.data["clock"]["clock_type"] for event in self.events(f"clock:{what}")}

    def effects(self, kind: EffectKind, target: str = "") -> list[Effect]:
        return [e for e in self.state.effects if e.kind is kind and e.target.startswith(target)]

    def told(self, case_ref: str = CASE) -> list[ReferralChanged]:
        """What a case was told, in order."""
        tells = self.effects(EffectKind.TELL, f"case/{case_ref}")
        return [ReferralChanged.model_validate(effect.payload) for effect in tells]


def _changed(policy: Policy, changes: dict[str, Any]) -> Policy:
    """The policy with other values of its `marac` section."""
    return policy.model_copy(update={"marac": policy.marac.model_copy(update=changes)})
