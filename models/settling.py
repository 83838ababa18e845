"""Which command settles a clock: one entry a clock type, so that every item of a worklist says what
to do. Words in capitals are the person's to fill in; what a clock knows is filled in already."""

from __future__ import annotations

import shlex
from functools import cache

from models.clocks import Clock
from models.commands import ENVELOPES, kinds_of
from models.enums import ClockType
from models.ids import reference_of

T = ClockType
_ATTEMPT = "record-attempt --channel CHANNEL --result RESULT"
_EVIDENCE = "record-evidence --item ITEM=CAPTURED"
_HEARING = "record-hearing --order-id {subject} --result RESULT"
_HELD = "record-attendance --present PERSON=AGENCY"
_RESEARCH = "return-research --agency {subject} --result RESULT"
_TOLD = "--channel CHANNEL --outcome TOLD"
_CHASE = "chase-referral"
SETTLED_BY: dict[ClockType, str] = {
    T.GOLDEN_HOUR: _EVIDENCE,
    T.FIRST_CONTACT: _ATTEMPT,
    T.CONTACT_CADENCE: _ATTEMPT,
    T.NEEDS_ASSESSMENT: "complete-needs-assessment --need DOMAIN=LEVEL --others NONE",
    T.NEED_ACTION: "complete-need-action --action-id {subject}",
    T.VICTIM_NOTIFICATION: f"record-notification --notification-id {{subject}} {_TOLD}",
    T.SUPPORT_REFERRAL: "refer-support --outcome OUTCOME --consent-status CONSENT",
    T.IDVA_REFERRAL: "refer --pathway IDVA --consent-status CONSENT",
    T.MARAC_SUBMIT: "refer --pathway MARAC --criteria CRITERION --consent-status CONSENT",
    T.SUSPECT_ARREST: "change-suspect-status --status ARRESTED --arrest-reason REASON",
    T.SUSPECT_REVIEW: "review-outstanding-suspect",
    T.HHV_AUTHORISE: "authorise-visit --opens-at TIME --until TIME",
    T.HHV_DUE: "record-visit --outcomes OUTCOME",
    T.HHV_REATTEMPT: "record-visit --outcomes OUTCOME",
    T.SILENCE_REVIEW: "select-visit --selected-for ORDER_AND_SILENCE",
    T.ENCOMPASS: "send-encompass --child-ref {subject} --recipient RECIPIENT --presence PRESENCE",
    T.CHILD_REFERRAL: "refer-child --referral REFERRAL --service SERVICE",
    T.POLICE_PROTECTION: "end-police-protection --child-ref {subject} --outcome OUTCOME",
    T.CARE_ACT_CONCERN: "send-care-act-concern --service SERVICE",
    T.DVPN_HEARING: _HEARING,
    T.DVPO_EXPIRY: "end-order --order-id {subject} --reason REASON",
    T.ORDER_EXPIRY: "end-order --order-id {subject} --reason REASON",
    T.DVDS: "record-dvds --dvds-id {subject} --outcome OUTCOME",
    T.BAIL_EXPIRY: "extend-bail --authority AUTHORITY",
    T.CUSTODY: "change-suspect-status --status STATUS",
    T.RELEASE_PLANNED: f"record-notification --event-kind RELEASE_PLANNED {_TOLD}",
    T.RIGHT_TO_REVIEW: "request-review",
    T.COURT_RESULT: "record-court-event --event COURT_OUTCOME --hearing-id {subject}"
    " --result RESULT",
    T.SPO_NOTIFICATION: "record-spo-notification --order-id {subject}",
    T.CASE_REVIEW: "review-case",
    T.EVIDENCE_ITEM: "record-evidence --item {subject}=CAPTURED",
    T.STALKING_SCREEN: "screen-stalking --fixated ANSWER --obsessive ANSWER --unwanted ANSWER"
    " --repeated ANSWER --unwanted-acts NUMBER",
    T.RISK_REVIEW: "assess-risk --tool TOOL",
    T.RISK_SUPERVISOR_REVIEW: "review-grade",
    T.CADENCE_SIGNOFF_REVIEW: "approve-cadence --approve --reason REASON",
    T.LADDER_STEP: "record-ladder-step --step {subject} --outcome OUTCOME",
    T.RECONTACT: _ATTEMPT,
    T.CONTACT_AT_EVENT: _ATTEMPT,
    T.WISHES_RENEWAL: "record-wishes --note -",
    T.PLAN_RELOOK: "confirm-safe-contact-plan",
    T.COURT_CONTACT: _ATTEMPT,
    T.PAUSE_REVIEW: "resume-contact",
    # A case that waits has no officer to take it from: somebody must have room.
    T.WAITLIST_REVIEW: "dalo roster load FILE",
    T.THREAT_TO_LIFE_REVIEW: "review-threat-to-life --threat-id {subject} --stands STANDS"
    " --reason REASON",
    T.LEGAL_HOLD_REVIEW: "review-legal-hold --hold-id {subject} --reason REASON",
    T.PRIMARY_AGGRESSOR_REVIEW: "record-primary-aggressor --incident-ref {subject}"
    " --aggressor AGGRESSOR --reason REASON",
    T.HANDOVER: "accept-handover",
    T.TRANSFER_ACCEPT: "accept-transfer --dalo-id OFFICER",
    T.MERGE_REVIEW: "review-merge",
    T.IDVA_ACK: "move-referral --to ACKNOWLEDGED",
    T.IDVA_FIRST_ATTEMPT: "record-referral-attempt --result RESULT",
    T.IDVA_ATTEMPTS: "record-referral-attempt --result RESULT",
    T.IDVA_MARAC_FEEDBACK: "give-marac-feedback",
    T.REFERRAL_CHASE: _CHASE,
    T.MARAC_SCREENING: "move-referral --to ACCEPTED",
    # The clock is the referral's; the meeting's list settles it (MEETING: see dalo meeting list).
    T.MARAC_LISTING: "dalo do MEETING list-referral --referral-ref {ref}",
    T.MARAC_TRANSFER: "confirm-transfer --answer ANSWER",
    T.MARAC_REPEAT_WINDOW: "",
    T.MATAC_SELECTION: "move-referral --to SELECTED",
    T.MATAC_REVIEW: "review-referral",
    T.MASIP_TRIAGE: "move-referral --to TRIAGED",
    T.MASIP_FORMULATION: "move-referral --to FORMULATION",
    T.MASIP_REVIEW: "review-referral",
    T.MARAC_CUTOFF: "freeze-list",
    T.MARAC_RESEARCH: _RESEARCH,
    T.MARAC_HEARING: _HELD,
    T.MARAC_ACTIONS_ISSUED: "issue-actions",
    T.MARAC_MINUTES: "issue-minutes --note -",
    T.MARAC_ACTION: "complete-action --action-id {subject}",
    T.MATAC_CUTOFF: "freeze-list",
    T.MATAC_RESEARCH: _RESEARCH,
    T.MATAC_MEETING: _HELD,
    T.MATAC_ACTIONS_ISSUED: "issue-actions",
    T.MATAC_MINUTES: "issue-minutes --note -",
    T.MATAC_ACTION: "complete-action --action-id {subject}",
    T.ACTION_ESCALATION: "complete-action --action-id {subject}",
}
"""By clock type; empty where nothing settles it but time. An entry that begins with `dalo` is the
whole command; any other goes to what the clock belongs to."""
BY_KEY: dict[tuple[ClockType, str], str] = {
    (T.REFERRAL_CHASE, "DRAFT"): "move-referral --to SUBMITTED",
    (T.REFERRAL_CHASE, "RETURNED"): "move-referral --to SUBMITTED",
    (T.REFERRAL_CHASE, "WAITLISTED"): "move-referral --to ACKNOWLEDGED",
    (T.REFERRAL_CHASE, "ATTEMPTED"): "move-referral --to CLOSED --outcome OUTCOME",
    (T.REFERRAL_CHASE, "CONSENT"): "amend-referral --consent-status CONSENT",
    (T.REFERRAL_CHASE, "TRANSFER"): "confirm-transfer --answer ANSWER",
    (T.REFERRAL_CHASE, "SCORED"): "move-referral --to NOMINATED",
    (T.REFERRAL_CHASE, "PROFILE"): "move-referral --to PROFILED --facts profile_ref=REF",
    (T.REFERRAL_CHASE, "TRIAGED"): "move-referral --to ACCEPTED",
    (T.REFERRAL_CHASE, "FORMULATION"): "move-referral --to MANAGEMENT",
    (T.EVIDENCE_ITEM, "GOLDEN_HOUR_CHASE"): _EVIDENCE,
    (T.CONTACT_AT_EVENT, "DECIDE_EVENT_CONTACT"): "allow-approach --subject {subject}"
    " --reason REASON",
    (T.WISHES_RENEWAL, "AGAIN"): "review-case",
    (T.HHV_DUE, ""): "record-ladder-step --step L4 --outcome OUTCOME",
}
"""Where a type is used for more than one thing: by its rule key, or its subject."""


