"""The demonstration plays the sample with the product's own workflows and ends by itself: every
duty is worked by the same gate and commands as in the field."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


WEEKS = 3
"""Enough for a case to come before MARAC: its list closes a week ahead."""


@pytest.fixture(scope="module")
def played() -> subprocess.CompletedProcess[str]:
    """The demonstration, played once."""
    return subprocess.run(
        [sys.executable, "starter.py", "demo", "--weeks", str(WEEKS)],
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "160"},
        capture_output=True,
        text=True,
        timeout=590,
        check=False,
    )


@pytest.mark.timeout(600)
def test_the_demonstration_ends_with_a_sound_ledger_and_tells_its_story(
    played: subprocess.CompletedProcess[str],
) -> None:
    assert played.returncode == 0, played.stderr
    for said in (
        "CASE_OPENED",
        "The board on",
        "Breaches",
        "The story of CASE-",
        "golden hour",
        "contact attempt",
        "M03 Golden hour complete",
        "every chain and seal holds",
        f"{WEEKS} weeks played in",
    ):
        assert said in played.stdout
    assert "Traceback" not in played.stderr
    assert "failed" not in played.stderr.lower()


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "came",
    [
        r"DASH_ACPO_27\s+\d",
        r"IDVA (ATTEMPTING|ENGAGED|ACKNOWLEDGED)\s+\d",
        r"MARAC held\s+\d",
        r"MARAC ACTIONS_AGREED\s+\d",
        r"MATAC NOMINATED\s+\d",
        r"(SEEN_ALONE|NO_REPLY|SUSPECT_ARRESTED)\s+\d",
        r"told in time\s+\d",
        r"Operation Encompass\s+in time\s+\d",
        r"support referrals\s+in time\s+\d",
        r"handed over\s+\d",
        r"threat to life\s+\d",
        r"closed\s+\d",
        r"reopened\s+\d",
        r"frozen after a death or grave injury\s+2",
        r"conflict that did not hold\s+\d",
        r"not taken by another area\s+\d",
        r"adult at risk: concern sent\s+\d",
        r"record restricted\s+\d",
        r"conflict of interest\s+\d",
        r"taken by another area\s+\d",
        r"two references, one person\s+\d",
    ],
)
def test_every_duty_of_three_weeks_is_worked(
    played: subprocess.CompletedProcess[str], came: str
) -> None:
    assert re.search(came, played.stdout), came
