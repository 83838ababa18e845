"""Leave, handover, conflict, merge and renewal as people give them on the command line, against the
running one-machine service."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from casework.runtime import Runtime
from models.instants import london
from store.tables import case_register, ledger_event
from tests.cli import conftest as cli
from tests.cli.conftest import Dalo, Result

pytestmark = [pytest.mark.timeout(240)]
own_logging = cli.own_logging
dalo = cli.dalo
service = cli.service
extract = cli.extract
at_home = cli.at_home
cases = cli.cases
SERGEANT, INSPECTOR, OIC = "PS-4001", "DI-4100", "PC-4021"
DALOS = ("PC-4011", "PC-4012", "PC-4013")


class Hands:
    """Two cases, their officers, and what is typed about them."""

    def __init__(self, dalo: Dalo, runtime: Runtime, refs: list[str]) -> None:
        self.dalo, self.runtime, self.refs = dalo, runtime, refs

    async def done(self, *args: str) -> Result:
        """A command that must succeed."""
        result = await self.dalo(*args)
        assert result.code == 0, (args, result.err)
        return result

    async def refused(self, words: str, *args: str) -> None:
        """A command that must be refused in these words."""
        result = await self.dalo(*args)
        assert result.code == 1, (args, result.out)
        assert words in " ".join(result.err.lower().split()), (args, result.err)

    async def officer(self, ref: str) -> str:
        """Who has a case."""
        board = (await self.done("board", "--json", "--as", SERGEANT)).json
        return str(next(each["dalo_id"] for each in board["cases"] if each["case_ref"] == ref))

    def time(self, **later: float) -> str:
        """A London time as it is typed."""
        return f"{london(self.runtime.clock() + timedelta(**later)):%Y-%m-%d %H:%M}"

    async def count(self, tag: str) -> int:
        """How often something was recorded."""
        query = select(func.count()).where(ledger_event.c.tag == tag)
        async with self.runtime.engine.connect() as conn:
            return int(await conn.scalar(query) or 0)

    async def recorded(self, tag: str, times: int) -> None:
        """Wait until something was recorded so often."""
        for _ in range(200):
            if await self.count(tag) >= times:
                break
            await asyncio.sleep(0.05)
        assert await self.count(tag) == times, tag

    async def closed(self, ref: str) -> bool:
        query = select(case_register.c.closed_at).where(case_register.c.case_ref == ref)
        async with self.runtime.engine.connect() as conn:
            return await conn.scalar(query) is not None


async def who_is_named(hands: Hands, ref: str, mine: str) -> None:
    """Only people of the roster, at work, without a conflict, are given a case."""
    give = ("do", ref, "hand-over", "--reason", "WORKLOAD", "--as", SERGEANT, "--dalo-id")
    for nobody in ("PC-9999", OIC, SERGEANT):
        await hands.refused("is no dalo of the roster", *give, nobody)
    named = ("do", ref, "reassign", "--reason", "WORKLOAD", "--as", SERGEANT, "--dalo-id")
    await hands.refused("is no dalo of the roster", *named, "PC-9999")
    action = (
        "do",
        ref,
        "add-need-action",
        "--action",
        f"SAFETY:LOCKS:PC-9999:{hands.time(days=3)}",
    )
    result = await hands.dalo(*action, "--as", mine)
    assert result.code != 0


async def related(hands: Hands, ref: str, mine: str, other: str) -> None:
    """A conflict of interest shuts a person out; an inspector lifts it."""
    why = ("--officer", other, "--reason", "RELATIVE_OF_SUSPECT")
    await hands.done("conflict", "declare", ref, *why, "--as", mine)
    listed = await hands.done("conflict", "list", ref, "--json", "--as", mine)
    assert [row["officer_id"] for row in listed.json] == [other]
    give = ("do", ref, "hand-over", "--dalo-id", other, "--reason", "WORKLOAD", "--as", SERGEANT)
    await hands.refused("conflict of interest", *give)
    await hands.refused(
        "closed to this account", "case", ref, "--reason", "checking", "--as", other
    )
    lift = ("conflict", "lift", ref, *why)
    await hands.refused("inspector's", *lift, "--as", SERGEANT)


async def on_leave(hands: Hands, ref: str, mine: str, cover: str, shut_out: str) -> None:
    """Each case of an absent officer has its cover; one shut to the cover is the sergeant's."""
    away = ("--from", hands.time(days=1), "--until", hands.time(days=8), "--as", SERGEANT)
    leave = ("handover", "leave", mine, *away, "--json", "--cover")
    backwards = ("--from", hands.time(days=8), "--until", hands.time(days=1), "--as", SERGEANT)
    await hands.refused("absence ends", "handover", "leave", mine, *backwards, "--cover", cover)
    done = await hands.done(*leave, cover)
    assert {"case_ref": ref, "outcome": "COVERED", "who": cover} in [
        {name: row[name] for name in ("case_ref", "outcome", "who")} for row in done.json
    ]
    told = len(done.json)
    await hands.recorded("handover:cover:recorded", told)
    await hands.done(*leave, cover)
    assert await hands.count("handover:cover:recorded") == told
    shut = await hands.done(*leave, shut_out)
    (mine_row,) = [row for row in shut.json if row["case_ref"] == ref]
    assert (mine_row["outcome"], mine_row["who"]) == ("SUPERVISOR", SERGEANT)
    assert mine_row["code"] == "CONFLICT_OF_INTEREST"
    await hands.refused("role", "handover", "leave", mine, *away[:-1], cover, "--cover", shut_out)


