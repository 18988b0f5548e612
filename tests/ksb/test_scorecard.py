"""Labelled sets as files, what is refused of them, the gates they are held to, and the trend kept over versions."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from observatory_assets.ksb.evaluation import read_labelled
from observatory_assets.ksb.linker import Concept
from observatory_assets.ksb.scorecard import BUNDLED, GATED_FROM, GATES, LabelledSets, evaluated, files_of, fingerprint, kept, read_sets
from resources.errors import ObservatoryError

HEAD = "text,ksb_type,area,acceptable_areas\n"
FIRST = dt.datetime(2026, 1, 10, tzinfo=dt.timezone.utc)
LATER = dt.datetime(2026, 2, 10, tzinfo=dt.timezone.utc)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "sets").mkdir()
    return tmp_path / "sets"


def place(folder, name, body):
    path = folder / name
    path.write_text(body, encoding="utf-8")
    return path


def small(taxonomy, folder, rows):
    path = place(folder, "small.csv", HEAD + rows)
    return LabelledSets((("small", "0" * 64, tuple(read_labelled(path, taxonomy))),), (), ())


# Reading


def test_a_byte_order_mark_blanks_and_further_columns_do_not_matter(taxonomy, folder):
    path = place(folder, "own.csv", "\ufeffid," + HEAD + "1,Sell,S,Sales, sales | verbal communication \n")
    [row] = read_labelled(path, taxonomy)
    assert (row.kind, row.area, row.acceptable) == ("skill", "skill.sales", {"skill.sales", "skill.verbal_communication"})


def test_a_label_of_an_extension_area_counts_as_its_kinds_catch_all(taxonomy, folder):
    [row] = read_labelled(place(folder, "own.csv", HEAD + "Keep records,S,record keeping & administration,\n"), taxonomy)
    assert row.area == "skill.specific_occupational_skills"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("text,ksb_type,area\nSell,S,sales\n", ["no acceptable_areas"]),
        (HEAD, ["at least one labelled text"]),
        (HEAD + "Sell,S,sales,\nSell,S,selling,\n", ["line 3", "selling", "industry software"]),
        (HEAD + "Sell,S,sales,sales|polite\n", ["line 2", "polite", "an area of skill"]),
        (HEAD + "Sell,X,sales,\n", ["line 2", "K, S, B or nothing", "X"]),
        (HEAD + "  ,S,sales,\n", ["a text in line 2"]),
        (HEAD + "Sell,S,,\n", ["line 2", "no label"]),
        (HEAD + "Sell\n", ["line 2", "no label"]),
        (HEAD + '"Sell,S,sales,\n', ["a CSV in UTF-8"]),
    ],
)
def test_a_bad_file_is_refused_by_name_with_the_line_and_what_was_expected(taxonomy, folder, body, said):
    with pytest.raises(ObservatoryError) as refusal:
        read_labelled(place(folder, "own.csv", body), taxonomy)
    message = str(refusal.value)
    assert all(part in message for part in ["own.csv", "take the file away", *said]), message


def test_a_file_that_is_not_utf_8_is_refused(taxonomy, folder):
    (folder / "own.csv").write_bytes(HEAD.encode() + b"Caf\xe9,S,sales,\n")
    with pytest.raises(ObservatoryError, match="cannot be used"):
        read_labelled(folder / "own.csv", taxonomy)


def test_without_a_folder_there_is_the_bundled_set_alone(seeds, taxonomy, tmp_path):
    sets = read_sets(seeds, tmp_path / "nowhere", taxonomy)
    assert [name for name, *_ in sets.matching] == [BUNDLED]
    assert sets.linking == () and files_of(tmp_path / "nowhere") == []


def test_the_bundled_set_has_every_survey_area_and_texts_that_are_no_ksb(seeds, taxonomy):
    rows = read_labelled(seeds / f"{BUNDLED}.csv", taxonomy)
    wanted = [row.area for row in rows if row.kind]
    assert {area.ksb_id for area in taxonomy.areas if area.in_seed_survey or area.is_default} == set(wanted)
    assert min(wanted.count(area) for area in set(wanted)) >= 3
    assert sum(row.area is None for row in rows) >= 10
    assert all(sum(bool(row.kind) == given for row in rows) >= GATED_FROM for given in (True, False))


def test_files_are_told_apart_by_their_columns(seeds, taxonomy, folder):
    place(folder, "own.csv", HEAD + "Sell,S,sales,\n")
    place(folder, "some_annotations.csv", "sentence,label\nYou weld,weld metal\nYou weld,LABEL NOT PRESENT\nYou sing,LABEL NOT PRESENT\n")
    place(folder, "lists.csv", "sentence,skills\nYou cook,['cook pastry']\n")
    place(folder, "labels.txt", "weld metal\ncook pastry\n")
    sets = read_sets(seeds, folder, taxonomy, [Concept("cook pastry", "Make cakes.")])
    assert [name for name, *_ in sets.matching] == [BUNDLED, "own"]
    assert [(name, len(queries)) for name, _, queries in sets.linking] == [("lists", 1), ("some_annotations", 1)]
    assert [concept.definition for concept in sets.labels] == ["", "Make cakes."]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a.csv": "sentence,label\nx,y\n"}, "one list of labels"),
        ({"a.csv": "sentence,label\nx,y\n", "label_1.txt": "y\n", "label_2.txt": "y\n"}, "label_1.txt, label_2.txt"),
        ({"a.csv": "sentence,label\nx,y\n", "label.txt": "z\n"}, "a sentence with a label of label.txt"),
        ({"a.csv": "sentence,skills\nx,not a list\n", "label.txt": "z\n"}, "a list of labels"),
        ({"a.csv": "one,two\n1,2\n"}, "no text, ksb_type, area, acceptable_areas"),
        ({f"{BUNDLED}.csv": HEAD + "Sell,S,sales,\n"}, "that of the bundled set"),
    ],
)
def test_files_that_do_not_make_a_set_are_refused(seeds, taxonomy, folder, files, said):
    for name, body in files.items():
        place(folder, name, body)
    with pytest.raises(ObservatoryError) as refusal:
        read_sets(seeds, folder, taxonomy)
    assert said in str(refusal.value)


def test_the_fingerprint_changes_with_any_set_and_with_nothing_else(folder):
    before = fingerprint(folder)
    place(folder, "notes.md", "not a set")
    assert fingerprint(folder) == before
    path = place(folder, "own.csv", HEAD)
    placed = fingerprint(folder)
    path.rename(folder / "other.csv")
    assert len({before, placed, fingerprint(folder)}) == 3


# Marks and gates


def by_measure(rows, kind, name=None):
    return {row["measure"]: row for row in rows if row["kind"] == kind and name in (None, row["labelled_set"])}


@pytest.mark.parametrize("lexical_only", [False, True])
def test_the_bundled_set_passes_every_gate_with_and_without_the_model(seeds, taxonomy, embedder, cache, tmp_path, lexical_only):
    rows = evaluated(read_sets(seeds, tmp_path, taxonomy), taxonomy=taxonomy, embedder=None if lexical_only else embedder, cache_path=cache)
    gated = [row for row in rows if row["gate"] is not None]
    assert {(row["kind"], row["measure"]) for row in gated} == {(kind, name) for kind, gates in GATES.items() for name in gates} | {("all", "identical_output")}
    assert [row for row in gated if not row["passed"]] == []
    assert all(row["lower"] <= row["value"] <= row["upper"] for row in rows if row["lower"] is not None)


def test_a_matcher_that_lost_its_cue_rules_fails_its_gates(seeds, taxonomy, tmp_path):
    broken = replace(taxonomy, rules=(), version="broken")
    rows = evaluated(read_sets(seeds, tmp_path, taxonomy), taxonomy=broken, embedder=None)
    failed = {(row["kind"], row["measure"]) for row in rows if row["passed"] is False}
    assert {("given", "strict"), ("given", "named_recall"), ("not_given", "lenient")} <= failed


def test_a_set_under_thirty_texts_is_measured_but_not_gated(taxonomy, folder):
    rows = evaluated(small(taxonomy, folder, "Bake,S,sales,\n" * 29), taxonomy=taxonomy, embedder=None)
    assert by_measure(rows, "given")["strict"]["value"] == 0.0
    assert [row["measure"] for row in rows if row["gate"] is not None] == ["identical_output"]
    rows = evaluated(small(taxonomy, folder, "Bake,S,sales,\n" * 30), taxonomy=taxonomy, embedder=None)
    assert by_measure(rows, "given")["strict"]["passed"] is False


def test_nobody_is_asked_to_beat_a_catch_all_that_is_nearly_always_right(taxonomy, folder):
    rows = evaluated(small(taxonomy, folder, "Bake bread,S,specific occupational skills,\n" * 30), taxonomy=taxonomy, embedder=None)
    of_set = by_measure(rows, "given")
    assert (of_set["strict_gain"]["value"], of_set["strict_gain"]["gate"]) == (0.0, None)
    assert (of_set["named_recall"]["value"], of_set["named_recall"]["gate"]) == (None, None)  # no named area was wanted


def test_linking_is_marked_beside_the_model_alone(seeds, taxonomy, embedder, folder, tmp_path):
    place(folder, "tech_validation_annotations.csv", "sentence,label\n" + "".join(f"You weld metal {n} times,weld metal\n" for n in range(30)))
    place(folder, "labels.txt", "weld metal\ncook pastry\n")
    rows = evaluated(read_sets(seeds, folder, taxonomy), taxonomy=taxonomy, embedder=embedder, link_cache_path=tmp_path / "vectors.parquet")
    marks = by_measure(rows, "all", "tech_validation_annotations")
    assert set(marks) == {"p_at_1", "mrr", "r_precision_at_5", "mrr_model_alone", "mrr_gain"}
    assert (marks["mrr"]["value"], marks["p_at_1"]["n"]) == (1.0, 30)
    assert (marks["mrr_gain"]["value"], marks["mrr_gain"]["passed"]) == (0.0, False)  # two labels are no test, and thirty sentences make it one


# Trend


def test_equal_marks_are_kept_once_with_their_first_time_and_nothing_is_lost(taxonomy, folder):
    sets = small(taxonomy, folder, "Sell,S,sales,\nBake,S,specific occupational skills,\n")
    rows = evaluated(sets, taxonomy=taxonomy, embedder=None)
    first = kept(rows, None, FIRST)
    assert kept(rows, first, LATER).equals(first)

    changed = evaluated(sets, taxonomy=replace(taxonomy, version="next"), embedder=None)
    second = kept(changed, first, LATER)
    assert second.num_rows == 2 * first.num_rows
    assert {(row["taxonomy_version"], row["evaluated_at"], row["is_current"]) for row in second.to_pylist()} == {
        (taxonomy.version, FIRST, False),
        ("next", LATER, True),
    }
    back = kept(rows, second, LATER)
    assert back.num_rows == second.num_rows
    assert {row["taxonomy_version"] for row in back.to_pylist() if row["is_current"]} == {taxonomy.version}


def test_other_marks_of_the_same_versions_are_added_and_a_set_taken_away_stays_in_the_trend(taxonomy, folder):
    rows = evaluated(small(taxonomy, folder, "Sell,S,sales,\n"), taxonomy=taxonomy, embedder=None)
    first = kept(rows, None, FIRST)
    other = [{**row, "value": 0.5} if row["measure"] == "strict" else row for row in rows]
    second = kept(other, first, LATER)
    assert {row["evaluated_at"] for row in second.to_pylist() if row["is_current"]} == {LATER}
    assert second.num_rows == 2 * first.num_rows
    gone = kept([], second, LATER)
    assert gone.num_rows == second.num_rows and not any(gone["is_current"].to_pylist())


def test_the_labelled_sets_at_hand_pass_the_gates(recorded, seeds, taxonomy, embedder, cache, folder):
    (folder / "dev.csv").symlink_to(recorded / "ksb" / "dev_labelled_84.csv")
    rows = evaluated(read_sets(seeds, folder, taxonomy), taxonomy=taxonomy, embedder=embedder, cache_path=cache)
    assert [row for row in rows if row["passed"] is False] == []
    assert by_measure(rows, "given", "dev")["strict_gain"]["passed"]
