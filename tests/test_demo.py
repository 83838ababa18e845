"""The demonstration plays the sample with the product's own workflows and ends by itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.timeout(240)
def test_the_demonstration_ends_with_a_sound_ledger_and_tells_its_story() -> None:
    done = subprocess.run(
        [sys.executable, "starter.py", "demo", "--weeks", "2"],
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "160"},
        capture_output=True,
        text=True,
        timeout=230,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for said in (
        "CASE_OPENED",
        "The board on",
        "Breaches",
        "The story of CASE-",
        "golden hour verdict",
        "contact attempt",
        "M03 Golden hour complete",
        "every chain and seal holds",
        "2 weeks played in",
    ):
        assert said in done.stdout
    assert "Traceback" not in done.stderr
