"""Short stories in a case's life, whose steps alone chance would hardly put in a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from random import Random
from typing import Any

from tests.models.random_kernel import Stream
from tests.models.random_messages import NEWS

Step = tuple[str, Mapping[str, Any]]
SPOKEN_TO: Step = ("record-attempt", {"result": "SUCCESSFUL_TWO_WAY"})
SOMEBODY_ELSE: Step = (
    "record-attempt",
    {"result": "WRONG_PERSON", "channel": "CALL", "route": "mobile"},
)
SCENES: dict[str, tuple[Step, ...]] = {
    "spoken to": (
        ("set-safe-contact-plan", {}),
        SPOKEN_TO,
        ("complete-needs-assessment", {}),
        ("record-wishes", {}),
        ("record-withdrawal", {"pressure": "NOT_CHECKED"}),
        ("record-pressure-check", {}),
        ("ask-other-officer", {}),
    ),
    "somebody else answers": (
        ("set-safe-contact-plan", {}),
        SOMEBODY_ELSE,
        ("restore-channel", {}),
    ),
    "visited": (
        ("set-safe-contact-plan", {}),
        ("select-visit", {}),
        ("authorise-visit", {}),
        ("check-visit", {}),
        ("record-visit", {"outcomes": ["NO_REPLY"]}),
        ("authorise-visit", {}),
        ("record-visit", {}),
        ("review-visit", {}),
    ),
    "nobody opens": (
        ("set-safe-contact-plan", {}),
        ("select-visit", {}),
        *(
            ("authorise-visit", {}),
            ("record-visit", {"outcomes": ["NO_REPLY"], "life_concern": True}),
        )
        * 3,
        ("consider-missing-person", {}),
    ),
    "handed over": (("hand-over", {}), ("accept-handover", {})),
    "transferred": (("offer-transfer", {}), ("accept-transfer", {})),
    "paused": (("pause-contact", {}), ("resume-contact", {})),
    "no contact wished": (
        SPOKEN_TO,
        ("set-cadence", {"plan": "NO_CONTACT"}),
        ("approve-cadence", {}),
    ),
    "hurt": (
        ("record-death-or-serious-injury", {"harm": "SERIOUS_INJURY"}),
        ("record-review-referral", {}),
        ("lift-freeze", {}),
    ),
    "written to": (("set-safe-contact-plan", {}), ("message-victim", {})),
    "declined": (
        ("professional-judgement", {}),
        ("decline-recommendation", {}),
        ("review-recommendation", {}),
    ),
    "referred": (("refer", {}), ("note-referral", {})),
    "both allege": (
        ("set-safe-contact-plan", {}),
        ("both allege", {}),
        ("record-primary-aggressor", {}),
    ),
    "suspect released": (("suspect released", {}), ("settle-contact-at-event", {})),
    "retaliation": (("retaliation asked", {}), ("answer-retaliation-check", {})),
    "waits for a window": (
        ("regrade", {"grade": "HIGH"}),
        ("set-safe-contact-plan", {}),
        ("approve-wait", {}),
    ),
    "closure refused": (("ask-closure", {}), ("refuse-closure", {})),
    "closed in spite": (("ask-closure", {}), ("close-case", {"override_reason": "MOVED_ABROAD"})),
}


def play_scene(stream: Stream, name: str, random: Random, seen: Callable[[], None]) -> None:
    """A story, step by step, some left out, now and then with hours between; `seen` looks at the
    case after each."""
    for kind, given in SCENES[name]:
        if stream.ended():
            return
        if kind in NEWS:
            stream.tell(NEWS[kind](stream.play))
        elif random.random() < 0.9:
            stream.ask_for(kind, random, **given)
        seen()
        if random.random() < 0.3:
            stream.pass_time(stream.play.now + timedelta(hours=random.randint(1, 30)))
            seen()
