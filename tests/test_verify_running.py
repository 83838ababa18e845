"""Verification asks running workflows, and does not wait for all of them where nobody answers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cli import ledger
from cli.ledger import MOST_SILENT, Heads
from store.verify import verify
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
