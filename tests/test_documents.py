"""Documents that leave: marked on every page, escaped, and without a name where the role may not
have one. What was disclosed to whom stands in the access log."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from pypdf import PdfReader
from sqlalchemy import select, update

from access.gate import Gate
from casework.documents import content, form
from casework.documents.content import RESTRICTED, WITHHELD, Asked
from casework.documents.model import MARKING, Document, Section
from casework.documents.render import to_html, to_pdf
from casework.postgres import Postgres
from casework.temporal_server import TemporalServer
from models.base import Refused
from models.commands import Grant
from models.enums import Agency, Role
from store.tables import access_log, case_register
from tests.meeting_house import (
    MARAC_COORDINATOR,
    MATAC_COORDINATOR,
    REFERRER,
    Listed,
    a_listed_referral,
)
from tests.site import DALO, Site, a_site

NAME, PHONE = "Fictional Person", "07700 900000"


def pages(pdf: bytes) -> list[str]:
    """The text of each page."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def a_document(rows: int) -> Document:
    return Document(
        title="MARAC agenda",
        reference="MARAC/Medway/2027-04-08/1",
        recipient="HOUSING",
        made_at=datetime(2027, 4, 1, 9, tzinfo=UTC),
        made_by="MC-6001",
        sections=(
            Section(
                heading="Cases",
                columns=("no.", "name"),
                rows=tuple((str(n), "Zoë <b>Łukasik</b>") for n in range(rows)),
            ),
            Section(heading="Minutes", paragraphs=("First line.\nSecond line.",)),
        ),
    )


@pytest.mark.parametrize("rows", [0, 1, 80, 200])
def test_every_page_of_a_pdf_has_the_marking_twice_and_its_number(rows: int) -> None:
    texts = pages(to_pdf(a_document(rows)))
    for number, text in enumerate(texts, 1):
        assert text.count(MARKING) >= 2
        assert f"page {number} of {len(texts)}" in text
    assert len(texts) > 1 or rows < 80


def test_a_pdf_prints_names_as_they_are_spelt_and_says_its_language() -> None:
    pdf = to_pdf(a_document(1))
    assert "Zoë <b>Łukasik</b>" in pages(pdf)[0]
    reader = PdfReader(io.BytesIO(pdf))
    assert str(reader.root_object["/Lang"]) == "en-GB"
    assert MARKING in str(reader.metadata and reader.metadata.title)


def test_html_is_escaped_marked_and_structured() -> None:
    html = to_html(a_document(1))
    assert "<b>" not in html
    assert "Zoë &lt;b&gt;Łukasik&lt;/b&gt;" in html
    assert html.count(MARKING) >= 3
    for part in ('<html lang="en-GB">', "<h1>", "<caption>", 'scope="col"', 'scope="row"'):
        assert part in html
    for outside in ("http://", "https://", "<script", "mailto:"):
        assert outside not in html


@dataclass(frozen=True)
class House:
    """One listed referral for the tests of this file: no meeting of a day comes twice on a
    server."""

    site: Site
    listed: Listed


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(
    server: TemporalServer, postgres_server: Postgres, database_template: str
) -> AsyncIterator[House]:
    url = postgres_server.create_database("dalo_documents", database_template)
    async with a_site(server, url, "documents") as site:
        yield House(site, await a_listed_referral(site))
    postgres_server.drop_database("dalo_documents")


def asked(site: Site, role: Role = Role.MARAC_COORDINATOR, to: Agency = Agency.HOUSING) -> Asked:
    grant = Grant(actor=MARAC_COORDINATOR, role=role, access_log_id="test")
    return Asked(site.runtime, grant, to.value)


async def test_an_agenda_names_the_victim_to_a_role_that_may_and_to_no_other(house: House) -> None:
    site, listed = house.site, house.listed
    seen = to_html(await content.agenda(asked(site), listed.ref))
    assert NAME in seen
    assert listed.referral_ref in seen
    for role in (Role.MATAC_COORDINATOR, Role.MASIP_LEAD, Role.EVALUATOR):
        document = await content.agenda(asked(site, role), listed.ref)
        for text in (to_html(document), *pages(to_pdf(document))):
            assert NAME not in text
            assert PHONE not in text
        assert WITHHELD in to_html(document)
    await _restrict(site, listed, restricted=True)
    hidden = to_html(await content.research_request(asked(site), listed.ref))
    assert NAME not in hidden
    assert RESTRICTED in hidden
    await _restrict(site, listed, restricted=False)


async def _restrict(site: Site, listed: Listed, *, restricted: bool) -> None:
    change = update(case_register).where(case_register.c.case_ref == listed.case_ref)
    async with site.runtime.engine.begin() as conn:
        await conn.execute(change.values(restricted=restricted))


async def test_the_gate_lets_those_disclose_who_run_the_meeting_and_logs_the_recipient(
    house: House,
) -> None:
    site, listed = house.site, house.listed
    gate: Gate = site.runtime.gate
    grant = await gate.authorise(
        MARAC_COORDINATOR, "meeting-agenda", listed.ref, reason_code="TO_HOUSING"
    )
    refusals = {}
    for actor in (MATAC_COORDINATOR, DALO):
        with pytest.raises(Refused) as told:
            await gate.authorise(actor, "meeting-agenda", listed.ref)
        refusals[actor] = told.value.code
    assert refusals == {MATAC_COORDINATOR: "NOT_YOUR_CASE", DALO: "ROLE_NOT_PERMITTED"}
    async with site.runtime.engine.connect() as conn:
        row = (
            await conn.execute(select(access_log).where(access_log.c.id == grant.access_log_id))
        ).one()
    assert (row.action, row.subject) == ("meeting-agenda", listed.ref)
    assert row.reason_code == "TO_HOUSING"


async def test_the_form_has_basis_and_consent_apart_and_no_number_without_a_plan(
    house: House,
) -> None:
    site, listed = house.site, house.listed
    document = await form.referral_form(asked(site), listed.referral_ref)
    text = "\n".join(pages(to_pdf(document)))
    assert "SERIOUS_HARM_HIGH_RISK" in text
    assert "NOT_ASKED_UNSAFE" in text
    assert "VISIBLE_HIGH_RISK" in text
    assert NAME in text
    assert form.NO_PLAN.split(":")[0] in text
    assert PHONE not in text
    facts = dict(fact for section in document.sections for fact in section.facts)
    assert facts["Referrer"] == REFERRER
    assert facts["Perpetrators' names, dates of birth, addresses"] == form.BY_HAND


async def test_no_document_of_a_meeting_that_nobody_opened(house: House) -> None:
    site = house.site
    with pytest.raises(Refused, match="UNKNOWN_REFERENCE"):
        await content.agenda(asked(site), "MARAC/Medway/2031-01-02/1")


async def test_no_form_is_made_of_a_referral_that_does_not_answer(house: House) -> None:
    with pytest.raises(Refused, match="NO_ANSWER"):
        await form.referral_form(asked(house.site), "MARAC-2031-00001")


def test_templates_and_fonts_are_package_data() -> None:
    told = (Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert '"*.html"' in told
