"""Statuses of a suspect as data: what may follow what, how far on each lies, and what the victim is
owed news of (docs/domain.md 3.4, 4.3)."""

from __future__ import annotations

from models.enums import SuspectStatus

S = SuspectStatus
AT_LARGE = frozenset({None, S.UNKNOWN, S.ON_SCENE, S.OUTSTANDING, S.CIRCULATED})
"""Not found yet, as far as anybody has said."""
DETAINED = frozenset({S.ARRESTED, S.REMANDED, S.IN_PRISON, S.CONVICTED})
ANY = frozenset(S)
_LED_IN = frozenset({S.ARRESTED, S.INTERVIEWED_VOLUNTARILY, S.BAILED_PRECHARGE, S.RUI, S.UNKNOWN})
FROM: dict[SuspectStatus, frozenset[SuspectStatus]] = {
    S.UNKNOWN: frozenset(),
    S.ON_SCENE: frozenset({S.UNKNOWN, S.OUTSTANDING, S.CIRCULATED}),
    S.OUTSTANDING: ANY - {S.CAUTIONED},
    S.CIRCULATED: ANY - {S.ARRESTED, S.REMANDED, S.IN_PRISON, S.CAUTIONED},
    S.ARRESTED: ANY,
    S.INTERVIEWED_VOLUNTARILY: frozenset(
        {S.UNKNOWN, S.ON_SCENE, S.OUTSTANDING, S.CIRCULATED, S.RUI, S.NFA}
    ),
    S.BAILED_PRECHARGE: frozenset({S.ARRESTED, S.RUI, S.UNKNOWN}),
    S.RUI: _LED_IN,
    S.CHARGED_BAIL: _LED_IN | {S.REMANDED, S.NFA},
    S.REMANDED: frozenset({S.ARRESTED, S.CHARGED_BAIL, S.CONVICTED, S.UNKNOWN}),
    S.NFA: ANY - {S.CONVICTED, S.CAUTIONED},
    S.CAUTIONED: _LED_IN,
    S.CONVICTED: frozenset({S.CHARGED_BAIL, S.REMANDED, S.IN_PRISON, S.UNKNOWN}),
    S.IN_PRISON: ANY - {S.CAUTIONED},
    S.RELEASED: DETAINED | {S.UNKNOWN},
}
"""What a status may follow; where none is known yet, every one."""
STAGE = {
    S.UNKNOWN: 0,
    S.ON_SCENE: 1,
    S.OUTSTANDING: 1,
    S.CIRCULATED: 2,
    S.ARRESTED: 3,
    S.INTERVIEWED_VOLUNTARILY: 3,
    S.BAILED_PRECHARGE: 4,
    S.RUI: 4,
    S.CHARGED_BAIL: 5,
    S.REMANDED: 5,
    S.NFA: 6,
    S.CAUTIONED: 6,
    S.CONVICTED: 6,
    S.IN_PRISON: 7,
    S.RELEASED: 8,
}
"""How far on a status lies: a report that lags behind what an officer said takes nothing back."""
NEWS: dict[SuspectStatus, str] = {
    S.CIRCULATED: "CIRCULATED",
    S.ARRESTED: "SUSPECT_ARRESTED",
    S.INTERVIEWED_VOLUNTARILY: "INTERVIEWED",
    S.BAILED_PRECHARGE: "BAILED",
    S.RUI: "RUI",
    S.CHARGED_BAIL: "CHARGED",
    S.REMANDED: "REMANDED",
    S.NFA: "NO_CHARGE",
    S.CAUTIONED: "OUT_OF_COURT_DISPOSAL",
    S.CONVICTED: "COURT_OUTCOME",
    S.RELEASED: "RELEASED",
}
"""What the victim is owed news of, by the new status (docs/domain.md 4.3)."""
AFTER: dict[tuple[SuspectStatus | None, SuspectStatus], str] = {
    (S.ARRESTED, S.RELEASED): "RELEASED_NO_CHARGE",
    (S.ARRESTED, S.CHARGED_BAIL): "CHARGED_AND_BAILED",
    (S.REMANDED, S.NFA): "RELEASED_PROCEEDINGS_STOPPED",
    (S.CHARGED_BAIL, S.NFA): "PROCEEDINGS_STOPPED",
    (S.CHARGED_BAIL, S.IN_PRISON): "COURT_OUTCOME",
    (S.REMANDED, S.IN_PRISON): "COURT_OUTCOME",
    (S.CONVICTED, S.IN_PRISON): "COURT_OUTCOME",
}
"""The same, where it matters what came before."""
FREE: dict[SuspectStatus, str] = {
    S.BAILED_PRECHARGE: "BAILED",
    S.RUI: "RUI",
    # Let out by the court: the release is what matters to the victim.
    S.CHARGED_BAIL: "RELEASED",
    S.NFA: "RELEASED_NO_CHARGE",
    S.CAUTIONED: "RELEASED_CAUTIONED",
    S.INTERVIEWED_VOLUNTARILY: "RELEASED",
    S.RELEASED: "RELEASED",
    S.ON_SCENE: "AT_LARGE_AGAIN",
    S.OUTSTANDING: "AT_LARGE_AGAIN",
    S.CIRCULATED: "AT_LARGE_AGAIN",
}
"""What the victim is owed news of where somebody who was held has this status: all of these are at
liberty, whatever their status is called."""
LET_OUT = frozenset({S.BAILED_PRECHARGE, S.RUI})
"""Whoever was sought and has one of these was held in between."""


def set_free(old: SuspectStatus | None, new: SuspectStatus) -> bool:
    """Whether a suspect who was held is at liberty with the new status, let out or escaped."""
    return (old in DETAINED and new in FREE) or (old in AT_LARGE and new in LET_OUT)


def news_of(old: SuspectStatus | None, new: SuspectStatus) -> str | None:
    """What the victim is owed news of; None where the change is none."""
    freed = FREE[new] if set_free(old, new) else None
    return AFTER.get((old, new)) or freed or NEWS.get(new)
