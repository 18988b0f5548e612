"""SOC 2020: the real workbook, the sample, and sheets that are wrong."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
from collections import Counter
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from observatory_assets.datasets import soc2020
from observatory_assets.datasets.contract import Lookup, Payload
from observatory_assets.datasets.soc2020 import DATASET, FILE
from observatory_assets.publishers.workbooks import Sheet
from observatory_assets.sample import soc2020 as sample
from observatory_assets.sample.publisher import Publisher
from observatory_assets.sample.recording import write_recording
from observatory_assets.sample.workbooks import workbook_bytes
from observatory_assets.sample.world import MAJORS, SUB_MAJORS, UNIT_GROUPS
from resources.errors import ObservatoryError, SchemaDrift, UnexpectedPayload
from resources.http import HttpClient
from resources.settings import Settings

GROUPS, TASKS, JOB_TITLES = (table.name for table in DATASET.tables)


def payload(path):
    body = path.read_bytes()
    return Payload(FILE, "https://example.org", path, hashlib.sha256(body).hexdigest(), len(body), dt.datetime.now(dt.timezone.utc))


def parsed(path):
    tables = dict(DATASET.parse([payload(path)]))
    for name, table in tables.items():
        assert [field.name for field in table.schema] == [*DATASET.table(name).column_names, "_source_file", "_source_row"]
    return {name: table.to_pylist() for name, table in tables.items()}


@pytest.fixture(scope="module")
def real(recorded):
    return parsed(recorded / "soc2020" / FILE)


@pytest.fixture(scope="module")
def sample_body():
    return next(sample.entries(1)).body


@pytest.fixture
def changed(sample_body, tmp_path):
    """A function giving the path of the sample's workbook after a change to it."""

    def change(alter):
        workbook = load_workbook(BytesIO(sample_body))
        alter(workbook)
        path = tmp_path / FILE
        path.write_bytes(workbook_bytes(workbook))
        return path

    return change


# The real workbook


def test_the_real_classification_has_9_26_104_and_412_groups(real):
    assert Counter(row["level"] for row in real[GROUPS]) == {"major": 9, "sub_major": 26, "minor": 104, "unit": 412}
    titles = {row["soc_code"]: row["title"] for row in real[GROUPS]}
    assert {code: titles[code] for code in (*MAJORS, *SUB_MAJORS)} == {**MAJORS, **SUB_MAJORS}
    assert {code: titles[code] for code in UNIT_GROUPS} == {code: title for code, (title, _) in UNIT_GROUPS.items()}
    assert {code: titles[code] for code in sample.MINORS} == sample.MINORS
    assert titles["2317"] == "Teachers of English as a foreign language", "the descriptions sheet writes 'english'"


def test_every_real_unit_group_has_tasks_job_titles_and_an_identifier(real):
    units = {row["soc_code"] for row in real[GROUPS] if row["level"] == "unit"}
    assert {row["soc_code"] for row in real[TASKS]} == units
    assert {row["soc_code"] for row in real[JOB_TITLES]} == units
    identifiers = [row["unique_id"] for row in real[GROUPS] if row["level"] == "unit"]
    assert len(set(identifiers)) == 412 and None not in identifiers
    assert (len(real[TASKS]), len(real[JOB_TITLES])) == (2647, 2091)


def test_real_tasks_are_clean_in_order_and_traceable(real, recorded):
    first = [row for row in real[TASKS] if row["soc_code"] == "1111"]
    assert [row["position"] for row in first] == list(range(1, 10))
    assert first[0]["task"].startswith("analyses economic") and first[0]["original_task"] == "~" + first[0]["task"]
    assert not [row for row in real[TASKS] if row["task"][0] in "~ " or "\xa0" in row["task"] or "\n" in row["task"]]
    assert [row for row in real[TASKS] if "\xa0" in row["original_task"]], "the original keeps its no-break spaces"
    workbook = load_workbook(recorded / "soc2020" / FILE, read_only=True)
    cells = [[str(cell or "") for cell in row] for row in workbook["SOC2020 descriptions"].iter_rows(values_only=True)]
    for row in real[TASKS]:
        assert row["original_task"] in cells[int(row["_source_row"].split("!I")[1]) - 1][8]


def test_the_samples_identifiers_are_the_real_ones(real, sample_body, tmp_path):
    (tmp_path / FILE).write_bytes(sample_body)
    identifiers = {row["soc_code"]: row["unique_id"] for row in real[GROUPS]}
    assert {row["soc_code"]: row["unique_id"] for row in parsed(tmp_path / FILE)[GROUPS]}.items() <= identifiers.items()


# The sample


