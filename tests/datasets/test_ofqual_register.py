"""Ofqual's register: sample round trip, both spellings of its keys, the page size it reveals, and lists that are not whole."""

from __future__ import annotations

import datetime as dt
import json
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.datasets.contract import Lookup
from observatory_assets.datasets.ofqual_register import DATASET, QUALIFICATIONS
from observatory_assets.publishers import ofqual
from observatory_assets.sample import ofqual_register as sample
from observatory_assets.sample.recording import Entry
from resources.errors import ObservatoryError, PermanentFetchError, SchemaDrift, UnexpectedPayload
from tests.datasets.fetched import AREAS, duplicates, fetch, payload, read

STORY = {phase: list(sample.entries(phase)) for phase in (1, 2, 3)}
PATH = urlsplit(ofqual.QUALIFICATIONS).path


def row(number="603/1234/5", **fields):
    return {"qualificationNumber": number, "title": "T", "status": "Available to learners"} | fields


def parse(tmp_path, *pages, count=None):
    """Pages given as lists of rows, or as bytes."""
    total = sum(len(page) for page in pages if isinstance(page, list)) if count is None else count
    payloads = []
    for number, page in enumerate(pages, start=1):
        body = page if isinstance(page, bytes) else json.dumps({"count": total, "currentPage": number, "limit": 1000, "results": page}).encode()
        payloads.append(payload(tmp_path / f"{number}.json", body, page=str(number), pages=str(len(pages))))
    return read(DATASET, payloads)[QUALIFICATIONS.name].to_pylist()


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return fetch(DATASET, STORY, tmp_path_factory.mktemp("ofqual"))


def test_the_sample_is_read_whole_in_pages_as_large_as_the_refusal_allows(first):
    marker, pages = first
    table = read(DATASET, pages)[QUALIFICATIONS.name]
    assert [page.labels["pages"] for page in pages] == ["2", "2"]
    assert table.num_rows == 100 and duplicates(table, QUALIFICATIONS.keys) == 0
    assert marker.value.startswith("100|89|week:") and marker.released_at is None
    rows = table.to_pylist()
    assert any(one["qualification_number_plain"].endswith("X") for one in rows)
    assert {one["standard_reference"] for one in rows if one["type"] != "End-Point Assessment"} == {None}
    assert rows[0]["assessment_methods"] == "[]" and json.loads(rows[1]["assessment_methods"])


def test_a_new_qualification_moves_the_marker_and_an_ended_one_stays(first, tmp_path):
    marker, pages = fetch(DATASET, STORY, tmp_path, phase=2)
    rows = read(DATASET, pages)[QUALIFICATIONS.name].to_pylist()
    assert marker.value != first[0].value and len(rows) == 102
    assert sum(one["status"] == "No longer awarded" for one in rows) == 12


def test_the_constructed_answer_and_its_pascal_case_twin_read_alike(recorded, tmp_path):
    path = recorded / "constructed" / "qualifications_list_CONSTRUCTED.json"
    (old, new) = read(DATASET, [payload(path)])[QUALIFICATIONS.name].to_pylist()
    assert (old["qualification_number_plain"], old["standard_reference"], old["operational_end_date"]) == ("10001025", None, dt.date(2009, 8, 31))
    assert (new["total_qualification_time"], new["guided_learning_hours"], new["offered_in_england"]) == (70, 60, True)
    assert json.loads(new["assessment_methods"]) == ["E-assessment", "Multiple Choice Examination"]
    document = json.loads(path.read_text())
    pascal = {name[0].upper() + name[1:]: value for name, value in document.items()}
    pascal["Results"] = [{name[0].upper() + name[1:]: value for name, value in one.items()} for one in document["results"]]
    pascal["Results"][0]["SSA"] = pascal["Results"][0].pop("Ssa")
    twin = payload(tmp_path / path.name, json.dumps(pascal).encode())
    assert read(DATASET, [twin])[QUALIFICATIONS.name].to_pylist() == [old, new]


@pytest.mark.parametrize(
    ("refusal", "limit"),
    [('{"error": "Limit should be > 0 and <= 250"}', "250"), ('{"error": "too many"}', "100"), ('{"error": "at most <= 5000 please"}', "999")],
)
def test_a_refused_limit_is_lowered_to_the_one_the_refusal_names(refusal, limit):
    class Answers:
        def get_json(self, url):
            if "limit=1000" in url:
                error = PermanentFetchError("refused")
                error.http_status, error.body = 400, refusal
                raise error
            return {"count": 1, "results": [row()]}

    (resource,) = DATASET.find_resources(Lookup(Answers(), AREAS), None)
    assert f"limit={limit}" in resource.url


