"""UK Standard Skills Classification: the extracts of v0.9, the sample's two layouts, and files that are something else."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from io import BytesIO

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from observatory_assets.datasets.uk_ssc import DATASET
from observatory_assets.quality.suite import audit
from observatory_assets.sample import uk_ssc as sample
from observatory_assets.sample.invented_skills import SKILLS
from observatory_assets.sample.world import UNIT_GROUPS
from resources.errors import NotSetUp, ObservatoryError, SchemaDrift, UnexpectedPayload
from tests.datasets.dropped import place, take
from tests.datasets.fetched import duplicates, payload, read

GROUPS, PAIRS, TASKS, SKILL_TABLE, ONET = (table.name for table in DATASET.tables)
PAIR_HEADER = "SUG Code,SUG Title,SUG Description,Task ID,Task Statement,Task Relatedness %"


def workbook(sheets) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    body = BytesIO()
    book.save(body)
    return body.getvalue()


def parsed(tmp_path, **files):
    return read(DATASET, [payload(tmp_path / name, body) for name, body in files.items()])


# The real extracts


@pytest.fixture(scope="module")
def real(recorded):
    names = ("sugs_task_description.xlsx", "sugs_to_tasks.csv", "sug_codes_descriptions.csv", "uk_ssc_occupational_skills_v0.9.csv")
    return read(DATASET, [payload(recorded / "uk_ssc" / name) for name in names])


def test_the_real_extracts_give_1139_groups_40792_pairs_and_3343_skills(real):
    assert {name: table.num_rows for name, table in real.items()} == {GROUPS: 1139, PAIRS: 40792, TASKS: 21084, SKILL_TABLE: 3343, ONET: 0}
    assert all(duplicates(real[table.name], table.keys) == 0 for table in DATASET.tables)
    assert len(set(real[SKILL_TABLE]["skill_group"].to_pylist())) == 606
    assert set(real[SKILL_TABLE]["scheme_version"].to_pylist()) == {"0.9"}
    pairs = real[PAIRS].to_pylist()
    assert pairs[0] == {
        "sug_code": "1111/01",
        "soc_code": "1111",
        "task_id": "T.01822",
        "relatedness": 80.0,
        "relatedness_status": "ok",
        "scheme_version": None,
        "_source_file": "sugs_task_description.xlsx",
        "_source_row": "Sheet1!A2:F2",
    }
    assert len({row["soc_code"] for row in pairs} - {None}) == 412, "every unit group of SOC 2020"


def test_the_one_damaged_real_code_keeps_its_text_and_has_no_unit_group(real):
    assert {row["sug_code"] for row in real[PAIRS].to_pylist() if row["soc_code"] is None} == {"23+A1227311/00"}


def test_the_real_descriptions_get_their_lost_bytes_back(real):
    text = " ".join(row["description"] for row in real[GROUPS].to_pylist() if row["_source_file"] == "sug_codes_descriptions.csv")
    assert "His Majesty’s armed forces" in text and "company’s" in text
    assert not [character for character in text if "\x80" <= character <= "\x9f"]


def test_pairs_without_relatedness_are_missing_not_zero(recorded):
    tables = read(DATASET, [payload(recorded / "uk_ssc" / "sugs_to_tasks.csv")])
    assert tables[PAIRS].num_rows == 40792
    assert set(tables[PAIRS]["relatedness_status"].to_pylist()) == {"x"} and tables[PAIRS]["relatedness"].null_count == 40792
    assert tables[GROUPS]["title"].null_count == 1138


# The sample, in its two layouts


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return take(DATASET, place(tmp_path_factory.mktemp("first"), sample.dropped(1)))


@pytest.fixture(scope="module")
def second(tmp_path_factory):
    inbox = place(tmp_path_factory.mktemp("second"), sample.dropped(1))
    return take(DATASET, place(inbox, sample.dropped(2)))


def test_the_samples_v0_9_is_found_and_read(first):
    marker, names, tables = first
    assert marker.released_at == dt.datetime(2025, 11, 24, tzinfo=dt.timezone.utc)
    assert names == ["SSC - Mappings - ONET - v0.9.0 - 20251124.xlsx", "sugs_task_description.xlsx", "uk_ssc_occupational_skills_v0.9.csv"]
    assert {row["soc_code"] for row in tables[GROUPS].to_pylist()} == set(UNIT_GROUPS)
    assert tables[SKILL_TABLE].num_rows == len(SKILLS) and tables[SKILL_TABLE]["skill_domain"].null_count == len(SKILLS)
    assert 300 < tables[PAIRS].num_rows < 1500 and tables[ONET].num_rows == len(SKILLS)
    assert Counter(tables[ONET]["scheme_version"].to_pylist()) == {"0.9.0": len(SKILLS)}


def test_v1_0_beside_v0_9_replaces_it_table_by_table(first, second):
    marker, _, tables = second
    assert marker.value != first[0].value and marker.released_at == dt.datetime(2026, 4, 30, tzinfo=dt.timezone.utc)
    for name, table in tables.items():
        assert set(table["scheme_version"].to_pylist()) == {"1.0.0"}, name
        assert duplicates(table, DATASET.table(name).keys) == 0
    assert tables[SKILL_TABLE]["skill_domain"].null_count == 0
    assert tables[SKILL_TABLE].num_rows == len(sample.NEWER)
    assert tables[TASKS].num_rows == sum(len(skill.tasks) for skill in sample.NEWER) and tables[TASKS]["skill_code"].null_count == 0
    assert 0.98 * first[2][PAIRS].num_rows < tables[PAIRS].num_rows < first[2][PAIRS].num_rows, "but for the tasks of the retired group"
    assert tables[PAIRS]["_source_row"][0].as_py() == "SSC Tasks to SUGs!A2:F2"


def test_both_releases_of_the_sample_pass_the_audit_one_after_the_other(first, second):
    def whole(tables, name):
        table = tables[name].append_column("_release_id", pa.array(["r"] * tables[name].num_rows, pa.string()))
        return table.select(DATASET.table(name).arrow_schema().names)

    for table in DATASET.tables:
        held = whole(first[2], table.name)
        assert [check for check in audit(table, whole(second[2], table.name), held) if check.blocks] == []


def test_a_table_that_was_empty_may_fill_up(first, tmp_path):
    skills = read(DATASET, [payload(tmp_path / "uk_ssc_occupational_skills_v0.9.csv", dict(sample.dropped(1))["uk_ssc_occupational_skills_v0.9.csv"])])
    release = pa.array([], pa.string())
    empty = skills[PAIRS].append_column("_release_id", release).select(DATASET.table(PAIRS).arrow_schema().names)
    full = first[2][PAIRS].append_column("_release_id", pa.array(["r"] * first[2][PAIRS].num_rows, pa.string()))
    checks = audit(DATASET.table(PAIRS), full.select(empty.schema.names), empty)
    assert [check.check for check in checks if check.blocks] == []


def test_the_sample_is_the_same_bytes_every_time():
    assert dict(sample.dropped(1)) == dict(sample.dropped(1)) and dict(sample.dropped(2)) == dict(sample.dropped(2)) and not list(sample.dropped(3))


# The drop folder


def test_an_empty_drop_folder_says_which_file_to_place(tmp_path):
    with pytest.raises(NotSetUp, match="drop folder") as caught:
        take(DATASET, tmp_path / "nothing")
    assert "SSC - Tasks" in caught.value.expected
    place(tmp_path, [(f"SSC - {title} - v1.0.0 - 20260430.xlsx", b"PK") for title in ("Mappings - HECoS", "Knowledge", "Core Skills")])
    place(tmp_path, [("notes.txt", b"")])
    with pytest.raises(NotSetUp) as caught:
        take(DATASET, tmp_path)
    assert "notes.txt" in caught.value.found


def test_the_newest_version_of_each_title_is_taken(tmp_path):
    body = workbook({"Tasks": [("Task ID", "Task"), ("T.1", "Do it")]})
    names = ["SSC - Tasks - v0.9.1 - 20251124.xlsx", "SSC - Tasks - v0.10.0 - 20260110.xlsx", "SSC - Tasks - v0.9.2 - 20251201.xlsx"]
    place(tmp_path, [(name, body) for name in names])
    assert take(DATASET, tmp_path)[1] == ["SSC - Tasks - v0.10.0 - 20260110.xlsx"]


# Layouts


@pytest.mark.parametrize(
    "header",
    [
        PAIR_HEADER,
        "sub-unit group code,Sub-Unit Group Title,Sub-Unit Group Description,SSC task id,SSC Task,Relatedness (%)",
        "SOC2020 SUG Code,SUG Name,SUG description,Task code,Task name,TASK_RELATEDNESS_SCORE",
    ],
)
def test_headers_are_known_by_any_of_their_names(tmp_path, header):
    tables = parsed(tmp_path, **{"SSC - Tasks - v1.0.0 - 20260430.csv": f"{header}\n1111/01,Chairs,They chair,T.1,Chair a meeting,85%\n".encode()})
    assert tables[PAIRS].to_pylist()[0] | {"relatedness": 85.0, "soc_code": "1111", "scheme_version": "1.0.0"} == tables[PAIRS].to_pylist()[0]
    assert tables[GROUPS]["title"].to_pylist() == ["Chairs"] and tables[TASKS]["task"].to_pylist() == ["Chair a meeting"]


def test_a_header_below_a_title_is_found_and_the_fuller_sheet_wins(tmp_path):
    body = workbook(
        {
            "About": [("UK SSC",)],
            "Short": [("SUG Code", "Task ID"), ("1111/01", "T.1")],
            "Full": [("Tasks of groups",), (), ("Task ID", "SUG Code", "Relatedness"), ("T.1", "1111/01", 70), ("", "", "")],
        }
    )
    tables = parsed(tmp_path, **{"SSC - Tasks - v1.0.0 - 20260430.xlsx": body})
    assert [(row["relatedness"], row["_source_row"]) for row in tables[PAIRS].to_pylist()] == [(70.0, "Full!A4:C4")]


def test_an_unknown_layout_is_refused_naming_every_header_found(tmp_path):
    body = workbook({"Competences": [("Kennung", "Bezeichnung"), (1, 2)], "Empty": []})
    with pytest.raises(SchemaDrift, match="v1") as caught:
        parsed(tmp_path, **{"SSC - Skills - v1.1.0 - 20270101.xlsx": body})
    assert caught.value.found == {"Competences": ["Kennung", "Bezeichnung"], "Empty": []}
    with pytest.raises(SchemaDrift) as caught:
        parsed(tmp_path, **{"sugs_to_tasks.csv": b"code,what\n1,2\n"})
    assert caught.value.found == {"sugs_to_tasks.csv": ["code", "what"]}


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        (("Skill", "Skill Definition", "Skill Area"), "skills would need Skill Group L3 too"),
        (("Skill", "Skill Group"), "skills would need Definition too"),
        (("SSC Task ID", "Relatedness"), "would need"),
    ],
)
def test_a_sheet_that_lacks_a_column_says_what_it_would_be_with_it(tmp_path, headers, said):
    with pytest.raises(SchemaDrift, match=said) as caught:
        parsed(tmp_path, **{"SSC - Skills - v1.0.0 - 20260430.xlsx": workbook({"Skills": [headers, ("a",) * len(headers)]})})
    assert caught.value.rule == "columns" and caught.value.found == {"Skills": list(headers)}


def test_a_skill_without_a_group_is_refused_with_its_place(tmp_path):
    rows = [("Skill", "Skill Definition", "Skill Group"), ("Fly", "With wings.", "Move"), ("Swim", "With fins.", "")]
    with pytest.raises(SchemaDrift, match="skill_group") as caught:
        parsed(tmp_path, **{"SSC - Skills - v1.0.0 - 20260430.xlsx": workbook({"Skills": rows})})
    assert "Skills!A3:C3" in caught.value.found


# Versions

PAIR_ROWS = [("SUG Code", "Task ID", "Relatedness"), ("1111/01", "T.1", 70)]
TASK_ROWS = [("Task ID", "Task"), ("T.1", "Do it")]


@pytest.mark.parametrize("name", ["SSC - Tasks - v2.0.0 - 20270101.xlsx", "SSC - Tasks - v3.1 - 20280101.xlsx", "uk_ssc_occupational_skills_v2.0.csv"])
def test_a_version_nobody_has_looked_at_is_refused_before_it_is_read(tmp_path, name):
    place(tmp_path, [(name, b"anything"), ("sugs_to_tasks.csv", f"{PAIR_HEADER}\n1111/01,Chairs,,T.1,Chair,80\n".encode())])
    with pytest.raises(SchemaDrift, match="version") as caught:
        take(DATASET, tmp_path)
    assert caught.value.rule == "version" and name in str(caught.value) and caught.value.found in name and "drop folder" in caught.value.action


@pytest.mark.parametrize(("stated", "refused"), [("Version 0.9.1", True), ("version: 0.9", True), ("Version 1.0.0", False), ("Version 0.9 had fewer", False)])
def test_a_file_renamed_to_another_version_is_refused_by_what_it_says_of_itself(tmp_path, stated, refused):
    files = {"SSC - Tasks - v1.0.0 - 20260430.xlsx": workbook({"Notes": [("UK SSC",), ("", stated)], "Tasks": TASK_ROWS})}
    if not refused:
        assert parsed(tmp_path, **files)[TASKS]["scheme_version"].to_pylist() == ["1.0.0"]
        return
    with pytest.raises(SchemaDrift, match="Notes") as caught:
        parsed(tmp_path, **files)
    assert caught.value.found == ["0.9"] and "1.0" in caught.value.expected


def test_tasks_of_one_edition_do_not_meet_pairs_of_another(tmp_path):
    place(tmp_path, [("SSC - Tasks - v1.0.0 - 20260430.xlsx", workbook({"Tasks": TASK_ROWS}))])
    place(tmp_path, [("SSC - Mappings - SOC2020 - v0.9.0 - 20251124.xlsx", workbook({"Pairs": PAIR_ROWS}))])
    with pytest.raises(SchemaDrift, match="SOC2020 - v0.9.0") as caught:
        take(DATASET, tmp_path)
    assert caught.value.rule == "one_edition" and "v1.0 files" in caught.value.action
    place(tmp_path, [("SSC - Mappings - SOC2020 - v1.0.1 - 20260501.xlsx", workbook({"Pairs": PAIR_ROWS}))])
    _, names, tables = take(DATASET, tmp_path)
    assert names == ["SSC - Mappings - SOC2020 - v1.0.1 - 20260501.xlsx", "SSC - Tasks - v1.0.0 - 20260430.xlsx"]
    assert tables[PAIRS]["scheme_version"].to_pylist() == ["1.0.1"]


def test_skills_of_v1_0_may_come_before_the_rest(tmp_path):
    skills = workbook({"Skills": [("SSC Skill Code", "Skill", "Skill Definition", "Skill Group"), ("S.1", "Fly", "With wings.", "Move")]})
    tables = parsed(tmp_path, **dict(sample.dropped(1)), **{"SSC - Skills - v1.0.0 - 20260430.xlsx": skills})
    assert tables[SKILL_TABLE]["scheme_version"].to_pylist() == ["1.0.0"] and set(tables[ONET]["scheme_version"].to_pylist()) == {"0.9.0"}


@pytest.mark.parametrize("name", ["SSC Tasks v1.xlsx", "ssc_skills.csv", "UK SSC - Skills.xlsx", "Standard Skills Classification v1.0.zip"])
def test_a_file_whose_name_does_not_say_what_it_is_is_not_passed_over_in_silence(tmp_path, name):
    place(tmp_path, [(name, b""), ("SSC - Tasks - v1.0.0 - 20260430.xlsx", b""), ("notes.txt", b""), ("budget.xlsx", b"")])
    with pytest.raises(UnexpectedPayload, match="names") as caught:
        take(DATASET, tmp_path)
    assert caught.value.found == [name] and "SSC - Tasks - v1.0.0" in caught.value.expected


def test_a_second_copy_as_browsers_name_it_is_read_as_the_file(tmp_path):
    place(tmp_path, [("SSC - Tasks - v1.0.0 - 20260430 (1).xlsx", workbook({"Tasks": TASK_ROWS})), ("SSC - Tasks - v0.9 - 20251124.xlsx", b"older")])
    _, names, tables = take(DATASET, tmp_path)
    assert names == ["SSC - Tasks - v1.0.0 - 20260430 (1).xlsx"] and tables[TASKS]["scheme_version"].to_pylist() == ["1.0.0"]


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        pytest.param("", "table_present", id="headers only"),
        pytest.param(",Chairs,,T.1,Chair,80\n", "codes", id="no group"),
        pytest.param("1111/01,Chairs,,,Chair,80\n", "codes", id="no task"),
        pytest.param("1111/01,Chairs,,T.1,Chair,high\n", "number", id="no number"),
        pytest.param("1111/01,Chairs,,T.1,Chair,0.8\n1111/01,Chairs,,T.2,Sit,0.95\n", "units", id="shares, not percent"),
        pytest.param("1111/01,Chairs,,T.1\n", "readable_csv", id="short row"),
    ],
)
def test_a_wrong_row_is_schema_drift(tmp_path, rows, rule):
    with pytest.raises(SchemaDrift) as caught:
        parsed(tmp_path, **{"sugs_to_tasks.csv": f"{PAIR_HEADER}\n{rows}".encode()})
    assert caught.value.rule == rule


@pytest.mark.parametrize("body", [b"", b"<!doctype html><html></html>", b"PK\x03\x04cut"])
@pytest.mark.parametrize("name", ["sugs_to_tasks.csv", "sugs_task_description.xlsx"])
def test_a_file_of_another_kind_is_refused(tmp_path, name, body):
    with pytest.raises((UnexpectedPayload, SchemaDrift)):
        parsed(tmp_path, **{name: body})


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_extracts_give_sound_tables_or_named_errors(tmp_path, data):
    damaged = bytearray(f"{PAIR_HEADER}\n1111/01,Chairs,They ’chair’,T.1,Chair a meeting,85\n23+A/00,Deans,,T.2,Teach,70\n".encode())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4) | st.sampled_from([b",", b'"', b"\n", b"\xe2", b"inf", b"0"]))
    try:
        tables = parsed(tmp_path, **{"sugs_to_tasks.csv": bytes(damaged)})
    except ObservatoryError:
        return
    for row in tables[PAIRS].to_pylist():
        assert row["sug_code"] and row["task_id"]
        assert (row["relatedness"] is None) == (row["relatedness_status"] != "ok")
