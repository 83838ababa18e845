"""Verification asks running workflows, and does not wait for all of them where nobody answers."""

from __future__ import annotations

import json
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import ledger
from cli.ledger import MOST_SILENT, Heads, Verified
from store.verify import Finding, FindingKind, verify
from tests.site import Site


async def test_workflows_that_do_not_answer_are_named_and_soon_no_more_are_asked(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    streams = [stream for _ in range(2) for stream in await site.open()]
    await site.runtime.relay_once()
    await site.settled(*streams)
    heads = Heads(site.runtime)
    assert await verify(site.runtime.engine, heads) == []
    assert heads.silent == []
    assert await heads("case/CASE-1999-00001") is None
    assert heads.silent == []

    monkeypatch.setattr(ledger, "ANSWER_WITHIN", timedelta(seconds=0.5))
    await site.stop_worker()
    assert await verify(site.runtime.engine, heads) == []
    assert len(heads.silent) == MOST_SILENT < len(streams)
    assert set(heads.silent) < set(streams)


BROKEN = Finding(FindingKind.ALTERED, "case/CASE-2027-00001", 1, "altered")


@pytest.mark.parametrize(
    ("found", "code", "whole", "complete"),
    [
        (Verified(findings=(), differences=(), engine=True), 0, True, True),
        (Verified(findings=(), differences=(), engine=False), 3, True, False),
        (Verified(findings=(), differences=(), engine=True, silent=("case/X",)), 3, True, False),
        (Verified(findings=(BROKEN,), differences=(), engine=False), 1, False, False),
    ],
)
def test_what_was_not_compared_is_neither_wrong_nor_verified(
    found: Verified, code: int, whole: bool, complete: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answered(asked: Coroutine[Any, Any, Verified]) -> Verified:
        asked.close()
        return found

    monkeypatch.setattr(ledger, "execute", answered)
    result = CliRunner().invoke(ledger.app, ["ledger", "verify", "--json"])
    assert result.exit_code == code
    told = json.loads(result.stdout)
    assert (told["whole"], told["complete"]) == (whole, complete)
