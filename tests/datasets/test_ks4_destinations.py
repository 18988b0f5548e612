"""DfE key stage 4 destinations: the sample through the API, its whole CSV, the recorded wide file, and what is refused."""

from __future__ import annotations

import copy
import gzip
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.datasets import destinations
from observatory_assets.datasets.ks4_destinations import DATASET, STUDY
from observatory_assets.publishers import education_api as api
from observatory_assets.publishers import explore_education as ees
from observatory_assets.sample import destinations as sample
from observatory_assets.sample.education import file_answer, release_answers, release_version
from observatory_assets.sample.recording import Entry
from resources.errors import ObservatoryError, SchemaDrift, UnexpectedPayload
from tests.datasets.fetched import AREAS, duplicates, fetch, payload, read

TABLE = STUDY.table.name
ANYTHING = st.none() | st.text(max_size=3) | st.lists(st.integers(), max_size=2) | st.dictionaries(st.text(max_size=5), st.text(max_size=3), max_size=2)
LOCAL_HEADER = (
    "time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,lad_code,lad_name,level_methodology,institution_group,"
    "institution_type,breakdown_topic,breakdown,version,data_type,cohort,overall,education,appren,all_work,all_notsust,all_unknown"
)


@pytest.fixture(scope="module")
def story():
    return {phase: list(sample.entries(phase)) for phase in (1, 2, 3)}


@pytest.fixture(scope="module")
def first(story, tmp_path_factory):
    marker, payloads = fetch(DATASET, story, tmp_path_factory.mktemp("first"))
    return marker, payloads, read(DATASET, payloads)[TABLE]


def again(first, tmp_path, change=None, meta=None):
    """The first release's payloads with the page, or the description, changed."""
    described, answered = first[1]
    if meta:
        described = payload(tmp_path / "meta.json", json.dumps(meta(json.loads(described.path.read_text()))).encode(), **described.labels)
    if change:
        answered = payload(tmp_path / "page_1.json", json.dumps(change(json.loads(answered.path.read_text()))).encode(), **answered.labels)
    return read(DATASET, [described, answered])[TABLE].to_pylist()


def wide(tmp_path, body, areas=("E92000001",), name="national.csv"):
    labels = {"holds": "wide", "areas": json.dumps({"any": list(areas)})}
    return read(DATASET, [payload(tmp_path / name, body, **labels)])[TABLE].to_pylist()


def test_the_sample_has_every_district_the_region_and_england_once_per_key(first):
    marker, payloads, table = first
    assert marker.value.endswith("|1.0|2026-02-26T09:30:00.1234567+00:00") and marker.next_expected.isoformat() == "2026-10-22T08:30:00+00:00"
    assert duplicates(table, STUDY.table.keys) == 0 and [one.labels["holds"] for one in payloads] == ["meta", "page"]
    districts = {code for area in AREAS.areas for code in area.districts}
    assert set(table["area_code"].to_pylist()) == {*districts, "E12000004", "E92000001"}
    assert set(table["data_set_version"].to_pylist()) == {"1.0"} and set(table["data_version"].to_pylist()) == {"Revised", "Provisional"}
    rows = table.to_pylist()
    assert {(row["topic"], row["characteristic"]) for row in rows} == {
        ("total", "Total"),
        ("sex", "Female"),
        ("sex", "Male"),
        ("disadvantage", "Disadvantaged"),
        ("disadvantage", "Not disadvantaged"),
    }
    assert {"ok", "c"} == {row["pupil_count_status"] for row in rows}
    assert all((row["pupil_count"] is None) == (row["pupil_count_status"] == "c") for row in rows)


def test_the_second_phase_brings_a_year_and_a_minor_version(story, first, tmp_path):
    marker, payloads = fetch(DATASET, story, tmp_path, phase=2)
    table = read(DATASET, payloads)[TABLE]
    assert marker.value != first[0].value and max(table["time_period"].to_pylist()) == "202324"
    assert "major_changes" not in payloads[0].labels


def test_the_question_names_each_level_with_its_own_places_since_a_region_alone_would_match_its_districts(first):
    meta = api.Meta.read(json.loads(first[1][0].path.read_text()))
    criteria, indicators = destinations.build_question(STUDY, meta, json.loads(first[1][0].labels["areas"]))
    places = criteria["and"][0]["or"]
    assert [one["geographicLevels"]["eq"] for one in places] == ["LAD", "REG", "NAT"]
    assert all({place["level"] for place in one["locations"]["in"]} == {one["geographicLevels"]["eq"]} for one in places)
    assert len(indicators) == 3


