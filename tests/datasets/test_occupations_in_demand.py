"""Occupations in demand: sample round trip, the layouts the unseen file may have, choosing it, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.datasets.occupations_in_demand import DATASET, DEMAND, choose_candidates
from observatory_assets.sample import occupations_in_demand as sample
from resources.errors import ObservatoryError, SchemaDrift, UnexpectedPayload
from tests.datasets.fetched import duplicates, fetch, payload, read

PLACE = "time_period,time_identifier,geographic_level,country_code,country_name"
UK = "2025,Calendar year,National,K02000001,United Kingdom"


def parse(tmp_path, *files):
    payloads = [
        payload(tmp_path / f"candidate_{position}.csv", "\n".join(lines).encode("utf-8-sig"), title=f"file {position}")
        for position, lines in enumerate(files, start=1)
    ]
    return read(DATASET, payloads)[DEMAND.name].to_pylist()


def shown(rows):
    return [(row["soc_code"], row["title"], row["category"], row["indicator"], row["is_index"], row["value"], row["status"]) for row in rows]


def test_the_sample_has_every_unit_group_with_its_indicators_and_index(tmp_path):
    marker, payloads = fetch(DATASET, {phase: list(sample.entries(phase)) for phase in (1, 2, 3)}, tmp_path)
    table = read(DATASET, payloads)[DEMAND.name]
    assert duplicates(table, DEMAND.keys) == 0 and marker.next_expected.isoformat() == "2026-12-31T09:30:00+00:00"
    assert [page.labels["title"] for page in payloads] == ["Scaled and weighted occupation demand"]
    rows = table.to_pylist()
    assert {row["category"] for row in rows} == {"critical", "elevated", "not_high"}
    assert {"ok", "x", "c"} == {row["status"] for row in rows}
    assert {row["indicator"] for row in rows if row["is_index"]} == {"weighted_demand_score"}
    assert all(len(row["soc_code"]) == 4 and row["title"] for row in rows)


def test_a_column_per_indicator_is_one_reading(tmp_path):
    header = f"{PLACE},soc_code,title,demand_band,visa_density,hours_growth,demand_index"
    rows = parse(
        tmp_path, [header, f'{UK},2134,"Programmers, software",Critical demand,1.5,x,2.1', f"{UK},9252,Warehouse operatives,Not in high demand,c,0,-0.3"]
    )
    assert shown(rows) == [
        ("2134", "Programmers, software", "critical", "visa_density", False, 1.5, "ok"),
        ("2134", "Programmers, software", "critical", "hours_growth", False, None, "x"),
        ("2134", "Programmers, software", "critical", "demand_index", True, 2.1, "ok"),
        ("9252", "Warehouse operatives", "not_high", "visa_density", False, None, "c"),
        ("9252", "Warehouse operatives", "not_high", "hours_growth", False, 0, "ok"),
        ("9252", "Warehouse operatives", "not_high", "demand_index", True, -0.3, "ok"),
    ]


def test_a_row_per_indicator_is_the_other_reading(tmp_path):
    header = f"{PLACE},occupation,indicator,demand_level,value"
    lines = [
        f"{UK},Total,Visa grant density,Elevated,9",
        f"{UK},2134 - Programmers,Visa grant density,Elevated,1.5",
        f"{UK},2134 - Programmers,Overall index,Elevated,2.1",
    ]
    assert shown(parse(tmp_path, [header, *lines])) == [
        ("2134", "Programmers", "elevated", "Visa grant density", False, 1.5, "ok"),
        ("2134", "Programmers", "elevated", "Overall index", True, 2.1, "ok"),
    ]
    two = parse(tmp_path, [header.replace("value", "scaled,raw"), f"{UK},2134 - Programmers,Visa grant density,Elevated,1.5,z"])
    assert shown(two) == [("2134", "Programmers", "elevated", "Visa grant density", False, 1.5, "ok")], "a column without any number is none"


def test_categories_alone_are_kept_without_a_number(tmp_path):
    rows = parse(tmp_path, [f"{PLACE},soc2020,demand", f"{UK},2134,Critical", f"{UK},9252,Elevated demand"])
    assert shown(rows) == [("2134", None, "critical", "demand", False, None, "z"), ("9252", None, "elevated", "demand", False, None, "z")]


def test_the_first_file_that_is_a_table_of_occupations_is_taken(tmp_path):
    industries = [f"{PLACE},industry,workers", f"{UK},C Manufacturing,1000"]
    mapping = [f"{PLACE},soc_code,skill", f"{UK},2134,coding"]
    rows = parse(tmp_path, industries, mapping, [f"{PLACE},soc_code,index", f"{UK},2134,1"])
    assert [row["_source_file"] for row in rows] == ["candidate_3.csv"]
    with pytest.raises(SchemaDrift, match="no file holds") as refusal:
        parse(tmp_path, industries, mapping)
    assert refusal.value.found["file 2"][-1] == "skill"


@pytest.mark.parametrize(
    ("lines", "error", "says"),
    [
        (["<html>"], UnexpectedPayload, "web page"),
        ([f"{PLACE},soc_code,index", f"{UK},2134,1", f"{UK},2134,2"], SchemaDrift, "two rows"),
        ([f"{PLACE},soc_code,index", f"{UK.replace('2025', 'April 2025')},2134,1"], SchemaDrift, "no year"),
        ([f"{PLACE},soc_code,index", f"{UK},2134"], SchemaDrift, "cannot be read"),
        ([f"{PLACE},soc_code,index,index", f"{UK},2134,1,1"], SchemaDrift, "no file holds"),
        ([PLACE.replace("time_period", "year") + ",soc_code,index", f"{UK},2134,1"], SchemaDrift, "no file holds"),
    ],
)
def test_what_cannot_be_told_is_refused(tmp_path, lines, error, says):
    with pytest.raises(error, match=says) as refusal:
        parse(tmp_path, lines)
    assert refusal.value.rule and refusal.value.expected is not None


def test_the_likeliest_titles_come_first_and_none_is_refused():
    titles = ("Mapping of occupations to industries", "Occupations in demand by route", "Scaled and weighted occupation demand", "Workers by region")
    content = {"dataSets": [{"title": title, "fileId": title} for title in titles]}
    assert [one["title"] for one in choose_candidates(content)] == [titles[2], titles[1], titles[0]]
    with pytest.raises(SchemaDrift, match="no data set"):
        choose_candidates({"dataSets": [{"title": "Workers by region"}]})


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_files_give_sound_tables_or_named_errors(tmp_path, data):
    damaged = bytearray(f"{PLACE},soc_code,title,category,a,index\n{UK},2134,P,Critical,1,2\n{UK},9252,W,Elevated,x,1\n".encode())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4) | st.sampled_from([b",", b'"', b"\n", b"x", b"inf", b"0"]))
    try:
        tables = read(DATASET, [payload(tmp_path / "a.csv", bytes(damaged), title="a")])
    except ObservatoryError:
        return
    for row in tables[DEMAND.name].to_pylist():
        assert (row["value"] is None) == (row["status"] != "ok")
        assert row["value"] is None or abs(row["value"]) < float("inf")
