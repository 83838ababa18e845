"""Bytes to rows: whatever a force's export tool wrote, and whatever became of it on the way."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pytest

from intake.errors import FileError
from intake.mapping import load_mapping
from intake.reader import open_extract
from intake.rows import Reject, SoundRow, write_rejects
from intake.run import read_rows
from models.enums import RejectReason, RiskTool, SuspectStatus
from tests.intake.conftest import MEDWAY, NOW

HEADER = (MEDWAY / "feed-late.csv").read_bytes().splitlines()[0].decode()
NAMES = HEADER.split(",")
GOOD = {
    "Incident No": "46/1/26",
    "Version": "1",
    "Recorded As": "Crime",
    "HO Class": "8N",
    "Occurred From": "01/11/2026 10:00",
    "Reported": "01/11/2026 10:30",
    "District": "Medway",
    "DA": "Y",
    "Victim Ref": "VIC-1",
    "Victim Age": "30",
    "Victim Name": "Fictional Rowan",
    "Victim Phone": "07700 900123",
    "MO": "Neighbour heard shouting.",
}


def line(**changes: str) -> str:
    """A line of the extract; keywords are column names with `_` for the space."""
    values = GOOD | {name.replace("_", " "): value for name, value in changes.items()}
    return ",".join(values.get(name, "") for name in NAMES)


def rows_of(content: bytes | str) -> tuple[list[SoundRow], list[Reject]]:
    data = content.encode() if isinstance(content, str) else content
    _, rows, rejects = read_rows(io.BytesIO(data), "kent-medway", NOW)
    return rows, rejects


def only(content: bytes | str) -> SoundRow:
    rows, rejects = rows_of(content)
    assert not rejects
    (row,) = rows
    return row


def refusal(**changes: str) -> tuple[str, str]:
    rows, (reject,) = rows_of(f"{HEADER}\r\n{line(**changes)}\r\n")
    assert not rows
    return reject.reason.value, reject.column


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_encoding_is_found_out(encoding: str) -> None:
    name, story = "Zoë O\u2019Brien", "£40 \u2013 taken"
    text = f"{HEADER}\r\n{line(Victim_Name=name, MO=story)}\r\n"
    row = only(text.encode(encoding))
    assert row.secrets.victim_name == name
    assert row.secrets.narrative == story


def test_utf16_is_refused_as_a_whole() -> None:
    with pytest.raises(FileError, match="UTF-16"):
        rows_of(f"{HEADER}\r\n{line()}".encode("utf-16"))


def test_gzip_is_read_whatever_the_file_is_called() -> None:
    assert only(gzip.compress(f"{HEADER}\n{line()}\n".encode())).report.incident_ref == "46/1/26"


def test_a_cut_gzip_file_is_one_clear_error() -> None:
    lines = "\n".join(line(Incident_No=f"46/{n}/26") for n in range(500))
    with pytest.raises(FileError, match="damaged or cut short"):
        rows_of(gzip.compress(f"{HEADER}\n{lines}\n".encode())[:-40])


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters_are_found_out(delimiter: str) -> None:
    text = f"{HEADER}\n{line()}\n".replace(",", delimiter)
    assert only(text).report.victim_ref == "VIC-1"


def test_ndjson_reads_like_the_same_csv() -> None:
    as_json = {**GOOD, "Version": 1, "Victim Age": 30, "DA": True, "HO Class": ["8N", "8l"]}
    row = only("\n" + json.dumps(as_json) + "\n")
    assert row.report.ho_class == ("8N", "8L")
    assert row.line == 2
    same = only(f"{HEADER}\n{line(HO_Class='8n; 8L')}\n")
    assert row.report == same.report and row.secrets == same.secrets


def test_damaged_ndjson_lines_are_refused_one_by_one() -> None:
    rows, rejects = rows_of(f'{json.dumps(GOOD)}\n{{"Incident No": \n[1]\n' + "[" * 50_000)
    assert len(rows) == 1
    assert [(r.line, r.reason) for r in rejects] == [
        (line, RejectReason.MALFORMED_ROW) for line in (2, 3, 4)
    ]


def test_every_missing_column_is_named_once() -> None:
    with pytest.raises(FileError, match="no column District, Risk Grade") as caught:
        rows_of(f"{HEADER.replace(',District', ',Town').replace('Risk Grade', 'RG')}\n{line()}\n")
    assert "Fictional" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\r\n \r\n"])
def test_an_empty_file_is_one_clear_error(content: bytes) -> None:
    with pytest.raises(FileError, match="empty"):
        rows_of(content)


def test_an_unknown_mapping_names_those_there_are() -> None:
    with pytest.raises(FileError, match="kent-medway"):
        load_mapping("essex")


def test_another_force_needs_only_another_mapping_file(tmp_path: Path) -> None:
    text = (MEDWAY.parents[1] / "intake" / "mappings" / "kent-medway.yaml").read_text()
    other = tmp_path / "other.yaml"
    other.write_text(
        text.replace("version: Version", "version: Ver")
        .replace("  crime_ref: Crime No\n", "")
        .replace("On scene: ON_SCENE", "Present: ON_SCENE")
    )
    header = HEADER.replace(",Version", ",Ver").replace(",Crime No", "")
    body = ",".join(
        {**GOOD, "Suspect Status": "present"}.get(n, "") for n in NAMES if n != "Crime No"
    )
    content = io.BytesIO(f"{header}\n{body}\n".encode())
    _, rows, rejects = read_rows(content, str(other), NOW)
    assert not rejects
    assert rows[0].report.suspect_status is SuspectStatus.ON_SCENE


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("Arrested: ARRESTED", "Arrested: NICKED", "NICKED"),
        ("  district: District\n", "", "district is required"),
        ("  version: Version", "  version: Version\n  shoe_size: Shoes", "shoe_size"),
        ("  statement: {Given", "  statements: {Given", "statements"),
    ],
)
def test_a_mistake_in_a_mapping_is_named(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    text = (MEDWAY.parents[1] / "intake" / "mappings" / "kent-medway.yaml").read_text()
    assert before in text
    path = tmp_path / "wrong.yaml"
    path.write_text(text.replace(before, after))
    with pytest.raises(FileError, match=said):
        load_mapping(str(path))


def test_blank_lines_and_repeated_headers_are_passed_over_and_counted() -> None:
    content = f"{HEADER}\r\n\r\n{line()}\r\n   \r\n{HEADER.upper()}\r\n"
    extract = open_extract(io.BytesIO(content.encode()), load_mapping())
    assert len(list(extract.records)) == 1
    assert (extract.counts.blank_lines, extract.counts.repeated_headers) == (2, 1)


def test_line_breaks_inside_quotes_belong_to_the_record_even_before_an_incident_number() -> None:
    story = '"See also\n46/9/26, the day before"'
    rows, rejects = rows_of(
        f"{HEADER}\r\n{line(MO=story)}\r\n{line(Incident_No='46/2/26', Version='x')}\r\n"
    )
    assert rows[0].secrets.narrative == "See also\n46/9/26, the day before"
    assert [r.line for r in rejects] == [4]


def test_after_an_unclosed_quote_reading_resumes_at_the_next_incident() -> None:
    broken = line(Incident_No="46/2/26", MO='"Never closed')
    quoted = line(Incident_No="46/3/26", MO='"He said ""no"""')
    content = f"{HEADER}\n{line()}\n{broken}\nmore of the story\n{quoted}\n{broken}\n"
    rows, rejects = rows_of(content)
    assert [row.report.incident_ref for row in rows] == ["46/1/26", "46/3/26"]
    assert [(r.line, r.reason.value) for r in rejects] == [
        (3, "MALFORMED_ROW"),
        (6, "MALFORMED_ROW"),
    ]