def test_a_new_major_version_is_labelled_and_a_facet_gone_is_refused_with_the_change_log(story, tmp_path):
    changes = {"versionNumber": "2.0", "majorChanges": {"indicators": [{"previousState": {"id": "a", "column": "pupil_percent"}}]}, "minorChanges": {}}

    def second_major(entry, *, gone):
        document = json.loads(entry.body) if entry.method == "GET" else None
        if entry.path.endswith("/meta") and gone:
            document["indicators"] = [one for one in document["indicators"] if one["column"] != "pupil_percent"]
        if document and "latestVersion" in document:
            document["latestVersion"]["version"] = "2.0"
        query = {"dataSetVersion": "2.0"} if "dataSetVersion" in (entry.query or {}) else entry.query
        body = json.dumps(document).encode() if document is not None else entry.body
        return Entry(entry.host, entry.path, body, query=query, headers=entry.headers, method=entry.method, body_matches=entry.body_matches)

    data_set = next(entry for entry in story[1] if "latestVersion" in json.loads(entry.body if entry.method == "GET" else b"{}")).path.split("/")[-1]
    log = Entry(api.HOST, f"/statistics/v1/data-sets/{data_set}/versions/2.0/changes", json.dumps(changes).encode())
    marker, payloads = fetch(DATASET, {1: [*(second_major(entry, gone=False) for entry in story[1]), log]}, tmp_path)
    assert "|2.0|" in marker.value and payloads[0].labels["major_changes"] == "indicators pupil_percent removed"
    assert set(read(DATASET, payloads)[TABLE]["data_set_version"].to_pylist()) == {"2.0"}
    with pytest.raises(SchemaDrift, match="lacks indicator pupil_percent") as refusal:
        (tmp_path / "gone").mkdir()
        fetch(DATASET, {1: [*(second_major(entry, gone=True) for entry in story[1]), log]}, tmp_path / "gone")
    assert refusal.value.found["the version's major changes"] == ["indicators pupil_percent removed"]


def test_a_data_set_of_another_title_is_refused_with_the_titles_there_are(story, tmp_path):
    entries = [
        Entry(entry.host, entry.path, entry.body.replace(b"leavers destinations", b"leavers outcomes"), query=entry.query) if entry.method == "GET" else entry
        for entry in story[1]
    ]
    with pytest.raises(SchemaDrift, match="no data set of the API") as refusal:
        fetch(DATASET, {1: entries}, tmp_path)
    assert "Key stage 4 leavers outcomes" in refusal.value.found.values()


def test_a_row_not_asked_a_repeated_row_and_a_missing_area_are_refused(first, tmp_path):
    def page(change):
        def changed(document):
            change(document["results"])
            document["paging"]["totalResults"] = len(document["results"])
            return document

        return changed

    described = json.loads(first[1][0].path.read_text())
    white = next(one for one in described["filters"] if one["column"] == "ethnicity_major")
    with pytest.raises(SchemaDrift, match="not asked"):
        again(first, tmp_path, page(lambda rows: rows[0]["filters"].update({white["id"]: white["options"][1]["id"]})))
    with pytest.raises(SchemaDrift, match="same people") as twice:
        again(first, tmp_path, page(lambda rows: rows.append(rows[0])))
    assert "results[0]" in twice.value.found
    england = next(group["options"][0]["id"] for group in described["locations"] if group["level"]["code"] == "NAT")
    with pytest.raises(SchemaDrift, match="no row for some areas") as missing:
        again(first, tmp_path, page(lambda rows: rows.__setitem__(slice(None), [row for row in rows if row["geographicLevel"] != "NAT"])))
    assert england and "E92000001" in missing.value.found
    with pytest.raises(UnexpectedPayload, match="do not add up"):
        again(first, tmp_path, lambda document: document | {"results": document["results"][:-1]})
    with pytest.raises(SchemaDrift, match="indicator asked"):
        again(first, tmp_path, page(lambda rows: rows[5]["values"].popitem()))


