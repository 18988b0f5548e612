"""DfE's public data API: real-shaped documents, paging, warnings, refusals, versions, the gzipped CSV."""

from __future__ import annotations

import copy
import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observatory_assets.publishers import education_api as api
from resources.errors import ObservatoryError, PermanentFetchError, SchemaDrift, UnexpectedPayload

META = {
    "filters": [{"id": "dP0Zw", "column": "sex", "label": "Sex", "options": [{"id": "dP0Zw", "label": "Total"}, {"id": "aaaaa", "label": "Female"}]}],
    "indicators": [{"id": "dP0Zw", "column": "starts", "label": "Starts", "unit": ""}],
    "geographicLevels": [{"code": "LAD", "label": "Local authority district"}],
    "locations": [
        {
            "level": {"code": "LAD", "label": "Local authority district"},
            "options": [{"id": "dP0Zw", "label": "Leicester", "code": "E06000016"}, {"id": "bbbbb", "label": "Leicester City", "code": "E06000016"}],
        }
    ],
    "timePeriods": [{"code": "AY", "label": "2022/23", "period": "2022/2023"}],
}
RESULT = {
    "timePeriod": {"code": "AY", "period": "2022/2023"},
    "geographicLevel": "LAD",
    "locations": {"LAD": "dP0Zw"},
    "filters": {"dP0Zw": "dP0Zw"},
    "values": {"dP0Zw": "low"},
}
DATA_SET = api.DataSet("d", "Title", "2.0", "2026-02-26T09:30:00.1234567+00:00")


def page(tmp_path, *results, total=None, name="page.json", **more):
    path = tmp_path / name
    document = {"paging": {"page": 1, "pageSize": 10, "totalResults": len(results) if total is None else total, "totalPages": 1}, "results": list(results)}
    path.write_text(json.dumps(document | {"warnings": []} | more))
    return name, path


def refused(status, body=""):
    error = PermanentFetchError("refused", rule="http_status")
    error.http_status, error.body = status, body
    return error


def raising(error):
    def ask(*_):
        raise error

    return ask


@pytest.fixture
def constructed(recorded):
    return recorded / "constructed" / "ees"


def test_real_shaped_pages_are_resolved_through_the_description_and_must_be_whole(constructed, tmp_path):
    meta = api.Meta.read(json.loads((constructed / "data_set_meta.json").read_text()))
    first = json.loads((constructed / "query_page1_of_3.json").read_text())
    last = constructed / "query_page3_of_3.json"
    with pytest.raises(UnexpectedPayload, match="do not add up"):  # page 2 of 3 was never recorded
        list(api.read_pages(meta, [("1", constructed / "query_page1_of_3.json"), ("3", last)]))
    first["paging"]["totalResults"] = len(first["results"])
    (tmp_path / "whole.json").write_text(json.dumps(first))
    (name, row), *_ = rows = list(api.read_pages(meta, [("whole.json", tmp_path / "whole.json")]))
    assert len(rows) == 100 and name == "whole.json" and row.source_row == "results[0]"
    assert (row.period, row.level, row.area_code, row.area_name) == ("202526", "LAD", "E08000034", "Kirklees")
    assert row.filters == {"age_summary": "Total", "apps_level": "Total", "sex": "Total"}
    assert row.values == {"starts": "1980", "achievements": "810", "participation": "5730"}


def test_one_id_may_mean_a_filter_an_option_an_indicator_and_a_place(tmp_path):
    [(_, row)] = api.read_pages(api.Meta.read(META), [page(tmp_path, RESULT)])
    assert (row.filters, row.values, row.area_code) == ({"sex": "Total"}, {"starts": "low"}, "E06000016")


def test_a_code_with_two_places_is_read_from_either(tmp_path):
    rows = list(api.read_pages(api.Meta.read(META), [page(tmp_path, RESULT, RESULT | {"locations": {"LAD": "bbbbb"}})]))
    assert [(row.area_code, row.area_name) for _, row in rows] == [("E06000016", "Leicester"), ("E06000016", "Leicester City")]


def test_places_may_be_called_name_as_in_the_documentation():
    meta = copy.deepcopy(META)
    meta["locations"][0]["options"] = [{"id": "x", "name": "Leicester", "code": "E06000016"}]
    assert api.Meta.read(meta).locations["LAD"]["x"] == ("E06000016", "Leicester")


