"""What of a case's screen a role may not see is left out (docs/domain.md 1.3): sections, clocks,
tasks and the lines of its story alike. The gate has judged the relation already."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from casework.case_records import CaseScreen, OfStream
from models.access import DataClass, Relation, readable
from models.enums import ClockType, Role
from models.events import Event, Json
from models.incident import IncidentView
from models.referral.pathways import PATHWAYS

POLICE = frozenset(
    {Role.DALO, Role.OIC, Role.SUPERVISOR, Role.INSPECTOR, Role.SUPERINTENDENT, Role.AUDITOR}
)
"""Who sees the work itself: tasks, and the clocks of police alone."""
TASKS = "TASKS"
"""Stands among the hidden sections of who does not see the work of police."""
_D = DataClass
_OF_VIEW: dict[DataClass, dict[str, Any]] = {
    _D.CONTACT_LOG: {"attempts": ()},
    _D.SAFE_CONTACT_PLAN: {"plan": None},
    _D.NEEDS_ASSESSMENT: {"needs": {}, "actions": ()},
    _D.WISHES_CONSENT: {"wishes": None, "asked": None},
    _D.RISK_ASSESSMENT: {"risk": None},
    _D.REFERRALS: {"referrals": None},
    _D.HIDDEN_HARM_VISITS: {"visits": None},
}
_OF_PARTS: dict[DataClass, dict[str, Any]] = {
    _D.RISK_ASSESSMENT: {"assessments": (), "recommendations": ()},
    _D.REFERRALS: {"referrals": ()},
    _D.HIDDEN_HARM_VISITS: {"visits": ()},
    _D.SUSPECT_STATUS: {"orders": ()},
    _D.VICTIM_NOTIFICATIONS: {"news": ()},
}
_OF_INCIDENTS: dict[DataClass, dict[str, Any]] = {
    _D.SUSPECT_STATUS: {"suspect": None, "orders": None, "suspect_status": None},
    _D.VICTIM_NOTIFICATIONS: {"code": None},
    _D.CHILDREN: {"safeguarding": None},
    _D.EVIDENCE_CHECKLIST: {"items": (), "verdict": None, "video": None},
}
_OF_ROWS: dict[DataClass, tuple[str, ...]] = {
    _D.SUSPECT_STATUS: ("suspect_status", "perpetrator_ref"),
    _D.EVIDENCE_CHECKLIST: ("golden_hour_result", "golden_hour_due_at"),
}
_OF_SUMMARY: dict[DataClass, tuple[str, ...]] = {
    _D.WISHES_CONSENT: ("wishes",),
    _D.CONTACT_LOG: (
        *("first_contact_at", "last_contact_at", "ladder_step", "engagement_status"),
        *("next_contact_due_raw", "next_contact_due_adjusted"),
    ),
}
_TAGS: dict[DataClass, tuple[str, ...]] = {
    _D.CONTACT_LOG: ("contact:",),
    _D.WISHES_CONSENT: ("case:wishes:", "case:support:", "case:pressure:", "code:wishes:"),
    _D.RISK_ASSESSMENT: ("assessment:", "risk:", "stalking:", "recommendation:", "case:risk:"),
    _D.REFERRALS: ("case:referral:", "case:idva:", "case:marac", "case:retaliation_check:"),
    _D.HIDDEN_HARM_VISITS: ("visit:", "case:life_concern:"),
    _D.SUSPECT_STATUS: (
        *("incident:suspect:", "incident:search:", "incident:order:"),
        *("order:", "custody:", "bail:", "dvds:"),
    ),
    _D.VICTIM_NOTIFICATIONS: (
        *("notification:", "code:", "court:", "support:", "vps:", "special_measures:", "review:"),
    ),
    _D.CHILDREN: ("child:", "encompass:", "care:"),
    _D.NEEDS_ASSESSMENT: ("needs:",),
    _D.EVIDENCE_CHECKLIST: ("evidence:", "golden_hour:"),
}
_T = ClockType
_CLOCKS: dict[DataClass, tuple[ClockType, ...]] = {
    _D.CONTACT_LOG: (
        *(_T.FIRST_CONTACT, _T.CONTACT_CADENCE, _T.LADDER_STEP, _T.RECONTACT),
        *(_T.CONTACT_AT_EVENT, _T.WISHES_RENEWAL, _T.PLAN_RELOOK),
        _T.COURT_CONTACT,
    ),
    _D.NEEDS_ASSESSMENT: (_T.NEEDS_ASSESSMENT, _T.NEED_ACTION),
    _D.RISK_ASSESSMENT: (_T.RISK_REVIEW, _T.RISK_SUPERVISOR_REVIEW, _T.STALKING_SCREEN),
    _D.REFERRALS: tuple(
        each
        for each in _T
        if each.value.startswith(("IDVA_", "MARAC_", "MATAC_", "MASIP_", "REFERRAL_"))
    ),
    _D.HIDDEN_HARM_VISITS: (_T.HHV_AUTHORISE, _T.HHV_DUE, _T.HHV_REATTEMPT, _T.SILENCE_REVIEW),
    _D.SUSPECT_STATUS: (
        *(_T.SUSPECT_ARREST, _T.SUSPECT_REVIEW, _T.CUSTODY, _T.BAIL_EXPIRY, _T.RELEASE_PLANNED),
        *(_T.DVPN_HEARING, _T.DVPO_EXPIRY, _T.ORDER_EXPIRY, _T.SPO_NOTIFICATION, _T.DVDS),
    ),
    _D.VICTIM_NOTIFICATIONS: (
        *(_T.VICTIM_NOTIFICATION, _T.SUPPORT_REFERRAL, _T.RIGHT_TO_REVIEW, _T.COURT_RESULT),
    ),
    _D.CHILDREN: (_T.ENCOMPASS, _T.CHILD_REFERRAL, _T.POLICE_PROTECTION),
    _D.EVIDENCE_CHECKLIST: (_T.GOLDEN_HOUR, _T.EVIDENCE_ITEM),
}
_ADVICE = ("task:", "recommendation:")
"""What the system asks of police, and advises them to do."""
_PATHWAYS = frozenset(path.value for path in PATHWAYS)
_CLASS_OF = {clock: data for data, clocks in _CLOCKS.items() for clock in clocks}


def cut(screen: CaseScreen, role: Role) -> CaseScreen:
    """The screen as this role may see it; `hidden` names the sections that it may not."""
    sections = readable(role, Relation.NONE, glass_broken=True)
    police = role in POLICE
    hidden = [data for data in (_OF_VIEW | _OF_PARTS | _OF_INCIDENTS) if data not in sections]
    if police and not hidden:
        return screen
    blank = _blanks(_OF_VIEW, hidden) | ({} if police else {"handover": None})
    return screen.model_copy(
        update={
            "view": screen.view.model_copy(
                update={**blank, "summary": _summary(screen.view.summary, hidden)}
            ),
            "parts": screen.parts.model_copy(
                update={
                    **_own_parts(screen, role, police=police),
                    **_blanks(_OF_PARTS, hidden),
                }
            ),
            "incident_views": tuple(
                view.model_copy(update=_blanks(_OF_INCIDENTS, hidden))
                for view in screen.incident_views
            ),
            "incidents": tuple(_row(row, hidden) for row in screen.incidents),
            "clocks": tuple(cut_clocks(screen.clocks, role)),
            "tasks": screen.tasks if police else (),
            "timeline": tuple(cut_timeline(screen.timeline, role)),
            "hidden": (*(data.value for data in hidden), *(() if police else (TASKS,))),
        }
    )


def cut_view(view: IncidentView, role: Role) -> tuple[IncidentView, list[DataClass]]:
    """One incident as this role may see it, and the sections that it may not."""
    sections = readable(role, Relation.NONE, glass_broken=True)
    police = role in POLICE
    hidden = [data for data in _OF_INCIDENTS if data not in sections]
    shown = {
        **_blanks(_OF_INCIDENTS, hidden),
        "summary": _row(view.summary, hidden),
        "clocks": tuple(c for c in view.clocks if _type_shown(c.clock_type, sections, role)),
        "tasks": view.tasks if police else (),
    }
    return view.model_copy(update=shown), hidden


def cut_timeline(timeline: Iterable[tuple[str, Event]], role: Role) -> list[tuple[str, Event]]:
    """The lines of a story that this role may read."""
    sections = readable(role, Relation.NONE, glass_broken=True)
    hidden = [data for data in DataClass if data not in sections]
    return [(s, e) for s, e in timeline if _told(e, sections, hidden, role)]


def cut_clocks(clocks: Iterable[OfStream], role: Role) -> list[OfStream]:
    """The clocks that this role may see."""
    sections = readable(role, Relation.NONE, glass_broken=True)
    return [
        each for each in clocks if each.clock and _type_shown(each.clock.clock_type, sections, role)
    ]


def own_pathways(role: Role) -> frozenset[str]:
    """The pathways that this role is a partner of; of every pathway for police."""
    return frozenset(
        path.pathway.value for path in PATHWAYS.values() if role in POLICE or role in path.partners
    )


def _own_parts(screen: CaseScreen, role: Role, *, police: bool) -> dict[str, Any]:
    """Partners see the referrals of their own pathway, and nothing of what police are advised."""
    if police:
        return {}
    pathways = own_pathways(role)
    own = tuple(part for part in screen.parts.referrals if part.pathway in pathways)
    return {"referrals": own, "recommendations": ()}


def _blanks(table: dict[DataClass, dict[str, Any]], hidden: list[DataClass]) -> dict[str, Any]:
    return {name: value for data in hidden for name, value in table.get(data, {}).items()}


def _row(row: Json, hidden: list[DataClass]) -> Json:
    gone = {name for data in hidden for name in _OF_ROWS.get(data, ())}
    return {name: value for name, value in row.items() if name not in gone}


def _summary(row: Json, hidden: list[DataClass]) -> Json:
    gone = {name for data in hidden for name in _OF_SUMMARY.get(data, ())}
    return {name: value for name, value in row.items() if name not in gone}


def _type_shown(kind: ClockType, sections: frozenset[DataClass], role: Role) -> bool:
    data = _CLASS_OF.get(kind)
    if data is None:
        return role in POLICE
    first = kind.value.partition("_")[0]
    foreign = first in _PATHWAYS and first not in own_pathways(role)
    return data in sections and not foreign


def _told(
    event: Event, sections: frozenset[DataClass], hidden: list[DataClass], role: Role
) -> bool:
    if event.tag.startswith("clock:"):
        return _type_shown(ClockType(event.data["clock"]["clock_type"]), sections, role)
    if role not in POLICE and event.tag.startswith(_ADVICE):
        return False
    if event.tag.startswith("case:referral:") and "pathway" in event.data:
        return event.data["pathway"] in own_pathways(role)
    return not any(event.tag.startswith(_TAGS.get(data, ())) for data in hidden if data in _TAGS)
