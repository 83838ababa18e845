"""What intake knows of a batch's pairs beyond each victim's own record: MARAC referrals, other
victims of the same incident, and reports with the roles reversed. One statement a batch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Text, any_, bindparam, literal, null, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from models.enums import ReferralPathway, ReferralState
from models.messages import PairReferral
from models.report import Report
from store.tables import referral, report, victim_alias
from store.tables.columns import Instant

NO_REFERRAL = (ReferralState.WITHDRAWN_IN_ERROR.value, ReferralState.NOT_MET.value)
"""What became no MARAC case: it starts no window and sets no flag."""
_MARAC, _SAME, _REVERSED = "MARAC", "SAME", "REVERSED"
Pair = tuple[str, str]
"""Victim and perpetrator, by reference."""


@dataclass
class Pairs:
    """Kept up while the batch is judged, as a later row may be of the same incident."""

    marac: dict[Pair, list[PairReferral]] = field(default_factory=dict)
    victims: dict[str, set[str]] = field(default_factory=dict)
    """Victims by incident."""
    told_of: dict[Pair, dict[str, datetime]] = field(default_factory=dict)
    """When which incident was reported, by victim and suspect."""
    cases: dict[tuple[str, str], str] = field(default_factory=dict)
    """The case that an incident's victim has it in, by incident and victim."""

    def referrals(self, of: Report) -> tuple[PairReferral, ...]:
        """Every MARAC referral of the report's pair, in any district."""
        return tuple(self.marac.get((of.victim_ref, of.perpetrator_ref), ()))

    def other_victims(self, of: Report) -> tuple[str, ...]:
        """Other victims of the report's incident."""
        return tuple(sorted(self.victims.get(of.incident_ref, set()) - {of.victim_ref}))

    def counter_allegation(self, of: Report, within: timedelta) -> tuple[str, ...]:
        """Incidents reported within this time of the report in which its victim is the suspect and
        its suspect the victim."""
        if not of.perpetrator_ref:
            return ()
        found = self.told_of.get((of.perpetrator_ref, of.victim_ref), {})
        near = [ref for ref, at in found.items() if abs(at - of.reported_at) <= within]
        return tuple(sorted(near))

    def cases_of_others(self, of: Report) -> dict[str, str]:
        """The cases in which other victims of the report's incident have it, by victim."""
        found = {ref: self.cases.get((of.incident_ref, ref)) for ref in self.other_victims(of)}
        return {ref: case_ref for ref, case_ref in found.items() if case_ref}

    def add(self, new: Report, case_ref: str = "") -> None:
        """A report of the batch is known from now on, with the case that has it."""
        if case_ref:
            self.cases[new.incident_ref, new.victim_ref] = case_ref
        self.victims.setdefault(new.incident_ref, set()).add(new.victim_ref)
        if new.perpetrator_ref:
            pair = (new.victim_ref, new.perpetrator_ref)
            self.told_of.setdefault(pair, {})[new.incident_ref] = new.reported_at


async def load_pairs(conn: AsyncConnection, reports: Iterable[Report]) -> Pairs:
    """What the store knows of the pairs and incidents of these reports."""
    of = list(reports)
    given = {
        "victims": sorted({each.victim_ref for each in of}),
        "parties": sorted({each.perpetrator_ref for each in of} - {""}),
        "incidents": sorted({each.incident_ref for each in of}),
    }
    found = Pairs()
    for row in await conn.execute(_known(), given):
        pair = (row.victim_ref, row.perpetrator_ref)
        if row.what == _MARAC:
            found.marac.setdefault(pair, []).append(
                PairReferral(
                    referral_ref=row.ref,
                    perpetrator_ref=row.perpetrator_ref,
                    submitted_at=row.at,
                    heard_at=row.heard_at,
                )
            )
        elif row.what == _SAME:
            found.victims.setdefault(row.ref, set()).add(row.victim_ref)
            if row.case_ref:
                found.cases[row.ref, row.victim_ref] = row.case_ref
        else:
            found.told_of.setdefault(pair, {})[row.ref] = row.at
    return found


@cache
def _known() -> Any:
    of, told = referral.c, report.c
    marac = _marac(of.victim_ref)
    # A referral made under a reference that was merged since is the kept one's too.
    merged = _marac(victim_alias.c.kept_ref).join_from(
        referral, victim_alias, victim_alias.c.merged_ref == of.victim_ref
    )
    columns = (told.incident_ref, told.victim_ref, told.perpetrator_ref, told.reported_at)
    nothing = null().cast(Instant)
    same = select(literal(_SAME), *columns, nothing, told.case_ref).where(
        told.incident_ref == any_(_refs("incidents"))
    )
    other_way = select(literal(_REVERSED), *columns, nothing, null().cast(Text)).where(
        told.victim_ref == any_(_refs("parties")), told.perpetrator_ref == any_(_refs("victims"))
    )
    both = union_all(marac, merged, same, other_way)
    return both.order_by("at", "ref")


def _marac(victim_ref: ColumnElement[Any]) -> Any:
    of = referral.c
    return select(
        literal(_MARAC).label("what"),
        of.referral_ref.label("ref"),
        victim_ref.label("victim_ref"),
        of.perpetrator_ref,
        of.submitted_at.label("at"),
        of.heard_at.label("heard_at"),
        null().cast(Text).label("case_ref"),
    ).where(
        of.pathway == ReferralPathway.MARAC.value,
        of.submitted_at.is_not(None),
        of.state.not_in(NO_REFERRAL),
        victim_ref == any_(_refs("victims")),
        of.perpetrator_ref == any_(_refs("parties")),
    )


def _refs(name: str) -> Any:
    return bindparam(name, type_=ARRAY(Text))