@pytest.mark.parametrize(
    "change",
    [{"values": {"zzzzz": "1"}}, {"filters": {"dP0Zw": "zzzzz"}}, {"locations": {}}, {"timePeriod": {"code": "CY", "period": "2022"}}, {"values": None}],
)
def test_a_result_that_the_description_does_not_explain_is_refused(tmp_path, change):
    with pytest.raises(SchemaDrift):
        list(api.read_pages(api.Meta.read(META), [page(tmp_path, RESULT | change)]))


def test_no_results_are_refused_although_the_api_calls_that_one_page(constructed):
    assert list(api.pages(0)) == [1] and list(api.pages(10_000)) == [1] and list(api.pages(10_001)) == [1, 2]
    with pytest.raises(SchemaDrift, match="nothing") as refusal:
        list(api.read_pages(api.Meta.read(META), [("none", constructed / "query_no_results.json")]))
    assert "QueryNoResults" in str(refusal.value.found)


def test_a_warning_of_codes_not_found_is_refused_by_its_items(tmp_path):
    warning = {"code": "LocationsNotFound", "message": "…", "detail": {"items": [{"level": "LAD", "code": "E07000999"}]}}
    with pytest.raises(SchemaDrift, match="only part") as refusal:
        list(api.read_pages(api.Meta.read(META), [page(tmp_path, RESULT, warnings=[warning])]))
    assert "E07000999" in str(refusal.value.found)


def test_a_body_that_is_no_json_is_refused(tmp_path):
    (tmp_path / "bad").write_bytes(b'{"paging": ')
    with pytest.raises(UnexpectedPayload, match="no JSON"):
        list(api.read_pages(api.Meta.read(META), [("bad", tmp_path / "bad")]))


def test_page_and_size_are_in_the_body_and_the_count_is_asked_with_one_row():
    asked = []
    answer = {"paging": {"page": 1, "pageSize": 1, "totalResults": 12_000, "totalPages": 12_000}, "results": [RESULT], "warnings": []}
    assert api.count(lambda url, body: asked.append((url, body)) or answer, DATA_SET, {"and": []}, ["i"]) == 12_000
    assert asked == [(f"{api.API}/data-sets/d/query?dataSetVersion=2.0", {"criteria": {"and": []}, "indicators": ["i"], "page": 1, "pageSize": 1})]


def test_a_withdrawn_version_and_a_refused_question_say_so_by_code():
    with pytest.raises(PermanentFetchError, match="withdrawn") as withdrawn:
        api.latest(raising(refused(403)), "d")
    assert withdrawn.value.rule == "withdrawn"
    body = json.dumps({"title": "any", "status": 400, "errors": [{"message": "…", "code": "IndicatorsNotFound", "detail": {"items": ["xxxxx"]}}]})
    for text, found in ((body, "['IndicatorsNotFound: [\\'xxxxx\\']']"), (body[:-20], "['IndicatorsNotFound']"), ("<html>", "[]")):
        with pytest.raises(SchemaDrift, match="refuses") as refusal:
            api.count(raising(refused(400, text)), DATA_SET, {}, [])
        assert str(refusal.value.found).replace('"', "'") == found.replace("\\'", "'")
    with pytest.raises(PermanentFetchError, match="^refused"):
        api.latest(raising(refused(404)), "d")


def test_the_cursor_is_version_and_instant_and_a_replacement_is_followed(constructed):
    summary = json.loads((constructed / "data_set.json").read_text())
    latest = api.latest(lambda url: summary, summary["id"])
    assert (latest.version, latest.major, latest.published) == ("1.1", 1, "2026-03-26T09:30:13+00:00")
    assert api.published_at(DATA_SET).isoformat() == "2026-02-26T09:30:00.123456+00:00"
    answers = {api.data_set_url("old"): {"id": "old", "supersedingDataSetId": "new"}, api.data_set_url("new"): summary}
    assert api.latest(answers.__getitem__, "old").id == "new"
    for broken in ({}, {"latestVersion": {"version": "one", "published": "2026-01-01"}}):
        with pytest.raises(SchemaDrift):
            api.latest(lambda url, broken=broken: broken, "d")


def test_data_sets_are_listed_from_every_page_of_the_catalogue_else_from_the_api(constructed):
    def catalogue(url):
        number = int(url.split("page=")[1].split("&")[0])
        item = {"title": f"set {number}", "api": {"id": f"id{number}", "version": "1.0"}}
        return {"paging": {"totalPages": 2}, "results": [item, {"title": "a file"}]}

    assert api.list_data_sets(catalogue, "p") == {"id1": "set 1", "id2": "set 2"}
    own = json.loads((constructed / "publication_data_sets.json").read_text())
    empty = {"paging": {"totalPages": 1}, "results": []}
    found = api.list_data_sets(lambda url: own if url.startswith(api.API) else empty, "p")
    assert list(found.values()) == ["Geography LAD - Starts, Participation, Achievements by Age, Sex, Level"]

    def unknown(url):
        if url.startswith(api.API):
            raise refused(404)
        return empty

    assert api.list_data_sets(unknown, "p") == {}


