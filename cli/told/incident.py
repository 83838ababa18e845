"""Sentences of an incident: suspect, orders, Victims' Code, safeguarding, evidence."""

from __future__ import annotations

_SUSPECT = {
    "incident:suspect:changed": "suspect {new}[, before {old}][, arrest for {arrest_reason}]"
    "[, release planned {release_planned_at}]",
    "incident:suspect:confirmed": "suspect still {new}[, release planned {release_planned_at}]",
    "incident:search:reviewed": "search for the suspect reviewed",
    "custody:arrived": "suspect in custody[answering_bail?, answering bail]",
    "custody:extended": "custody extended by {hours} h ({authority}[, {authorised_by}])",
    "custody:clock:stopped": "custody time stopped ({reason})",
    "custody:clock:resumed": "custody time runs again",
    "bail:extended": "bail extended to {until} ({authority}[, {authorised_by}]);"
    " victim's views {views_sought}",
    "bail:views:recorded": "victim's views on bail conditions: {outcome}",
    "bail:ended": "bail ended",
}
_ORDER = "{order_type} {order_id}"
_DAYS = "[ from {first_day}][ to {last_day}][last_day! until further order]"
_ORDERS = {
    "order:made": f"{_ORDER} made,{_DAYS}[; conditions: {{conditions}}]"
    "[; authorised by {authorised_by}][made_elsewhere?; made elsewhere]",
    "order:served": f"{_ORDER} served, in force{_DAYS}",
    "order:varied": f"{_ORDER} varied, in force{_DAYS}[; conditions: {{conditions}}]",
    "order:adjourned": f"{_ORDER}: hearing adjourned, stays in force",
    "order:reinstated": f"{_ORDER} in force again{_DAYS}",
    "order:ended": f"{_ORDER} {{status}}[ ({{reason}})]",
    "order:heard": "{order_id} heard: {result}[, adjourned to {adjourned_to}]",
    "order:breached": "{order_id} BREACHED ({breach_id}, {nature})[: {conditions}]"
    "[, arrested {arrested_at}]",
    "order:breach:heard": "breach of {order_id}: {result}",
    "order:notified": "{order_id}: respondent gave name and address",
    "order:contact:made": "{order_id}: the victim was spoken to about its end",
    "incident:order:discounted": "{order_type} on the report looked at: none ({reason})",
    "dvds:applied": "Clare's Law {dvds_id}: {route}[imminent_risk?, imminent risk]",
    "dvds:decided": "Clare's Law {dvds_id} ({route}): {outcome}[ ({reason})]",
}
_NEWS = "{event_kind} ({notification_id})"
_HOW = "[ by {channel}][safe!, UNSAFE: {decision_code}][, overridden: {safety_override}]"
_CODE = {
    "notification:due": f"victim is owed news of {_NEWS} by {{due_at}}",
    "notification:told": f"victim told of {_NEWS}{_HOW}",
    "notification:could_not_reach": f"victim could not be reached with news of {_NEWS}{_HOW}",
    "notification:unsafe_ended": f"telling the victim of {_NEWS} was broken off: not safe{_HOW}",
    "notification:said_no_updates": f"victim wants no news of {_NEWS}{_HOW}",
    "notification:opted_out": f"victim opted out of news of {_NEWS}",
    "notification:withdrawn": f"news of {_NEWS} is no longer owed ({{reason}})",
    "notification:held": f"news of {_NEWS} held: the record is frozen",
    "code:wishes:taken": "wishes taken over; opts out of: {notification_opt_out}"
    "[frozen?; the record is frozen]",
    "code:confirmation:recorded": "written confirmation: {outcome}[ by {channel}]"
    "[; updates {update_frequency}][ by {update_channel}]",
    "code:unsafe_telling:reviewed": "unsafe telling {subject} reviewed: {finding}",
    "code:decision:made": "decision {decision} by {decided_by}; the victim is owed the news"
    " ({notification_id})",
    "code:withdrawal:reviewed": "support withdrawn, looked at: {decision}; pressure: {pressure}",
    "code:decision:told": "victim told the decision {decision} by {decided_by}"
    "[; review best asked by {review_best_asked_by}]",
    "review:requested": "victim asked for a review of {decision}",
    "review:not_available": "no right to review ({reason})",
    "court:received": "court: {event}[ {hearing_id}][ on {court_day}][, {result}]; the victim is"
    " owed the news[ ({notification_id})]",
    "court:vacated": "court: hearing {hearing_id} will not be held",
    "support:referred": "victim referred to support ({service}); consent {consent_status}"
    "[; basis {disclosure_basis}]",
    "support:declined": "victim declined support; consent {consent_status}",
    "vps:offered": "Victim Personal Statement offered",
    "vps:taken": "Victim Personal Statement taken[further?, a further one][, read by {read_by}]",
    "vps:declined": "Victim Personal Statement declined",
    "special_measures:recorded": "special measures {outcome}[: {measures}]",
}
_CHILDREN = {
    "child:recorded": "child {child_ref} recorded: {age}[, {schooling}], {presence}"
    "[resident?, lives there]",
    "child:corrected": "child {child_ref} corrected: {age}[, {schooling}], {presence}"
    "[resident?, lives there]",
    "child:ground:found": "ground for telling children's social care: {ground}[, grade {grade}]",
    "child:referral:made": "children's social care told[: {children}][ at {service}]"
    "[; grounds: {grounds}][ ({reason})]",
    "child:notification:made": "children's social care notified[: {children}][ at {service}]"
    "[; grounds: {grounds}][ ({reason})]",
    "child:police_protection:made": "police protection used[: {children}][ at {service}]"
    "[; grounds: {grounds}][ ({reason})]",
    "child:police_protection:ended": "police protection of {child_ref} ended: {outcome}",
    "child:referral:not_made": "children's social care not told ({reason})",
    "encompass:sent": "Operation Encompass: {recipient} told[ about {child_ref}][ ({school_ref})]"
    "[voice_recorded?, with the child's voice]",
    "encompass:not_sent": "Operation Encompass: not told[ about {child_ref}] ({reason})",
    "safeguarding:measure:agreed": "agreed at visit {visit_id}: {measure}",
    "care:needs:recorded": "care and support needs recorded: {needs}"
    "[unable_to_protect?; unable to protect themselves]",
    "care:concern:sent": "Care Act concern sent to {service}",
    "care:concern:not_sent": "no Care Act concern sent ({reason})",
}
_RECORD = {
    "incident:report:applied": "version {version} of the report taken over",
    "incident:grade:changed": "grade of the report {grade}[, before {before}]",
    "incident:police_contact:recorded": "first police contact at {at}",
    "incident:ended": "nothing is owed on the incident any more",
    "incident:case:closed": "case closed[; {handed_to} answers for the incident]",
    "incident:case:reopened": "case reopened[ with {dalo_id}]",
    "incident:case:merged": "incident now belongs to {case_ref}",
    "evidence:item:required": "evidence {item} asked for[, due {due_at}][golden?, golden hour]",
    "evidence:item:recorded": "evidence {item}: {status}[ ({reason})][, ref {reference}]",
    "golden_hour:verdict": "golden hour {result}: {captured_in_time} of {in_set} in time"
    "[amended?, amended][received_late?, received late]",
    "report:child_safeguarding:referred": "children, and no case: a supervisor is asked to tell"
    " children's social care",
    "report:child_safeguarding:sent": "children of a report without a case: social care told",
    "victim:told:settled": "what came after the end, of {subject}: {step}",
    "report:marac_flag:hit": "incident {incident_ref} hits the MARAC flag {referral_ref}",
}
SENTENCES: dict[str, str] = {**_SUSPECT, **_ORDERS, **_CODE, **_CHILDREN, **_RECORD}
