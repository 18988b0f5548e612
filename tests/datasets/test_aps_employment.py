"""APS employment: sample round trip, recorded answers, and every way Nomis is known to answer wrongly."""

from __future__ import annotations

import csv
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.areas import Areas
from observatory_assets.datasets.aps_employment import DATASET, EMPLOYMENT, build_resources, find_cells
from observatory_assets.publishers import nomis
from observatory_assets.sample import aps_employment as sample
from resources.errors import ObservatoryError, SchemaDrift, UnexpectedPayload
from tests.datasets.fetched import AREAS, duplicates, fetch, payload, read

CELLS = find_cells(sample.code_list())


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return fetch(DATASET, {phase: list(sample.entries(phase)) for phase in (1, 2, 3)}, tmp_path_factory.mktemp("aps"))


@pytest.fixture(scope="module")
def table(first):
    return read(DATASET, first[1])[EMPLOYMENT.name]


@pytest.fixture(scope="module")
def answer(first):
    """The answer about districts: (body, labels)."""
    page = next(page for page in first[1] if page.labels["group"] == "districts")
    return page.path.read_bytes(), dict(page.labels)


def parse(tmp_path, body, labels):
    return read(DATASET, [payload(tmp_path / "aps.csv", body, **labels)])[EMPLOYMENT.name]


def test_the_sample_release_has_every_asked_area_cell_period_and_measure_once(first, table):
    asked = len(AREAS.made_of_districts()) + len(AREAS.districts()) + len(AREAS.wider())
    assert table.num_rows == asked * (1 + 26 + 9) * 5 * 2
    assert duplicates(table, EMPLOYMENT.keys) == 0
    assert set(table["status"].to_pylist()) == {"ok", "u", "c", "low", "x"}
    assert first[0].value == "2026-07-14 07:00:00|2026-07-14 07:00:00"
    assert first[0].released_at.isoformat() == "2026-07-14T06:00:00+00:00", "07:00 in British summer time"


def test_both_boundary_versions_are_asked_and_the_one_with_rutland_is_larger(table):
    total = {
        (row["asked_area"], row["date_code"]): row
        for row in table.to_pylist()
        if row["breakdown"] == "total" and row["measure"] == "value" and row["geography_type"] == "User Defined Geography"
    }
    for year in ("2022-03", "2026-03"):
        assert total["E69000043", year]["value"] > total["E69000020", year]["value"]
        assert total["E69000043", year]["asked_boundary_version"] == "LSIP25"
        assert total["E69000043", year]["geography_code"] is None
        assert total["E69000043", year]["geography_name"] == "LLR"


def test_a_new_quarter_moves_the_marker_and_every_period(first, table, tmp_path):
    marker, payloads = fetch(DATASET, {phase: list(sample.entries(phase)) for phase in (1, 2, 3)}, tmp_path, phase=2)
    later = read(DATASET, payloads)[EMPLOYMENT.name]
    assert marker.value != first[0].value
    assert max(table["date_code"].to_pylist()) == "2026-03" and max(later["date_code"].to_pylist()) == "2026-06"
    assert later.num_rows == table.num_rows


def test_values_exist_exactly_where_the_status_carries_one(table):
    for row in table.to_pylist():
        assert (row["value"] is not None) == (row["status"] in ("ok", "u")), row


def test_an_area_added_to_the_seeds_is_asked_without_a_change_of_code(tmp_path):
    (tmp_path / "area.csv").write_text(
        "area_code,area_name,area_type,boundary_version,role,make_name,valid_from,valid_to\nX1,One,LSIP,LSIP25,focus,One,2025-01-01,\n"
    )
    (tmp_path / "area_district.csv").write_text("area_code,boundary_version,district_code\nX1,LSIP25,E07000001\nX1,LSIP25,E07000002\n")
    (resource,) = build_resources(Areas.from_seeds(tmp_path), CELLS)
    assert "geography=MAKE|One|E07000001;E07000002&" in resource.url


def test_two_areas_with_one_name_to_ask_by_are_refused(tmp_path):
    (tmp_path / "area.csv").write_text(
        "area_code,area_name,area_type,boundary_version,role,make_name,valid_from,valid_to\nX1,A,LSIP,V1,focus,A,,\nX2,A,LSIP,V1,focus,A,,\n"
    )
    (tmp_path / "area_district.csv").write_text("area_code,boundary_version,district_code\nX1,V1,E1\nX2,V1,E2\n")
    with pytest.raises(ValueError, match="make_name"):
        build_resources(Areas.from_seeds(tmp_path), CELLS)


def test_the_questions_stay_under_the_guest_limit_and_encode_only_spaces():
    for resource in build_resources(AREAS, CELLS):
        assert not re.search(r"%(?!20)|\s", resource.url)
        assert len(resource.url) < 2_000
        labels = resource.labels
        assert len(json.loads(labels["areas"])) * len(json.loads(labels["cells"])) * 10 <= nomis.GUEST_CELLS


def test_cells_are_found_by_name_and_overlapping_or_partial_groups_left_out():
    assert sorted(breakdown for breakdown, _ in CELLS.values()) == ["industry"] * 9 + ["occupation_sub_major"] * 26 + ["total"]
    assert ("industry", "C Manufacturing") in CELLS.values()
    assert ("occupation_sub_major", "Caring personal service occupations") in CELLS.values()


def test_a_table_that_lost_a_cell_is_refused_by_name():
    code_list = sample.code_list()
    codes = code_list["structure"]["codelists"]["codelist"][0]["code"]
    codes[:] = [code for code in codes if "Sales occupations" not in code["description"]["value"]]
    with pytest.raises(SchemaDrift, match="occupation_sub_major"):
        find_cells(code_list)


