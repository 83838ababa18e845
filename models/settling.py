"""Which command settles a clock: one entry a clock type, so that every item of a worklist says what
to do."""

from __future__ import annotations

from models.clocks import Clock
from models.enums import ClockType

T = ClockType
SETTLED_BY: dict[ClockType, str] = {
    T.GOLDEN_HOUR: "record-evidence",
    T.FIRST_CONTACT: "record-attempt",
    T.CONTACT_CADENCE: "record-attempt",
    T.NEEDS_ASSESSMENT: "complete-needs-assessment",
    T.NEED_ACTION: "complete-need-action --action-id {subject}",
    T.VICTIM_NOTIFICATION: "record-notification --notification-id {subject}",
    T.SUPPORT_REFERRAL: "refer-support",
    T.IDVA_REFERRAL: "refer --pathway IDVA",
    T.MARAC_SUBMIT: "refer --pathway MARAC",
    T.SUSPECT_ARREST: "change-suspect-status --status ARRESTED",
    T.SUSPECT_REVIEW: "review-outstanding-suspect",
    T.HHV_AUTHORISE: "authorise-visit --opens-at TIME --until TIME",
    T.HHV_DUE: "record-visit --outcomes OUTCOME",
    T.HHV_REATTEMPT: "record-visit --outcomes OUTCOME",
    T.SILENCE_REVIEW: "select-visit --selected-for ORDER_AND_SILENCE",
    T.ENCOMPASS: "send-encompass --child-ref {subject}",
    T.CHILD_REFERRAL: "refer-child --referral REFERRAL",
    T.POLICE_PROTECTION: "end-police-protection --child-ref {subject}",
    T.CARE_ACT_CONCERN: "send-care-act-concern",
    T.DVPN_HEARING: "record-hearing --order-id {subject}",
    T.DVPO_EXPIRY: "end-order --order-id {subject}",
    T.ORDER_EXPIRY: "end-order --order-id {subject}",
    T.DVDS: "record-dvds",
    T.BAIL_EXPIRY: "extend-bail",
    T.CUSTODY: "change-suspect-status",
    T.RELEASE_PLANNED: "record-notification --event-kind RELEASE_PLANNED",
    T.RIGHT_TO_REVIEW: "request-review",
    T.SPO_NOTIFICATION: "record-breach --order-id {subject}",
    T.CASE_REVIEW: "review-case",
    T.EVIDENCE_ITEM: "record-evidence --item {subject}=CAPTURED",
    T.STALKING_SCREEN: "screen-stalking",
    T.RISK_REVIEW: "assess-risk",
    T.RISK_SUPERVISOR_REVIEW: "review-grade",
    T.CADENCE_SIGNOFF_REVIEW: "approve-cadence",
    T.LADDER_STEP: "record-ladder-step --step {subject}",
    T.RECONTACT: "record-attempt",
    T.PAUSE_REVIEW: "resume-contact",
    T.WAITLIST_REVIEW: "reassign",
    T.THREAT_TO_LIFE_REVIEW: "review-threat-to-life --threat-id {subject}",
    T.LEGAL_HOLD_REVIEW: "review-legal-hold --hold-id {subject}",
    T.PRIMARY_AGGRESSOR_REVIEW: "record-primary-aggressor --incident-ref {subject}",
    T.HANDOVER: "accept-handover",
    T.TRANSFER_ACCEPT: "accept-transfer",
    T.MERGE_REVIEW: "review-merge",
    T.IDVA_ACK: "move-referral --to ACKNOWLEDGED",
    T.IDVA_FIRST_ATTEMPT: "record-referral-attempt",
    T.IDVA_ATTEMPTS: "record-referral-attempt",
    T.IDVA_MARAC_FEEDBACK: "give-marac-feedback",
    T.REFERRAL_CHASE: "move-referral --to STATE",
    T.MARAC_SCREENING: "move-referral --to ACCEPTED",
    T.MARAC_LISTING: "list-referral",
    T.MARAC_TRANSFER: "confirm-transfer",
    T.MARAC_REPEAT_WINDOW: "",
    T.MATAC_SELECTION: "move-referral --to SELECTED",
    T.MATAC_REVIEW: "review-referral",
    T.MASIP_TRIAGE: "move-referral --to TRIAGED",
    T.MASIP_FORMULATION: "move-referral --to FORMULATION",
    T.MASIP_REVIEW: "review-referral",
    T.MARAC_CUTOFF: "freeze-list",
    T.MARAC_RESEARCH: "return-research",
    T.MARAC_HEARING: "hear-referral",
    T.MARAC_ACTIONS_ISSUED: "issue-actions",
    T.MARAC_MINUTES: "issue-minutes",
    T.MARAC_ACTION: "complete-action --action-id {subject}",
    T.MATAC_CUTOFF: "freeze-list",
    T.MATAC_MEETING: "hear-referral",
    T.MATAC_ACTION: "complete-action --action-id {subject}",
}
"""By clock type; empty where nothing settles it but time."""


def settled_by(ref: str, clock: Clock) -> str:
    """The command line that meets a clock of what `ref` names; empty where only time does."""
    command = SETTLED_BY[clock.clock_type].format(subject=clock.subject)
    return f"dalo do {ref} {command}" if command else ""
