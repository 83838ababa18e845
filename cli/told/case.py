"""Sentences of a case: its life, contact, wishes, essentials, handover."""

from __future__ import annotations

_LIFE = {
    "case:opened": "case opened",
    "case:started": "case opened[, after {previous_case_ref}]",
    "case:incident:joined": "incident {incident_ref} joined the case",
    "case:incident:updated": "incident {incident_ref}: version {version} of the report came in",
    "case:allocated": "case allocated to {dalo_id}[over_capacity?, who is over capacity]",
    "case:waitlisted": "case waits for an officer with room",
    "case:reassigned": "case passed[ from {old}] to {new}[ ({reason})]",
    "case:supervisor:changed": "{new} now supervises the case[, before {old}][ ({reason})]",
    "case:review:held": "case reviewed",
    "case:closure:asked": "closure asked for: {reason}[, with {blockers} things still open]",
    "case:closure:agreed": "closure agreed: {reason}, asked by {asked_by}"
    "[victim_told?, the victim has been told][, victim not told: {not_told_reason}]"
    "[, what is open passes to {hand_to}][, overridden: {override_reason}]",
    "case:closure:refused": "closure refused[ ({reason})], asked by {asked_by}",
    "case:closing:asked": "the register is asked to close the case ({reason})",
    "case:closing:refused": "the register keeps the case open ({code})",
    "case:closed": "case closed[ ({reason})]",
    "case:reopened": "case reopened[: incident {incident_ref} came in][ ({reason})]"
    "[, with {dalo_id}][, before with {dalo_before}]",
    "case:restricted": "record restricted to its officer, supervisor and inspector ({reason})",
    "case:unrestricted": "restriction of the record lifted ({reason})",
    "stream:renewed": "record moved to the new release",
    "stream:calendar:changed": "calendar changed; open clocks were counted again",
    "stream:owner:changed": "what was owed by {old} is now owed by {new}",
    "victim:merged": "victim reference merged into another",
    "victim:merge:received": "another victim reference of this person was merged in",
}
_CONTACT = {
    "contact:plan:confirmed": "safe-contact plan looked at again; it stands",
    "contact:plan:set": "safe-contact plan recorded[: {changed}][; less strict in {weakened}]"
    "[ ({reason})]",
    "contact:channel:suspended": "{channel} suspended for contact[ ({reason})]",
    "contact:channel:restored": "{channel} may be used for contact again ({reason})",
    "contact:wait:approved": "waiting for a safe window approved[ ({reason})]",
    "contact:interval:met": "contact made within its interval[met_adjusted!, but late]",
    "contact:interval:missed": "contact interval passed without contact"
    "[received_late?; it was late when police received it]",
    "contact:ladder:entered": "contact ladder: step {step} begins[ ({reason})]",
    "contact:ladder:done": "contact ladder: step {step} done[, {outcome}]",
    "contact:ladder:reset": "contact made: the ladder ends at step {step}",
    "contact:ladder:spent": "contact ladder spent without contact[ ({reason})]",
    "contact:cadence:asked": "other contact frequency asked for: {plan}; it waits for a supervisor",
    "contact:cadence:set": "contact frequency set: {plan}[, every {interval_days} days]"
    "[victim_wish?, as the victim wishes]",
    "contact:cadence:approved": "contact frequency approved[ ({reason})]",
    "contact:cadence:refused": "contact frequency refused[ ({reason})]",
    "contact:paused": "contact paused until {until}, {owner} answers for it ({reason})",
    "contact:resumed": "contact resumed",
    "contact:none:agreed": "no contact, as the victim asked[; offered: {offers}]"
    "[; notices: opted out of {notices}][; asked again on {recontact_on}]",
    "contact:approach:allowed": "one safe approach is allowed ({reason})",
    "contact:approach:decided": "a supervisor decided for contact[ at {subject}] ({reason})",
    "contact:approach:lapsed": "the approach that was allowed is not needed any more",
    "contact:approach:made": "the one safe approach was made[ ({reason})]",
    "contact:wishes:renewed": "the victim's wishes were renewed",
    "contact:wishes:stricter": "the stricter wish holds: {cadence_plan}[, before {before}]",
    "contact:event:settled": "contact at an event settled without contact: {subject} ({reason})",
    "contact:third_party:named": "the victim named a third party for contact (route {route})",
    "contact:message:asked": "message to the victim asked for, by {channel}[ on route {route}]",
    "contact:message:ended": "message to the victim: {outcome}[ ({reason})]",
}
_WISHES = {
    "case:wishes:recorded": "wishes recorded[; opts out of notices: {notification_opt_out}]",
    "case:wishes:told": "the victim's wishes passed on to incidents {incidents}",
    "case:other_officer:asked": "the victim asked for another officer[, {sex}][ ({reason})]",
    "case:other_officer:refused": "another officer refused ({reason})",
    "case:support:withdrawn": "the victim withdrew support for the prosecution"
    "[: {reasons}][; statement {statement}]",
    "case:pressure:checked": "checked for pressure on the victim: {pressure}",
}
_ESSENTIALS = {
    "case:frozen": "RECORD FROZEN: {harm} of the {party}; nothing is sent, no clock drives contact",
    "case:unfrozen": "freeze lifted ({reason})",
    "case:review_referral:decided": "{referral}: {decision}[ ({reason})]",
    "case:legal_hold:placed": "legal hold {hold_id} placed ({reason}); nothing may be erased",
    "case:legal_hold:reviewed": "legal hold {hold_id} reviewed, stands[ ({reason})]",
    "case:legal_hold:lifted": "legal hold {hold_id} lifted ({reason})",
    "case:disclosure:asked": "disclosure request {request_ref} from {asked_by}, due {due_at}",
    "case:disclosure:answered": "disclosure request {request_ref}: {decision}[ ({reason})]",
    "case:threat_to_life:recorded": "THREAT TO LIFE {threat_id}: warning[ to {warned}]"
    "[ given by {warned_by}][, authorised by {authorised_by}]",
    "case:threat_to_life:reviewed": "threat to life {threat_id} reviewed: "
    "[stands? it stands][stands! it is over][ ({reason})]",
    "case:counter_allegation:known": "both parties allege: {incident_ref} against {against}",
    "case:other_victim:known": "incident {incident_ref} has another victim, {other_victim_ref}",
    "case:primary_aggressor:reviewed": "incident {incident_ref}: primary aggressor reviewed,"
    " {aggressor}[ ({reason})]",
    "case:life_concern:decided": "concern for life decided: {outcome}",
}
_HANDOVER = {
    "handover:begun": "handover {handover_id} from {old} to {new} begun ({reason})",
    "handover:accepted": "handover {handover_id} from {old} accepted by {new}",
    "handover:cover:recorded": "{cover_id} covers for {officer_id} from {away_from} to {away_until}"
    " ({reason})",
    "handover:cover:ended": "cover by {cover_id} ended",
    "transfer:offered": "transfer {transfer_id} offered to {to_area}[out_of_force?, another force]"
    " ({reason})[victim_informed?, the victim knows]"
    "[, victim not told: {not_informed_reason}]",
    "transfer:accepted": "transfer {transfer_id} accepted by {to_area}[, by {dalo_id}]"
    "[, receipt {receipt}]",
    "transfer:refused": "transfer {transfer_id} refused by {to_area} ({reason})",
    "conflict:declared": "conflict of interest declared for {officer_id} ({reason})",
    "conflict:lifted": "conflict of interest of {officer_id} lifted ({reason})",
    "merge:decided": "case is merged into {into}, decided by {decided_by}[ ({reason})]",
    "merge:received": "{from_case_ref} of {from_victim_ref} merged in[; incidents {incidents}]"
    "[; referrals {referrals}]",
    "merge:renumbered": "what came has numbers of this case: {renamed}",
    "merge:reviewed": "what the merge brought was looked through: {merged}",
    "merge:dormancy:kept": "merge: the case stays dormant",
}
_NEEDS = {
    "needs:assessment:declined": "needs assessment declined",
    "needs:action:added": "need action {action_id} for {domain}: {action}, {owner} by {due_at}",
    "needs:action:ended": "need action {action_id}: {outcome}[ ({reason})]",
    "action:handed_over": "need action {action_id} passed to {owner}",
}
SENTENCES: dict[str, str] = {**_LIFE, **_CONTACT, **_WISHES, **_ESSENTIALS, **_HANDOVER, **_NEEDS}