def settled_by(ref: str, clock: Clock) -> str:
    """The command line that meets a clock of what `ref` names; empty where only time does."""
    # A breach of an order is heard under the order's number.
    kind, subject = clock.clock_type, clock.subject.partition("/BREACH-")[0]
    special = BY_KEY.get((kind, clock.rule_key)) or BY_KEY.get((kind, subject))
    command = (special or SETTLED_BY[kind]).format(ref=ref, subject=subject)
    if kind is T.MARAC_SUBMIT and subject:
        command += f" --perpetrator-ref {subject}"
    if not command or command.startswith("dalo "):
        return command
    return f"dalo do {ref} {command}"


def typed(stream: str) -> str:
    """A stream's reference as a command line takes it: an area may have a space in its name."""
    return shlex.quote(reference_of(stream))


def command_of(stream: str, line: str) -> str:
    """The command line that a task of a stream proposes, as a person types it: the reference in its
    place, and all that the command cannot do without. What is to be filled in stands in capitals.
    (The task itself keeps its words: they are in the ledger.)"""
    for name in (stream, "REF", reference_of(stream)):
        line = line.replace(f" {name} ", f" {typed(stream)} ")
    words = shlex.split(line)
    needed = _needed().get(words[3], {}) if words[:2] == ["dalo", "do"] and words[3:] else {}
    return " ".join([line, *(text for option, text in needed.items() if option not in words)])


@cache
def _needed() -> dict[str, dict[str, str]]:
    """By kind of command: each option that must be given, and how it is typed. When it happened is
    now where nobody says otherwise; yes or no has no word to stand for it."""
    models = (kind for target in ENVELOPES for kind in kinds_of(target))
    return {
        model.model_fields["kind"].default: dict(
            _option(name)
            for name, field in model.model_fields.items()
            if field.is_required() and field.annotation is not bool and name != "at"
        )
        for model in models
    }


def _option(field: str) -> tuple[str, str]:
    if field == "entries":
        return "--item", "--item ITEM=CAPTURED"
    option = f"--{field.replace('_', '-')}"
    return option, f"{option} {field.upper()}"