def test_a_filter_the_data_set_does_not_have_is_taken_as_total_where_it_is_not_needed(first, tmp_path):
    def without(document):
        gone = next(one["id"] for one in described["filters"] if one["column"] == "ethnicity_minor")
        for row in document["results"]:
            del row["filters"][gone]
        return document

    described = json.loads(first[1][0].path.read_text())
    slim = copy.deepcopy(described)
    slim["filters"] = [one for one in slim["filters"] if one["column"] != "ethnicity_minor"]
    assert len(again(first, tmp_path, without, lambda _: slim)) == first[2].num_rows
    criteria, _ = destinations.build_question(STUDY, api.Meta.read(slim), json.loads(first[1][0].labels["areas"]))
    assert len(criteria["and"]) == 7  # places, group, four at their total, what is split
    for needed in ("sex", "establishment_type_group", "destination_description"):
        less = copy.deepcopy(described)
        less["filters"] = [one for one in less["filters"] if one["column"] != needed]
        with pytest.raises(api.Gone, match=needed):
            destinations.build_question(STUDY, api.Meta.read(less), {"LAD": ["E06000016"]})


def test_the_whole_csv_gives_the_same_rows_as_the_pages(first, tmp_path):
    meta = api.Meta.read(json.loads(first[1][0].path.read_text()))
    levels = {"LAD": "Local authority district", "REG": "Regional", "NAT": "National"}
    lines = ["time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,lad_code,lad_name," + ",".join(meta.filters)]
    lines[0] += "," + ",".join(meta.indicators.values())
    for _, row in api.read_pages(meta, [(first[1][1].name, first[1][1].path)]):
        place = {"LAD": ["E92000001", "England", "", "", row.area_code, row.area_name], "REG": ["E92000001", "England", row.area_code, row.area_name, "", ""]}
        cells = [row.period, "Academic year", levels[row.level], *place.get(row.level, [row.area_code, row.area_name, "", "", "", ""])]
        cells += [f'"{row.filters.get(column, "")}"' for column in meta.filters] + [row.values.get(column, "") for column in meta.indicators.values()]
        lines.append(",".join(cells))
    lines.append(lines[-1].replace('"Total"', '"Other"'))  # rows that no one asked are in the whole file
    body = gzip.compress("\n".join(lines).encode("utf-8-sig"))
    described = first[1][0]
    table = read(DATASET, [described, payload(tmp_path / "all.csv", body, **described.labels | {"holds": "csv"})])[TABLE]
    names = [name for name in table.column_names if not name.startswith("_")]
    assert table.select(names).equals(first[2].select(names))


def test_the_recorded_wide_file_of_2023_reads_into_the_same_table(recorded, tmp_path):
    rows = wide(tmp_path, (recorded / "ees" / "ees_ks4_nat_202223.csv").read_bytes())
    newest = [row for row in rows if row["time_period"] == "202223" and row["topic"] == "total"]
    assert {row["destination"] for row in newest} == set(destinations.DESTINATIONS) and {row["data_version"] for row in newest} == {"Provisional"}
    overall = next(row for row in newest if row["destination"] == "overall")
    assert overall["pupil_percent"] == pytest.approx(100 * overall["pupil_count"] / overall["cohort_count"], abs=0.05)
    assert overall["_source_row"].count(",") == 1, "counts and percentages are two rows"
    assert {row["characteristic"] for row in rows if row["topic"] == "sex"} == {"Female", "Male"}
    assert {row["topic"] for row in rows} == {"total", "sex", "disadvantage"}
    assert len({row["time_period"] for row in rows}) >= 12


