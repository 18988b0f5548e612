"""The export of all programmes: the recorded rows, the sample, cells that hold lists and entities, and files that are refused."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.datasets.apprenticeship_programmes import DATASET, OPTION, PROGRAMMES, accurate_as_of
from observatory_assets.publishers import skills_england
from observatory_assets.sample import apprenticeship_programmes as sample
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.world import STANDARDS
from resources.errors import ObservatoryError, SchemaDrift, UnexpectedPayload
from tests.datasets.fetched import duplicates, fetch, payload, read

STORY = {phase: list(sample.entries(phase)) for phase in (1, 2, 3)}
BODY = STORY[1][0].body


def parse(tmp_path, body):
    return read(DATASET, [payload(tmp_path / "apprenticeships.csv", body)])[PROGRAMMES.name].to_pylist()


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    marker, payloads = fetch(DATASET, STORY, tmp_path_factory.mktemp("programmes"))
    return marker, read(DATASET, payloads)[PROGRAMMES.name]


def test_the_recorded_rows_are_read_with_their_date_lists_and_states(recorded):
    table = read(DATASET, [payload(recorded / "skills_england" / "Apprenticeships_sample.csv")])[PROGRAMMES.name]
    rows = {row["reference"]: row for row in table.to_pylist()}
    assert len(rows) == 26 and duplicates(table, PROGRAMMES.keys) == 0
    assert {row["as_of"] for row in rows.values()} == {"2026-08-14"}
    assert rows["ST1422"]["status"] == "Approved for delivery (paused for starts)" and rows["ST1422"]["approved_for_delivery"] == dt.date(2026, 8, 5)
    assert json.loads(rows["AU0009"]["routes"]) == ["Business and administration", "Digital"] and rows["AU0009"]["lars_code"] is None
    assert len(json.loads(rows["ST1483"]["options"])) == 3 and rows["ST1483"]["core_and_options"] is True
    assert sum(row["retired_date"] is not None for row in rows.values()) == 3
    text = json.dumps(table.to_pylist(), default=str)
    assert "redacted@example.invalid" not in text and "&nbsp;" not in text and "\\u00a0" not in text


def test_the_sample_has_every_programme_and_no_contact(first):
    marker, table = first
    assert b"contact@sample.invalid" in BODY, "the file itself has it"
    assert "sample.invalid" not in json.dumps(table.to_pylist(), default=str)
    assert table.num_rows == len(STANDARDS) + 4
    assert marker.value.startswith("etag:") and "|week:" in marker.value
    assert not any("&" in (row["overview"] or "") and ";" in row["overview"] for row in table.to_pylist())


def test_the_export_of_another_day_moves_the_marker_and_the_date(first, tmp_path):
    marker, payloads = fetch(DATASET, STORY, tmp_path, phase=2)
    assert marker.value != first[0].value
    assert set(read(DATASET, payloads)[PROGRAMMES.name]["as_of"].to_pylist()) == {"2026-10-09"}


def test_an_export_without_headers_is_marked_by_the_week_not_by_its_length(tmp_path):
    entries = [Entry(skills_england.HOST, f"/sample/{OPTION}", BODY, headers={"ETag": None})]
    assert fetch(DATASET, {1: entries}, tmp_path)[0].value.startswith("week:")


def test_the_semicolon_of_an_entity_separates_nothing(tmp_path):
    rows = parse(tmp_path, BODY.replace(b"Day work;Night work", b"Day &amp; evening;Night&nbsp;work; "))
    assert json.loads(rows[0]["options"]) == ["Day & evening", "Night work"]


def test_a_byte_order_mark_and_another_column_change_nothing(tmp_path):
    date, header, *records = BODY.decode().removesuffix("\r\n").split("\r\n")
    wider = "\r\n".join([date, f"New,{header}", *(f"x,{record}" for record in records)])
    assert parse(tmp_path, b"\xef\xbb\xbf" + wider.encode()) == parse(tmp_path, BODY)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (lambda body: b"", SchemaDrift, "open with its date"),
        (lambda body: body.split(b"\r\n", 1)[1], SchemaDrift, "open with its date"),
        (lambda body: body.replace(b"14 August 2026", b"31 February 2026"), SchemaDrift, "open with its date"),
        (lambda body: body.replace(b"14 August 2026", b"14 Augustus 2026"), SchemaDrift, "open with its date"),
        (lambda body: b"\r\n".join(body.split(b"\r\n")[:2]) + b"\r\n", UnexpectedPayload, "headings only"),
        (lambda body: body.split(b"\r\n")[0], SchemaDrift, "lacks or repeats"),
        (lambda body: body.replace(b",Status,", b",State,", 1), SchemaDrift, "Status"),
        (lambda body: body.replace(b",Banners", b",Status", 1), SchemaDrift, "Status"),
        (lambda body: body.replace(b"01-09-2019", b"2019-09-01", 1), SchemaDrift, "day first"),
        (lambda body: body.replace(b",Yes,Day work", b",Perhaps,Day work", 1), SchemaDrift, "Yes nor No"),
        (lambda body: body.replace(b",9000,", b",many,", 1), SchemaDrift, "number"),
        (lambda body: body.replace(b",9000,", b",0.5,", 1), SchemaDrift, "whole number"),
        (lambda body: body.replace(b",ST9001,", b",,", 1), SchemaDrift, "has no Reference"),
        (lambda body: body.replace(b",ST9001,", b",ST9001", 1), SchemaDrift, "not as wide"),
        (lambda body: body.replace(b"Synthetic", b"\xff\xfe", 1), UnexpectedPayload, "whole CSV"),
        (lambda body: body[: body.rindex(b'"')], UnexpectedPayload, "whole CSV"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path, change, error, says):
    with pytest.raises(error, match=says) as refusal:
        parse(tmp_path, change(BODY))
    assert refusal.value.rule and refusal.value.action


def test_a_web_page_in_place_of_the_export_is_refused_at_the_door(tmp_path):
    entries = [Entry(skills_england.HOST, f"/sample/{OPTION}", b"<!DOCTYPE html><html></html>")]
    with pytest.raises(UnexpectedPayload, match="web page"):
        fetch(DATASET, {1: entries}, tmp_path)


def test_the_date_line_is_read():
    assert accurate_as_of("Apprenticeships accurate as of 14 August 2026") == dt.date(2026, 8, 14)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_files_give_tables_or_named_errors(tmp_path, data):
    damaged = bytearray(BODY[:4_000] if data.draw(st.booleans()) else BODY)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    try:
        rows = parse(tmp_path, bytes(damaged))
    except ObservatoryError as error:
        assert error.rule
        return
    assert rows