def test_a_refusal_about_something_else_is_not_taken_for_a_limit(tmp_path):
    entries = [
        Entry(ofqual.HOST, PATH, b'{"count": 1, "results": []}', query={"limit": "1"}),
        Entry(ofqual.HOST, PATH, b"{}", query={"limit": "1000"}, status=403),
    ]
    with pytest.raises(PermanentFetchError):
        fetch(DATASET, {1: entries}, tmp_path)


def test_a_server_that_answers_with_fewer_rows_than_asked_is_believed():
    class Capped:
        def get_json(self, url):
            return {"Count": 1_000, "Results": [row(f"600/{number:04}/1") for number in range(400)]}

    assert ofqual.page_size(Capped()) == (400, 1_000)


@pytest.mark.parametrize(
    ("pages", "count", "error", "says"),
    [
        ([b""], None, UnexpectedPayload, "whole JSON"),
        ([b'{"count": 1, "results": ['], None, UnexpectedPayload, "whole JSON"),
        ([b"[1, 2]"], None, SchemaDrift, "not a page"),
        ([b'{"error": "gone"}'], None, SchemaDrift, "not a page"),
        ([b'{"count": "2", "results": []}'], None, SchemaDrift, "not a page"),
        ([[row()]], 2, UnexpectedPayload, "not one whole list"),
        ([[row()], [row()]], 2, UnexpectedPayload, "not one whole list"),
        ([[row()], [row("603/1234/5".replace("/", ""))]], 2, UnexpectedPayload, "not one whole list"),
        ([[row("603/1234/5")], [row("500/1234/5")]], 2, UnexpectedPayload, "not one whole list"),
        ([[row()], b'{"count": 3, "results": []}'], 1, UnexpectedPayload, "not one whole list"),
        ([[row(None)]], None, SchemaDrift, "no qualification number"),
        ([[row(" / ")]], None, SchemaDrift, "no qualification number"),
        ([[row(title=" ")]], None, SchemaDrift, "has no title"),
        ([[row(title=3)]], None, SchemaDrift, "not text"),
        ([[row(tqt="many")]], None, SchemaDrift, "whole number"),
        ([[row(tqt=1.5)]], None, SchemaDrift, "whole number"),
        ([[row(tqt=1e300)]], None, SchemaDrift, "whole number"),
        ([[row(offeredInEngland="perhaps")]], None, SchemaDrift, "true, false"),
        ([[row(reviewDate="soon")]], None, SchemaDrift, "date"),
        ([[row(assessmentMethods="Portfolio")]], None, SchemaDrift, "a list"),
    ],
)
def test_a_wrong_or_moving_list_is_refused(tmp_path, pages, count, error, says):
    with pytest.raises(error, match=says) as refusal:
        parse(tmp_path, *pages, count=count)
    assert refusal.value.rule and refusal.value.action


def test_numbers_and_booleans_written_as_text_are_read_and_empty_text_is_null(tmp_path):
    (one,) = parse(tmp_path, [row(tqt="70", glh=60.0, offeredInEngland="True", ssa="", reviewDate="0001-01-01T00:00:00", assessmentMethods=[None, "Oral"])])
    assert (one["total_qualification_time"], one["guided_learning_hours"], one["offered_in_england"]) == (70, 60, True)
    assert (one["ssa"], one["review_date"], one["assessment_methods"]) == (None, None, '["Oral"]')
    assert (one["_source_file"], one["_source_row"]) == ("1.json", "results[0]")


_VALUES = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | st.text(max_size=6) | st.lists(st.text(max_size=3), max_size=2)
_KEYS = st.sampled_from(["qualificationNumber", "Title", "status", "tqt", "GLH", "reviewDate", "offeredInEngland", "assessmentMethods", "lastUpdatedDate"])


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(_KEYS, _VALUES, max_size=4), min_size=1, max_size=3), st.booleans())
def test_any_page_gives_a_table_or_a_named_error(tmp_path, rows, complete):
    rows = [row(f"600/{number:04}/1") | fields if complete else fields for number, fields in enumerate(rows)]
    try:
        read_rows = parse(tmp_path, rows)
    except ObservatoryError as error:
        assert error.rule
        return
    assert len(read_rows) == len(rows)