def test_without_a_data_set_in_the_api_the_wide_files_of_the_release_are_read(recorded, tmp_path):
    national = (recorded / "ees" / "ees_ks4_nat_202223.csv").read_text(encoding="utf-8-sig").splitlines()
    codes = sorted({code for area in AREAS.areas for code in area.districts})
    places = [f"Local authority district,E92000001,England,E12000004,East Midlands,{code},X" for code in codes]
    places.append("Regional,E92000001,England,E12000004,East Midlands,,")
    tail = "Provider location,State-funded mainstream schools,Total,Total,Total,Revised"
    local = [LOCAL_HEADER]
    for place in places:
        local += [
            f"202223,Academic year,{place},{tail},Number of pupils,100,95,80,10,5,3,2",
            f"202223,Academic year,{place},{tail},Percentage,100,95,80,10,c,3,low",
        ]
    number = 900
    files = [
        {"fileId": "5a000000-0000-4000-a000-000000000091", "title": "Key stage 4 leavers local authority level destinations"},
        {"fileId": "5a000000-0000-4000-a000-000000000092", "title": "Key stage 4 leavers national level destinations"},
        {"fileId": "5a000000-0000-4000-a000-000000000093", "title": "Key stage 4 leavers institution level destinations"},
    ]
    empty = {"paging": {"page": 1, "pageSize": 40, "totalPages": 1, "totalResults": 0}, "results": []}
    publication = "5a000000-0000-4000-9000-000000000001"
    entries = [entry for entry in release_answers(STUDY.publication, number, slug="2023-24", updated="2026-01-01T00:00:00Z", data_sets=files)]
    page = json.loads(entries[0].body) | {"id": publication}
    entries[0] = Entry(entries[0].host, entries[0].path, json.dumps(page).encode())
    entries += [
        Entry(ees.HOST, "/api/data-set-files", json.dumps(empty).encode()),
        Entry(api.HOST, f"/statistics/v1/publications/{publication}/data-sets", b'{"errors":[]}', status=404),
        file_answer(release_version(number), files[0]["fileId"], local),
        file_answer(release_version(number), files[1]["fileId"], national),
    ]
    marker, payloads = fetch(DATASET, {1: entries}, tmp_path)
    assert marker.value == f"{release_version(number)}|2026-01-01T00:00:00Z"
    rows = read(DATASET, payloads)[TABLE].to_pylist()
    assert {row["area_code"] for row in rows} == {*codes, "E12000004", "E92000001"}
    leicester = {row["destination"]: row for row in rows if row["area_code"] == "E06000016"}
    assert (leicester["employment"]["pupil_count"], leicester["employment"]["pupil_percent_status"]) == (5, "c")
    assert leicester["not_captured"]["pupil_percent_status"] == "low"
    assert all(row["data_set_version"] is None for row in rows)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (lambda body: b"", UnexpectedPayload, "empty"),
        (lambda body: b"<!DOCTYPE html><html></html>", UnexpectedPayload, "web page"),
        (lambda body: body.replace(b",overall,", b",all,", 1), SchemaDrift, "overall"),
        (lambda body: body.replace(b",National,", b",Planet,", 1), SchemaDrift, "geographic level"),
        (lambda body: body.replace(b",National,", b",Regional,", 1), SchemaDrift, "region_code"),
        (lambda body: body.replace(b"country_code", b"country", 1), SchemaDrift, "country_code"),
        (lambda body: body.replace(b"Percentage", b"Share of pupils"), SchemaDrift, "same people"),
        (lambda body: body.replace(b",State-funded mainstream schools,", b",Schools,"), SchemaDrift, "no row for some areas"),
        (lambda body: body.replace(b",c,", b",?,"), SchemaDrift, "neither a number"),
    ],
)
def test_a_wrong_wide_file_is_refused(recorded, tmp_path, change, error, says):
    lines = (recorded / "ees" / "ees_ks4_nat_202223.csv").read_bytes().splitlines(keepends=True)
    body = b"".join(line for line in lines if b"country_code" in line or b"State-funded mainstream schools,Total,Total,Total" in line)
    body += (
        b"202223,Academic year,National,E92000001,England,State-funded mainstream schools,Total,Sex,Female,Number of students,Revised,z" + b",c" * 24 + b"\n"
    )
    assert wide(tmp_path, body)
    with pytest.raises(error, match=says) as refusal:
        wide(tmp_path, change(body))
    assert refusal.value.rule and refusal.value.expected is not None


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_wide_files_give_sound_tables_or_named_errors(tmp_path, data):
    row = "202223,Academic year,National,E92000001,England,,,,,z,State-funded mainstream schools,Total,Total,Total,Revised"
    damaged = bytearray(f"{LOCAL_HEADER}\n{row},Number of pupils,100,95,80,10,c,3,2\n{row},Percentage,100,95,80,10,5,3,low\n".encode())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4) | st.sampled_from([b",", b'"', b"\n", b"low", b"inf", b"0"]))
    try:
        rows = wide(tmp_path, bytes(damaged))
    except ObservatoryError:
        return
    for row in rows:
        assert (row["pupil_count"] is None) == (row["pupil_count_status"] != "ok")
        assert row["pupil_count"] is None or abs(row["pupil_count"]) < float("inf")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.sampled_from(["filters", "values", "locations", "timePeriod", "geographicLevel"]), value=ANYTHING)
def test_damaged_pages_are_refused_by_name(first, tmp_path, key, value):
    def damage(document):
        document["results"] = [document["results"][0] | {key: value}]
        document["paging"]["totalResults"] = 1
        return document

    with pytest.raises(ObservatoryError):
        again(first, tmp_path, damage)
