"""Sentences of referrals and meetings."""

from __future__ import annotations

from models.enums import AgendaState, MeetingState, ReferralState

_STATES = {
    f"referral:{state.value.lower()}": "referral {referral_ref} is {state}[, before {was}]"
    "[, outcome {outcome}][ ({reason})]"
    for state in ReferralState
}
_REFERRAL = {
    "referral:begun": "referral to {pathway} begun in {area}[, asked by {asked_by}]"
    "[; consent {consent_status}][; basis {disclosure_basis}][; left out: {left_out}]",
    "referral:amended": "form completed: {fields}[; consent {consent_status}]"
    "[; basis {disclosure_basis}]",
    "referral:withheld": "the victim no longer agrees, and there is no other basis: the service"
    " stops",
    "referral:resumed": "consent or another basis on record: the service may go on",
    "referral:chased": "reminder about {about} sent",
    "referral:attempt:recorded": "attempt to reach the victim: {result}[, {distinct} so far]",
    "referral:unreached": "victim not reached after {attempts} attempts",
    "referral:feedback:given": "what MARAC decided was told to the victim[ ({meeting})]",
    "referral:reviewed": "subject reviewed[extra?, one more than the series asks][ ({reason})]",
    "referral:rescored": "scored {score}[, before {before}][, on entry {entry_score}]: recency"
    " {recency}, frequency {frequency}, gravity {gravity}, victims {victims}; weights"
    " {weights_version}",
    "referral:disruption:planned": "disruption {disruption_id} planned: {disruption}; the victims'"
    " officers are asked first[ ({cases})]",
    "referral:disruption:answered": "disruption {disruption_id}: {case} answers "
    "[safe? it is safe][safe! it is NOT safe][ ({reason})]; {waiting} still to answer",
    "referral:disruption:carried_out": "disruption {disruption_id} carried out: {disruption}",
    "referral:disruption:dropped": "disruption {disruption_id} dropped ({reason}): {disruption}",
    "referral:transfer:begun": "transfer to {to_area} begun",
    "referral:transfer:answered": "{to_area} answered the transfer: {answer}[ ({reason})]",
    "referral:repeat:reported": "incident {incident_ref} of the flagged pair reported in {district}"
    "[counts?; it counts as a repeat][counts!; it does not count as a repeat]",
    "referral:repeat:decided": "repeat of incident {incident_ref}: {decision}[ ({reason})]",
    "referral:meeting:listed": "put on the list of {meeting}",
    "referral:meeting:put_off": "put off to {meeting}",
    "referral:meeting:list_frozen": "the list of {meeting} is closed",
    "referral:place:declined": "a place on the list of {of_meeting} declined",
    "referral:actions:counted": "{open_actions} actions of the meeting still open",
    "referral:message:unexpected": "message {message} while {state_was}: nothing changed",
}
_ENDS = {
    f"meeting:{state.value.lower()}": "meeting {state}[ ({reason})]".replace(
        "{state}", state.value.lower()
    )
    for state in MeetingState
}
_MEETING = {
    "meeting:opened": "{forum} list of {area} for {starts_at} opened[emergency?, EMERGENCY]",
    "meeting:frozen": "list closed with {items} referrals",
    "meeting:research:asked": "agencies asked for research: {agencies}",
    "meeting:held": "meeting held[, chaired by {chaired_by}]; present: {present}"
    "[; apologies: {apologies}]",
    "meeting:officer:changed": "{referral_ref} is now {new}'s[, before {old}'s]"
    "[; with actions {actions}]",
    "meeting:actions:issued": "{actions} actions issued",
    "meeting:minutes:issued": "minutes issued",
    "meeting:request:passed_on": "{referral_ref} passed on to the next list",
    "meeting:disruption:told": "{referral_ref}: disruption {disruption_id} is {standing}",
}
_AGENDA = {
    **{
        f"agenda:{state.value.lower()}": "{referral_ref} on the list: {state}[ ({details})]"
        for state in AgendaState
    },
    "agenda:listed": "{referral_ref} listed at place {position}",
    "agenda:heard": "{referral_ref} heard: {decision}[, {actions} actions]",
    "agenda:research:asked": "{referral_ref}: research due {research_due_at}",
    "agenda:research:returned": "{referral_ref}: {agency} returned its research",
    "agenda:actions:counted": "{referral_ref}: {open_actions} actions still open",
    "action:added": "action {action_id} for {agency}[ ({owner})]: {action}, by {due_at}",
    "action:issued": "action {action_id} issued to {agency}",
    "action:due": "action {action_id} due {due_at}",
    "action:overdue": "action {action_id} is OVERDUE",
    "action:ended": "action {action_id}: {outcome}[ ({reason})]",
}
_MATAC = {
    "matac:run:scored": "MATAC scoring made",
    "matac:run:completed": "MATAC scoring completed",
}
SENTENCES: dict[str, str] = {**_STATES, **_REFERRAL, **_ENDS, **_MEETING, **_AGENDA, **_MATAC}
