"""Adzuna's counts: the constructed answers, the sample, the questions' bounds, refused keys and answers."""

from __future__ import annotations

import dataclasses
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.areas import Areas
from observatory_assets.datasets.adzuna_adverts import ALL, COUNTS, DAILY_LIMIT, DATASET, HOST, SEARCH, TERMS, build_resources
from observatory_assets.sample import adzuna_adverts as sample
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.world import SUB_MAJORS
from resources.errors import ObservatoryError, PermanentFetchError, SchemaDrift, UnexpectedPayload
from resources.observatory import Observatory
from resources.settings import Settings
from tests.datasets.fetched import AREAS, duplicates, fetch, payload, read

LABELS = {"area": "E06000016", "place": "Leicester", "term": ALL, "sub_major": ""}


def parse(tmp_path, *bodies):
    """The counts of one place: of all adverts, then of one term each."""
    payloads = []
    for number, body in enumerate(bodies):
        labels = LABELS | ({"term": f"term {number}", "sub_major": "21"} if number else {})
        payloads.append(payload(tmp_path / f"{number}.json", body if isinstance(body, bytes) else json.dumps(body).encode(), **labels))
    return read(DATASET, payloads)[COUNTS.name].to_pylist()


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    marker, payloads = fetch(DATASET, {1: list(sample.entries(1))}, tmp_path_factory.mktemp("adzuna"))
    return marker, payloads, read(DATASET, payloads)[COUNTS.name]


def test_every_district_is_asked_in_all_and_for_one_term_per_sub_major_group(first):
    marker, payloads, table = first
    assert set(TERMS) == set(SUB_MAJORS)
    assert table.num_rows == len(AREAS.districts()) * 27 == len(payloads) < DAILY_LIMIT
    assert duplicates(table, COUNTS.keys) == 0 and marker.value.startswith("week:")


def test_nothing_of_the_adverts_reaches_the_table(first):
    assert "Sample Ltd" in first[1][0].path.read_text(), "the answer itself has one"
    text = json.dumps(first[2].to_pylist())
    assert "Sample Ltd" not in text and "Advert (sample)" not in text


def test_a_place_that_finds_nothing_at_all_is_unknown_not_empty(first):
    rows = [row for row in first[2].to_pylist() if row["place"] == "Melton"]
    assert {(row["value"], row["status"]) for row in rows} == {(None, "x")}
    rows = [row for row in first[2].to_pylist() if row["place"] != "Melton"]
    assert {row["status"] for row in rows} == {"low_reliability"} and all(row["value"] is not None for row in rows)


def test_the_addresses_hold_no_key_and_the_keys_are_parameters():
    assert {one.parameter for one in DATASET.credentials} == {"app_id", "app_key"}
    questions = [parse_qs(urlsplit(resource.url).query) for resource in build_resources(AREAS)]
    assert all(set(question) <= {"results_per_page", "where", "what"} for question in questions)
    assert questions[1] == {"results_per_page": ["1"], "where": ["Leicester"], "what": ["operations manager"]}
    assert DATASET.seconds_between_requests >= 60 / 25


def test_the_longer_pause_of_the_dataset_is_kept_and_that_of_the_setting_where_it_is_longer(tmp_path):
    for setting, kept in ((1.0, 2.5), (4.0, 4.0)):
        http = Observatory(Settings(home=tmp_path, seconds_between_requests=setting)).http(DATASET.hosts, pause=DATASET.seconds_between_requests)
        assert http.settings.seconds_between_requests == kept
        http.close()


def test_of_more_districts_than_the_daily_limit_allows_the_first_are_asked_about():
    district = AREAS.districts()[0]
    many = Areas(tuple(dataclasses.replace(district, code=f"E0799{number:04}") for number in range(10)))
    asked = build_resources(many)
    assert [resource.labels["area"] for resource in asked[::27]] == [f"E0799{number:04}" for number in range(9)]
    assert len(asked) == 243


@pytest.mark.parametrize("status", [401, 403])
def test_refused_keys_are_said_to_be_refused(tmp_path, recorded, status):
    body = (recorded / "constructed" / "adzuna" / "error_401.json").read_bytes()
    entries = [Entry(HOST, urlsplit(SEARCH).path, body, status=status)]
    with pytest.raises(PermanentFetchError, match="refuses the keys") as refusal:
        fetch(DATASET, {1: entries}, tmp_path)
    assert "OBSERVATORY_ADZUNA_APP_KEY" in refusal.value.action and str(status) in refusal.value.found


def test_another_refusal_stays_what_it_is(tmp_path):
    with pytest.raises(PermanentFetchError, match="does not give what was asked"):
        fetch(DATASET, {1: [Entry(HOST, urlsplit(SEARCH).path, b"{}", status=404)]}, tmp_path)


def test_the_constructed_answer_gives_its_count(tmp_path, recorded):
    body = (recorded / "constructed" / "adzuna" / "search_page1.json").read_bytes()
    (row,) = parse(tmp_path, body)
    assert (row["value"], row["status"], row["sub_major"], row["_source_row"]) == (2.0, "low_reliability", None, "count")


def test_a_term_without_adverts_is_a_zero_where_the_place_has_others(tmp_path):
    assert [row["value"] for row in parse(tmp_path, {"count": 5}, {"count": 0})] == [5.0, 0.0]


@pytest.mark.parametrize(
    ("body", "error", "says"),
    [
        (b"", UnexpectedPayload, "whole JSON"),
        (b'{"count": 1', UnexpectedPayload, "whole JSON"),
        ([], SchemaDrift, "no count"),
        ({"results": []}, SchemaDrift, "no count"),
        ({"count": "5"}, SchemaDrift, "no count"),
        ({"count": -1}, SchemaDrift, "no count"),
        ({"count": True}, SchemaDrift, "no count"),
    ],
)
def test_a_wrong_answer_is_refused(tmp_path, body, error, says):
    with pytest.raises(error, match=says) as refusal:
        parse(tmp_path, body)
    assert refusal.value.rule and refusal.value.action


def test_a_place_without_its_total_is_refused(tmp_path):
    one = payload(tmp_path / "x.json", b'{"count": 1}', **(LABELS | {"term": "engineer", "sub_major": "21"}))
    with pytest.raises(SchemaDrift, match="no count of all"):
        read(DATASET, [one])


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5), lambda x: st.dictionaries(st.just("count") | st.text(), x)))
def test_any_json_gives_a_count_or_a_named_error(tmp_path, document):
    try:
        rows = parse(tmp_path, document)
    except ObservatoryError as error:
        assert error.rule
        return
    assert len(rows) == 1