def test_a_short_row_is_refused_and_the_next_one_is_read() -> None:
    rows, rejects = rows_of(f"{HEADER}\n46/2/26,1,Crime\n{line()}\n")
    assert len(rows) == 1
    assert [(r.line, r.reason.value, r.column) for r in rejects] == [(2, "MALFORMED_ROW", "")]


@pytest.mark.parametrize(
    ("changes", "reason", "column"),
    [
        ({"Victim_Ref": " "}, "MISSING_FIELD", "Victim Ref"),
        ({"HO_Class": ""}, "MISSING_FIELD", "HO Class"),
        ({"Reported": "31/11/2026 10:00"}, "INVALID_TIME", "Reported"),
        ({"Reported": "1/11/2026 10:30"}, "INVALID_TIME", "Reported"),
        ({"Occurred_To": "25:00"}, "INVALID_TIME", "Occurred To"),
        ({"Version": "0"}, "INVALID_NUMBER", "Version"),
        ({"Version": "99999999999"}, "INVALID_NUMBER", "Version"),
        ({"Victim_Age": "121"}, "INVALID_NUMBER", "Victim Age"),
        ({"Victim_Age": "3٣"}, "INVALID_NUMBER", "Victim Age"),
        ({"Risk_Score": "28"}, "INVALID_NUMBER", "Risk Score"),
        ({"Children_Present": "21"}, "INVALID_NUMBER", "Children Present"),
        ({"Risk_Grade": "Purple"}, "UNKNOWN_CODE", "Risk Grade"),
        ({"Stalking": "perhaps"}, "UNKNOWN_CODE", "Stalking"),
        ({"Existing_Order": "DVPN;Ban"}, "UNKNOWN_CODE", "Existing Order"),
        ({"Outcome": "23"}, "UNKNOWN_CODE", "Outcome"),
        ({"DA": "n"}, "NOT_DOMESTIC_ABUSE", "DA"),
        ({"Reported": "23/11/2026 09:01"}, "REPORTED_IN_FUTURE", "Reported"),
        ({"Occurred_From": "01/11/2026 10:31"}, "OCCURRED_AFTER_REPORTED", "Occurred From"),
        ({"Incident_No": "46/" + "9" * 300}, "MALFORMED_ROW", "Incident No"),
        ({"MO": "half\x00way"}, "MALFORMED_ROW", "MO"),
        ({"Victim_Age": "x", "Reported": "y", "District": ""}, "MISSING_FIELD", "District"),
        ({"Victim_Age": "x", "Occurred_From": "y", "DA": "N"}, "INVALID_TIME", "Occurred From"),
    ],
)
def test_a_row_is_refused_for_the_first_reason_that_applies(
    changes: dict[str, str], reason: str, column: str
) -> None:
    assert refusal(**changes) == (reason, column)