def test_the_constructed_answer_for_the_lsip_gives_the_known_values(recorded):
    path = recorded / "constructed" / "nomis" / "aps_T09b_make_lsip.data.csv"
    with path.open(newline="", encoding="utf-8") as file:
        cells = {row["CELL"]: ("occupation_sub_major", row["CELL_NAME"]) for row in csv.DictReader(file)}
    labels = {
        "group": "made",
        "areas": json.dumps({"Leicester and Leicestershire": ["E69000020", "LSIP23"]}),
        "cells": json.dumps(cells),
        "codes": json.dumps({"cell": list(cells)}),
        "names": json.dumps({"cell": {}}),
        "measures": json.dumps(list(nomis.MEASURES)),
        "more": json.dumps(["GEOGRAPHY_TYPE"]),
        "periods": "1",
    }
    table = read(DATASET, [payload(path, **labels)])[EMPLOYMENT.name]
    values = {row["category_label"]: row for row in table.to_pylist() if row["measure"] == "value"}
    assert table.num_rows == 52
    assert sum(row["value"] == 33_400 for row in values.values()) >= 1
    (enforcement,) = (row for label, row in values.items() if "Community and civil enforcement" in label)
    assert (enforcement["value"], enforcement["status"]) == (None, "c")
    assert enforcement["_source_row"] == "40"


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (lambda body: b"", UnexpectedPayload, "empty"),
        (lambda body: b"<!DOCTYPE html><html><body>Nomis API</body></html>", UnexpectedPayload, "web page"),
        (lambda body: b"Error: Unable to contact data engine", UnexpectedPayload, "error text"),
        (lambda body: body.split(b"\n")[0] + b"\n", UnexpectedPayload, "add up"),
        (lambda body: body[: len(body) // 2], SchemaDrift, "cannot be read"),
        (lambda body: b"\n".join(body.split(b"\n")[:1000]), UnexpectedPayload, "add up"),
        (lambda body: body + body.split(b"\n")[5] + b"\n", UnexpectedPayload, "add up"),
        (lambda body: body.replace(b'"OBS_VALUE"', b'"OBSERVATION"'), SchemaDrift, "OBS_VALUE"),
        (lambda body: body.replace(b'"E07000133"', b'"E07000999"').replace(b'"Melton"', b'"Elsewhere"'), SchemaDrift, "codes"),
        (lambda body: body.replace(b'"20701"', b'"20599"'), SchemaDrift, "codes"),
        (lambda body: body.replace(b'"2022-03"', b'"2023-03"'), SchemaDrift, "periods"),
    ],
)
def test_a_wrong_answer_is_refused(answer, tmp_path, change, error, says):
    body, labels = answer
    with pytest.raises(error, match=says) as refusal:
        parse(tmp_path, change(body), labels)
    assert refusal.value.rule and refusal.value.action


def test_a_code_answered_by_the_total_again_and_again_is_refused(answer, tmp_path):
    body, labels = answer
    cells = json.loads(labels["cells"])
    total = next(cell for cell, (breakdown, _) in cells.items() if breakdown == "total")
    repeated = re.sub("|".join(f'"{cell}"' for cell in cells).encode(), f'"{total}"'.encode(), body)
    with pytest.raises(SchemaDrift, match="codes returned") as refusal:
        parse(tmp_path, repeated, labels)
    assert "missing" in refusal.value.found


def test_an_answer_cut_at_the_guest_limit_is_refused_and_its_pages_together_are_accepted(answer, tmp_path):
    body, labels = answer
    lines = body.split(b"\n")
    header, rows = lines[0], lines[1:-1]
    half = len(rows) // 2
    with pytest.raises(UnexpectedPayload, match="add up") as refusal:
        parse(tmp_path, b"\n".join([header, *rows[:half]]), labels)
    assert f"{half:,} rows" in refusal.value.found
    pages = [
        payload(tmp_path / "1.csv", b"\n".join([header, *rows[:half]]), **labels),
        payload(tmp_path / "2.csv", b"\n".join([header, *rows[half:]]), **labels),
        payload(tmp_path / "3.csv", header, **labels),  # past the end: headings only
    ]
    assert read(DATASET, pages)[EMPLOYMENT.name].num_rows == len(rows)


@pytest.mark.parametrize("text", ["Infinity", "-inf", "NaN", "1e999"])
def test_a_value_that_is_not_finite_becomes_null_with_its_own_status(answer, tmp_path, text):
    body, labels = answer
    lines = body.decode().split("\n")
    lines[1] = re.sub(r'"20100",[0-9]+,', f'"20100",{text},', lines[1])
    row = parse(tmp_path, "\n".join(lines).encode(), labels).to_pylist()[0]
    assert (row["value"], row["status"]) == (None, "nonfinite")


def test_a_byte_order_mark_and_reordered_columns_change_nothing(answer, tmp_path):
    body, labels = answer
    rows = [line.rsplit(",", 1) for line in body.decode().strip().split("\n")]
    turned = "\n".join(f"{last},{rest}" for rest, last in rows)
    assert parse(tmp_path, b"\xef\xbb\xbf" + turned.encode(), labels).equals(parse(tmp_path, body, labels))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_answers_give_whole_tables_or_named_errors(answer, tmp_path, data):
    body, labels = answer
    damaged = bytearray(body[:20_000] if data.draw(st.booleans()) else body)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    try:
        table = parse(tmp_path, bytes(damaged), labels)
    except ObservatoryError:
        return
    assert table.num_rows == len(body.split(b"\n")) - 2
    assert all(value is None or abs(value) < float("inf") for value in table["value"].to_pylist())