def test_the_sample_is_found_fetched_and_parsed(tmp_path):
    folder = write_recording(tmp_path / "recording", {phase: list(sample.entries(phase)) for phase in (1, 2, 3)}, synthetic=True, description="Sample.")
    with Publisher(folder) as publisher:
        http = HttpClient(Settings(profile="sample", publisher_address=publisher.address, home=tmp_path), DATASET.hosts)
        lookup = Lookup(http, None)
        marker = DATASET.find_marker(lookup)
        assert publisher.requests == [], "the edition is pinned"
        (resource,) = DATASET.find_resources(lookup, marker)
        http.download(resource.url, tmp_path / FILE, starts_with=resource.starts_with)
        http.close()
    assert (marker.value, marker.released_at.date()) == ("16042025", dt.date(2025, 4, 16))
    rows = parsed(tmp_path / FILE)
    assert Counter(row["level"] for row in rows[GROUPS]) == {"major": 9, "sub_major": 26, "minor": 44, "unit": 52}
    assert {row["soc_code"]: row["title"] for row in rows[GROUPS] if row["level"] == "unit"} == {code: title for code, (title, _) in UNIT_GROUPS.items()}
    assert set(Counter(row["soc_code"] for row in rows[TASKS]).values()) == {6, 7, 8}
    assert [(row["soc_code"], row["job_title"]) for row in rows[JOB_TITLES]] == [(code, job) for code, (_, jobs) in UNIT_GROUPS.items() for job in jobs]
    for table in DATASET.tables:
        assert len(rows[table.name]) >= table.minimum_rows
        assert len({tuple(row[key] for key in table.keys) for row in rows[table.name]}) == len(rows[table.name])


def test_the_sample_is_the_same_bytes_every_time(sample_body):
    assert next(sample.entries(1)).body == sample_body


# Sheets that are wrong


def _rename(sheet, header, to):
    def alter(workbook):
        for cell in workbook[sheet][1]:
            if cell.value == header:
                cell.value = to

    return alter


def _set(sheet, cell, value):
    return lambda workbook: workbook[sheet].__setitem__(cell, value)


def _unit_row(workbook):
    return next(row for row in workbook["SOC2020 descriptions"].iter_rows(min_row=2) if row[3].value == 1121)


@pytest.mark.parametrize(
    ("alter", "said"),
    [
        pytest.param(_rename("SOC2020 descriptions", "Tasks", "Duties"), "Tasks", id="column renamed"),
        pytest.param(_rename("SOC2020 Framework", "Unique ID", "URI"), "Unique ID", id="framework column renamed"),
        pytest.param(lambda workbook: workbook.remove(workbook["SOC2020 Framework"]), "SOC2020 Framework", id="sheet missing"),
        pytest.param(_set("SOC2020 descriptions", "B2", 11), "row 2", id="two codes"),
        pytest.param(_set("SOC2020 descriptions", "A2", "<blank>"), "row 2", id="no code"),
        pytest.param(_set("SOC2020 descriptions", "A2", 12), "row 2", id="code of another level"),
        pytest.param(_set("SOC2020 descriptions", "A2", 1.5), "row 2", id="fraction"),
        pytest.param(lambda workbook: workbook["SOC2020 descriptions"].delete_rows(2), "without their parent", id="parent missing"),
        pytest.param(lambda workbook: workbook["SOC2020 descriptions"].delete_rows(_unit_row(workbook)[0].row), "one sheet only", id="unit missing"),
        pytest.param(lambda workbook: setattr(_unit_row(workbook)[8], "value", "<blank>"), "1121", id="no tasks"),
    ],
)
def test_a_changed_layout_is_schema_drift_naming_the_place(changed, alter, said):
    with pytest.raises(SchemaDrift) as caught:
        parsed(changed(alter))
    assert said in f"{caught.value.expected} {caught.value.found}"


def test_header_order_line_breaks_and_a_title_row_above_do_not_matter(changed, sample_body, tmp_path):
    def alter(workbook):
        sheet = workbook["SOC2020 descriptions"]
        sheet["I1"], sheet["H1"] = "Tasks \n", "typical entry routes\nand associated qualifications"
        sheet.insert_rows(1)
        sheet["A1"] = "Volume 1"

    (tmp_path / "original.xlsx").write_bytes(sample_body)
    tasks = [row["task"] for row in parsed(tmp_path / "original.xlsx")[TASKS]]
    rows = parsed(changed(alter))
    assert [row["task"] for row in rows[TASKS]] == tasks
    assert rows[TASKS][0]["_source_row"] == "SOC2020 descriptions!I6"


@pytest.mark.parametrize("kept", [0, 100, 12_000])
def test_a_cut_or_empty_file_is_an_unexpected_payload(sample_body, tmp_path, kept):
    (tmp_path / FILE).write_bytes(sample_body[:kept])
    with pytest.raises(UnexpectedPayload):
        parsed(tmp_path / FILE)


def test_a_web_page_is_an_unexpected_payload(tmp_path):
    (tmp_path / FILE).write_bytes(b"<!doctype html><html><title>Page not found</title></html>")
    with pytest.raises(UnexpectedPayload):
        parsed(tmp_path / FILE)


# Cells of any kind

_CELLS = st.none() | st.text(max_size=20) | st.floats() | st.booleans() | st.integers() | st.sampled_from(["<blank>", "~a\n\n~b", "1111", 1111.0])


@given(st.text(alphabet=st.sampled_from("~a \n\r\t\xa0-"), max_size=40) | _CELLS)
def test_entries_are_never_blank_and_lose_nothing_but_white_space_and_tildes(cell):
    entries = list(soc2020._entries(cell))
    assert all(clean and original in cell for clean, original in entries)
    if isinstance(cell, str) and "<blank>" not in cell:
        assert "".join("".join(clean.split()) for clean, _ in entries).replace("~", "") == "".join(cell.split()).replace("~", "")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(_CELLS, min_size=10, max_size=10), max_size=4))
def test_no_cells_make_the_parser_fail_with_anything_but_our_errors(rows):
    with contextlib.suppress(ObservatoryError):
        soc2020._read(Sheet("w.xlsx", "SOC2020 descriptions", [list(sample._DESCRIPTION_HEADERS), *rows]), {})