async def handed_to(hands: Hands, ref: str, mine: str, to: str) -> None:
    """The receiver accepts; somebody who is away is given nothing."""
    give = ("do", ref, "hand-over", "--reason", "WORKLOAD", "--as", SERGEANT, "--dalo-id")
    await hands.done(*give, to)
    await hands.refused("handed to", "do", ref, "accept-handover", "--as", mine)
    await hands.done("do", ref, "accept-handover", "--as", to)
    assert await hands.officer(ref) == to
    back = ("--until", hands.time(days=8), "--cover", to, "--as", SERGEANT)
    await hands.done("handover", "leave", mine, "--from", hands.time(hours=-1), *back)
    await hands.refused("is away", *give, mine)


async def one_person(hands: Hands, kept: str, gone: str) -> None:
    """Two references prove to be one person: one case is left, and a sergeant looks it through."""
    merge = ("merge", "VIC-1", "VIC-2", "--reason", "SAME_PERSON_BY_DOB")
    wrong = await hands.dalo(*merge, "--keep", "VIC-3", "--as", SERGEANT)
    assert wrong.code == 2
    await hands.refused("role", *merge, "--keep", "VIC-1", "--as", OIC)
    same = ("--approved-by", SERGEANT, "--as", SERGEANT)
    await hands.refused("somebody else", *merge, "--keep", "VIC-1", *same)
    done = await hands.done(*merge, "--keep", "VIC-1", "--as", SERGEANT, "--json")
    assert (done.json["kept_case"], done.json["closing_case"]) == (kept, gone)
    await hands.refused("merged into", *merge, "--keep", "VIC-1", "--as", SERGEANT)
    for _ in range(100):
        if await hands.closed(gone) and await hands.count("merge:received"):
            break
        await asyncio.sleep(0.1)
    assert await hands.closed(gone)
    review = ("do", kept, "review-merge", "--as", SERGEANT)
    await hands.done(*review)
    await hands.refused("no merge waits", *review)
    await hands.refused(
        "go on in", "do", gone, "reopen-case", "--reason", "MISTAKE", "--as", SERGEANT
    )


async def test_cases_change_hands_by_the_command_line(
    cases: list[str], dalo: Dalo, at_home: Runtime
) -> None:
    hands = Hands(dalo, at_home, cases)
    async with at_home.engine.connect() as conn:
        rows = await conn.execute(select(case_register.c.victim_ref, case_register.c.case_ref))
        of = dict(map(tuple, rows.all()))
    ref, second = of["VIC-1"], of["VIC-2"]
    mine = await hands.officer(ref)
    other, third = [each for each in DALOS if each != mine]
    await who_is_named(hands, ref, mine)
    await related(hands, ref, mine, third)
    await on_leave(hands, ref, mine, other, third)
    await handed_to(hands, ref, mine, other)
    lift = ("--officer", third, "--reason", "NOT_RELATED", "--as", INSPECTOR)
    await hands.done("conflict", "lift", ref, *lift)
    assert (await hands.done("conflict", "list", ref, "--json", "--as", SERGEANT)).json == []
    await one_person(hands, ref, second)
    looked = await hands.done("renew", "--dry-run", "--json", "--as", SERGEANT)
    assert (looked.json["told"], looked.json["counting_again"]) == ([], [])
    assert looked.json["current"] > 0
    await hands.done("renew", "--as", SERGEANT)
    await hands.refused("role", "renew", "--as", mine)
    await hands.done("ledger", "verify", "--as", SERGEANT)
    found = await hands.done("watchdog", "--once", "--json", "--as", SERGEANT)
    assert found.json == {"findings": []}