def test_what_a_major_version_took_away_is_said_where_something_needed_is_gone(constructed):
    minor = json.loads((constructed / "data_set_version_1.1_changes.json").read_text())
    assert api.major_changes(lambda url: minor, DATA_SET) == []
    changes = {
        "versionNumber": "2.0",
        "majorChanges": {
            "indicators": [{"previousState": {"id": "a", "column": "starts", "label": "Starts"}}],
            "filterOptions": [
                {"filter": {"id": "f", "column": "sex"}, "options": [{"previousState": {"label": "Boys"}, "currentState": {"label": "Male"}}]},
            ],
        },
        "minorChanges": {},
    }
    said = ["indicators starts removed", "filterOptions Boys -> Male of sex"]
    assert api.major_changes(lambda url: changes, DATA_SET) == said
    meta = api.Meta.read(META)
    for ask in (
        lambda: meta.indicator("achievements"),
        lambda: meta.options("age", bool),
        lambda: meta.options("sex", lambda label: label == "Boys"),
        lambda: meta.places("LAD", ["E07000999"]),
        lambda: meta.places("REG", ["E12000004"]),
    ):
        with pytest.raises(SchemaDrift, match=r"version 2\.0 of `Title` lacks") as refusal, api.needing(lambda url: changes, DATA_SET):
            ask()
        assert refusal.value.found["the version's major changes"] == said


HEADER = "time_period,time_identifier,geographic_level,country_code,country_name,lad_code,lad_name"


@pytest.mark.parametrize("headings", ["sex,starts", "Sex,starts"])
@pytest.mark.parametrize("packed", [False, True])
def test_the_whole_csv_is_read_packed_or_not_and_by_column_or_label(tmp_path, headings, packed):
    body = f"\ufeff{HEADER},{headings}\n202223,Academic year,Local authority district,E92000001,England,E06000016,Leicester,Total,low\n"
    body += "202223,Academic year,School,E92000001,England,,,Total,5\n"
    path = tmp_path / "all.csv"
    path.write_bytes(gzip.compress(body.encode()) if packed else body.encode())
    [row] = api.read_csv(api.Meta.read(META), "all.csv", path)
    assert (row.period, row.level, row.area_code, row.filters, row.values) == ("202223", "LAD", "E06000016", {"sex": "Total"}, {"starts": "low"})


def test_a_csv_without_a_column_of_the_description_or_cut_short_is_refused(tmp_path):
    path = tmp_path / "all.csv"
    path.write_text(f"{HEADER},gender,starts\n")
    with pytest.raises(SchemaDrift, match="Sex"):
        list(api.read_csv(api.Meta.read(META), "all.csv", path))
    row = "202223,Academic year,Local authority district,E92000001,England,E06000016,Leicester,Total,{}\n"
    path.write_bytes(gzip.compress((f"{HEADER},sex,starts\n" + "".join(row.format(n) for n in range(5000))).encode())[:-200])
    with pytest.raises((UnexpectedPayload, SchemaDrift)):
        list(api.read_csv(api.Meta.read(META), "all.csv", path))


@pytest.mark.parametrize("broken", [None, [], {}, {"filters": []}, META | {"filters": [{"id": "x"}]}, META | {"locations": [{"level": "LAD"}]}])
def test_a_description_of_another_shape_is_refused(broken):
    with pytest.raises(SchemaDrift, match="description of a data set"):
        api.Meta.read(broken)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["paging", "results", "warnings", "totalResults", "filters", "values", "locations", "timePeriod", "code", "period"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=50, deadline=None)
@given(document=JSON, key=st.sampled_from(list(RESULT)), value=JSON)
def test_any_document_is_read_or_refused_by_name(tmp_path_factory, document, key, value):
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "a").write_text(json.dumps(document))
    for pages in ([("a", folder / "a")], [page(folder, RESULT | {key: value})]):
        try:
            rows = list(api.read_pages(api.Meta.read(META), pages))
        except ObservatoryError:
            continue
        assert all(row.area_code == "E06000016" for _, row in rows)
