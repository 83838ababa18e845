"""Sentences of risk, recommendations, visits, and of a case's own side of its referrals."""

from __future__ import annotations

_RISK = {
    "assessment:recorded": "risk assessed with {tool} ({assessment_id}) by {completer}"
    "[: {yes_count} yes][, {refused_count} refused][, {not_asked_count} not asked]"
    "[; critical: {critical}]",
    "assessment:graded": "assessment {assessment_id} led to the grade {grade}",
    "case:risk:graded": "risk graded {grade}[, before {before}][ ({reason})]"
    "[pending_review?, to be reviewed by the supervisor]",
    "case:risk:reviewed": "supervisor reviewed the grade: "
    "[upheld? {grade} stands][upheld! {grade} instead of {before}][ ({reason})]",
    "risk:judgement:stated": "professional judgement that the case belongs before MARAC ({reason})",
    "risk:judgement:withdrawn": "professional judgement for MARAC withdrawn[ ({reason})]",
    "risk:reassessment:due": "risk is to be assessed again ({why})",
    "stalking:acts:recorded": "{count} unwanted acts recorded, {unwanted_acts} in all"
    "[, incident {incident_ref}]",
    "stalking:screened": "stalking screen: [stalking? all four signs, treated as stalking]"
    "[stalking! not all four signs][, {unwanted_acts} unwanted acts]"
    "[device_check_advised?; a check of devices is advised]",
    "recommendation:made": "recommended: {recommends} (rule {rule}[, {subject}],"
    " {recommendation_id})",
    "recommendation:decided": "recommendation {recommendation_id} ({rule}) {decision}"
    "[: {chose}][ ({reason})]",
    "recommendation:reviewed": "declined recommendation {recommendation_id} looked at: {review}"
    "[ ({review_reason})]",
}
_VISITS = {
    "visit:selected": "visit {visit_id} selected for {selected_for}[, asked by {asked_by}]",
    "visit:checked": "visit {visit_id} checks: {checks}",
    "visit:authorised": "visit {visit_id} authorised by {authorised_by}[, from {authorised_from}]"
    "[ until {authorised_until}][, due {due_at}][; safer than a safe window: {reason}]",
    "visit:attempted": "visit {visit_id}, attempt {attempts}: {primary_outcome}"
    "[, arrest for {arrest_reason}]",
    "visit:authority:withdrawn": "visit {visit_id}: authority withdrawn ({reason})",
    "visit:ended": "visit {visit_id} {state}[ ({reason})]",
    "visit:reviewed": "visit[ {visit}] reviewed: {decision}[ ({reason})]",
    "visit:carried": "visit {visit_id} ({selected_for}) came with the merged case[, {state}]",
}
_REFERRALS = {
    "case:referral:made": "referred to {pathway} ({referral_ref})"
    "[draft?, as a draft that is not sent yet][, {referral_type}]"
    "[, repeat of {repeat_of}][; criteria: {criteria}][; consent {consent_status}]"
    "[; basis {disclosure_basis}][emergency?; EMERGENCY]",
    "case:referral:changed": "referral {referral_ref} is now {state}[, {outcome}]",
    "case:referral:noted": "referral {referral_ref}: {step}[ ({reason})]",
    "case:idva:asked": "the victim asked for an IDVA",
    "case:marac_repeat:judged": "repeat after MARAC judged for incident {incident_ref}: "
    "[repeat? a repeat][repeat! no repeat][ of {repeat_of}]",
    "case:retaliation_check:answered": "{referral_ref}: is a disruption safe for the victim?"
    " {answer}[ ({reason})]",
}
SENTENCES: dict[str, str] = {**_RISK, **_VISITS, **_REFERRALS}