def test_blanks_and_codes_of_any_case_are_sound() -> None:
    row = only(
        f"{HEADER}\n"
        + line(
            Recorded_As="NON-CRIME da",
            HO_Class="",
            Risk_Tool=" dash ",
            Shared_Home="y",
            Weapon="none",
            Occurred_From="01/11/2026 10:30",
            Occurred_To="02/11/2026 10:30",
            Outcome="16",
        )
        + "\n"
    )
    report = row.report
    assert (report.risk_tool, report.shared_home, report.weapon) == (
        RiskTool.DASH_ACPO_27,
        True,
        False,
    )
    assert (report.outcome_code, report.suspect_age, report.stalking) == (16, None, False)


def test_a_time_that_occurs_twice_takes_the_first_and_is_flagged() -> None:
    report = only(f"{HEADER}\n{line(Occurred_From='25/10/2026 01:30')}\n").report
    assert report.occurred_from.isoformat() == "2026-10-25T00:30:00+00:00"
    assert report.ambiguous_times == ("occurred_from",)


def test_a_time_that_never_occurs_is_refused() -> None:
    assert refusal(Occurred_From="29/03/2026 01:30") == ("INVALID_TIME", "Occurred From")


def test_the_reject_file_has_places_and_reasons_but_no_content(tmp_path: Path) -> None:
    with (MEDWAY / "feed.csv").open("rb") as stream:
        _, _, rejects = read_rows(stream, "kent-medway", NOW)
    path = tmp_path / "rejects.csv"
    write_rejects(path, rejects)
    lines = path.read_text().splitlines()
    assert lines[0] == "line,column,reason"
    assert "565,Risk Grade,UNKNOWN_CODE" in lines
    for content in ("Purple", "Fictional", "07700", "46/", "VIC-", "Gone fishing"):
        assert content not in path.read_text()


def test_a_reject_file_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be written"):
        write_rejects(tmp_path / "nowhere" / "rejects.csv", [])
