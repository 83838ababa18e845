"""A document as accessible HTML, and as PDF with marking and page number on every page."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace
from jinja2 import Environment, PackageLoader, StrictUndefined

from casework.documents.model import Document, Section
from models.instants import show, utc

_FAMILY = "OpenSans"
_FONTS = {"": "OpenSans-Regular.ttf", "B": "OpenSans-Bold.ttf"}
_LABEL_MM = 45.0
_SHADE = 235
_NARROWEST, _WIDEST = 4, 22
"""Characters of a column."""


def to_html(document: Document) -> str:
    """One page of HTML that needs nothing beside it; every value is escaped."""
    environment = Environment(
        loader=PackageLoader("casework.documents"), autoescape=True, undefined=StrictUndefined
    )
    environment.filters["london"] = show
    return environment.get_template("document.html").render(document=document)


def to_pdf(document: Document) -> bytes:
    """A4 pages with embedded fonts, so that names of every European spelling print."""
    page = _Page(document)
    with as_file(files("ttf_opensans") / "ttf") as folder:
        for style, name in _FONTS.items():
            page.add_font(_FAMILY, style, Path(folder) / name)
        page.add_page()
        page.opening()
        for section in document.sections:
            page.section(section)
        return bytes(page.output())


class _Page(FPDF):
    """The layout: marking above and below, numbered pages, headings, facts, tables."""

    def __init__(self, document: Document) -> None:
        super().__init__(format="A4")
        self._document = document
        self.set_title(f"{document.marking}: {document.title} {document.reference}")
        self.set_lang("en-GB")
        self.set_creation_date(utc(document.made_at))
        self.set_auto_page_break(auto=True, margin=20)
        self.set_margins(15, 15)

    def header(self) -> None:
        """The marking."""
        self._marking(self._document.marking)

    def footer(self) -> None:
        """The marking again, what this is, and which page of how many."""
        self.set_y(-15)
        reference = f"{self._document.reference}  page {self.page_no()} of {{nb}}"
        self._marking(f"{self._document.marking}  {reference}")

    def _marking(self, text: str) -> None:
        self.set_font(_FAMILY, "B", 9)
        self.cell(0, 6, text, align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(2)

    def opening(self) -> None:
        """Title, handling, recipient."""
        made = f"{show(self._document.made_at)} by {self._document.made_by}"
        self._text(f"{self._document.title} {self._document.reference}", 15, "B")
        self._text(self._document.handling, 9)
        self._fact("For", self._document.recipient)
        self._fact("Made", made)

    def section(self, section: Section) -> None:
        """One section."""
        self.ln(3)
        if self.will_page_break(20):
            self.add_page()
        self.start_section(section.heading)
        self._text(section.heading, 12, "B")
        for label, value in section.facts:
            self._fact(label, value)
        if section.columns:
            self._table(section)
        for text in section.paragraphs:
            self._text(text, 10)

    def _text(self, text: str, size: int, style: str = "") -> None:
        self.set_font(_FAMILY, style, size)
        height = size * 0.5
        self.multi_cell(0, height, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1)

    def _fact(self, label: str, value: str) -> None:
        self.set_font(_FAMILY, "B", 10)
        self.multi_cell(_LABEL_MM, 5, label, new_x=XPos.RIGHT, new_y=YPos.TOP)
        self.set_font(_FAMILY, "", 10)
        self.multi_cell(0, 5, value or "-", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _table(self, section: Section) -> None:
        self.set_font(_FAMILY, "", 8)
        heading = FontFace(emphasis="BOLD", fill_color=_SHADE)
        lines = (section.columns, *(section.rows or (_none(section),)))
        with self.table(
            headings_style=heading, text_align="LEFT", line_height=4.5, col_widths=_widths(lines)
        ) as table:
            for cells in lines:
                row = table.row()
                for cell in cells:
                    row.cell(cell or "-")


def _widths(lines: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Shares of the page, so that references stay whole and long words wrap."""
    return tuple(
        min(max(*map(len, column), _NARROWEST), _WIDEST) + 2 for column in zip(*lines, strict=True)
    )


def _none(section: Section) -> tuple[str, ...]:
    return ("none", *("" for _ in section.columns[1:]))
