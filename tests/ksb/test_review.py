"""The review loop: what is asked, what of the answers is refused, how decisions are kept, and that the matcher obeys them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil

import pytest

from observatory_assets.ksb.matcher import match_statements
from observatory_assets.ksb.review import answers, questions, record
from observatory_assets.ksb.taxonomy import load_overrides
from observatory_assets.ksb.text import text_sha256
from resources.errors import ObservatoryError

AT = dt.datetime(2026, 11, 23, 9, tzinfo=dt.timezone.utc)
TEXTS = {
    "Fettle castings": ("skill", "skill.specific_occupational_skills", "default"),
    "=SUM of parts": ("knowledge", "knowledge.basic_numeracy", "emb"),
    "'-quoted and dashed": (None, None, "abstain"),
    "Café, “quoted”\nover two lines": ("behaviour", "behaviour.polite", "rule"),
}


def queue():
    return [
        {
            "text_sha256": text_sha256(text), "text": text, "kind_given": kind, "ksb_id": ksb_id, "method": method, "score": 0.5512345678,
            "runner_up_id": "skill.sales", "influence": 0.25, "demand_influence": 0.25,
            "supply_influence": -0.0, "units": 1, "used_in": "supply ST1", "reason": None,
        }
        for text, (kind, ksb_id, method) in TEXTS.items()
    ]  # fmt: skip


@pytest.fixture
def own_seeds(seeds, tmp_path):
    folder = tmp_path / "seeds"
    folder.mkdir()
    for path in seeds.glob("ksb_*.csv"):
        shutil.copyfile(path, folder / path.name)
    return folder


def asked(taxonomy):
    return list(csv.DictReader(io.StringIO(questions(queue(), taxonomy), newline="")))


def filled(tmp_path, taxonomy, name="review.csv", **by_text):
    """The exported file with answers: first word of the text -> (action, ksb_id, reviewer, reason)."""
    rows = asked(taxonomy)
    for row in rows:
        answer = by_text.get(row["text"].lstrip("='-").split()[0].strip(",").lower().replace("é", "e"), ("", "", "", ""))
        row |= dict(zip(("action", "ksb_id", "reviewer", "reason"), answer, strict=True))
    path = tmp_path / name
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_a_formula_is_neutralised_for_the_spreadsheet_and_restored_on_the_way_back(taxonomy, tmp_path):
    assert [row["text"] for row in asked(taxonomy)] == ["Fettle castings", "'=SUM of parts", "''-quoted and dashed", "Café, “quoted”\nover two lines"]
    assert asked(taxonomy)[0] | {"score": "0.551235", "current_label": "specific occupational skills", "runner_up_label": "sales"} == asked(taxonomy)[0]
    who = ("R. Viewer", "=why")
    path = filled(
        tmp_path, taxonomy, sum=("accept", "", *who), quoted=("replace", "NONE", *who), cafe=("reject", "", *who), fettle=("Replace", "skill.sales", *who)
    )
    assert [(one.action, one.ksb_id, one.text_sha256) for one in answers(path, taxonomy)] == [
        ("replace", "skill.sales", text_sha256("Fettle castings")),
        ("accept", "knowledge.basic_numeracy", text_sha256("=SUM of parts")),
        ("replace", None, text_sha256("'-quoted and dashed")),
        ("reject", "behaviour.polite", text_sha256("Café, “quoted”\nover two lines")),
    ]


def test_rows_without_an_answer_are_left_for_another_day(taxonomy, tmp_path):
    assert answers(filled(tmp_path, taxonomy), taxonomy) == []


def test_every_wrong_row_is_named_with_its_line_and_nothing_is_imported(taxonomy, tmp_path):
    path = filled(
        tmp_path,
        taxonomy,
        fettle=("replace", "knowledge.basic_it", "R", ""),
        sum=("acept", "", "", ""),
        quoted=("accept", "", "R", ""),
        cafe=("replace", "behaviour.nice", "R", ""),
    )
    with pytest.raises(ObservatoryError) as refusal:
        answers(path, taxonomy)
    message = str(refusal.value)
    assert message.startswith("4 rows of review.csv cannot be imported, so nothing was")
    for said in (
        "line 2: knowledge.basic_it is of kind knowledge, the text is skill",
        "line 3: no reviewer",
        "line 3: action 'acept' is none of accept, replace, reject",
        "line 4: there is no current area to accept; replace names one",
        "line 6: unknown ksb_id 'behaviour.nice'",
    ):
        assert said in message


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (("", "skill.sales", "R", ""), "no action (accept, replace, reject)"),
        (("replace", "", "R", ""), "replace needs the ksb_id"),
        (("accept", "skill.sales", "R", ""), "to choose skill.sales say replace"),
        (("reject", "NONE", "R", ""), "unknown ksb_id 'NONE'"),
        (("reject", "behaviour.polite", "R", ""), "is of kind behaviour"),
    ],
)
def test_an_answer_that_contradicts_itself_is_refused(taxonomy, tmp_path, answer, said):
    with pytest.raises(ObservatoryError, match="1 row of") as refusal:
        answers(filled(tmp_path, taxonomy, fettle=answer), taxonomy)
    assert said in str(refusal.value)


def test_a_changed_text_a_lost_column_and_another_encoding_are_refused(taxonomy, tmp_path):
    path = filled(tmp_path, taxonomy, fettle=("accept", "", "R", ""))
    body = path.read_text("utf-8-sig")
    path.write_text(body.replace("Fettle castings", "Fettle casting"), encoding="utf-8")
    with pytest.raises(ObservatoryError, match="text_sha256 is not that of the text"):
        answers(path, taxonomy)
    path.write_text(body.replace("reviewer", "who"), encoding="utf-8")
    with pytest.raises(ObservatoryError, match="is no review") as refusal:
        answers(path, taxonomy)
    assert "no reviewer" in str(refusal.value)
    path.write_bytes(body.encode("cp1252"))
    with pytest.raises(ObservatoryError, match="cannot be read") as refusal:
        answers(path, taxonomy)
    assert "CSV UTF-8" in str(refusal.value)


def test_two_answers_on_one_text_must_agree(taxonomy, tmp_path):
    path = filled(tmp_path, taxonomy, fettle=("accept", "", "R", ""))
    lines = path.read_text("utf-8-sig").split("\n")
    path.write_text("\n".join([*lines[:2], lines[1], *lines[2:]]), encoding="utf-8")
    assert len(answers(path, taxonomy)) == 1
    path.write_text("\n".join([*lines[:2], lines[1].replace("accept", "reject"), *lines[2:]]), encoding="utf-8")
    with pytest.raises(ObservatoryError, match="line 3: line 2 decides otherwise"):
        answers(path, taxonomy)


# Keeping


def test_decisions_are_appended_once_and_what_was_there_stays_byte_for_byte(taxonomy, own_seeds, tmp_path):
    seed = own_seeds / "ksb_override.csv"
    first = filled(tmp_path, taxonomy, "first.csv", fettle=("accept", "", "A", ""), sum=("reject", "", "A", "not\nsums"))
    assert record(answers(first, taxonomy), own_seeds, taxonomy, AT) == (2, 0)
    after = seed.read_bytes()
    assert record(answers(first, taxonomy), own_seeds, taxonomy, AT) == (0, 2)
    assert seed.read_bytes() == after

    second = filled(tmp_path, taxonomy, "second.csv", fettle=("replace", "skill.sales", "B", "they sell"))
    assert record(answers(second, taxonomy), own_seeds, taxonomy, AT) == (1, 0)
    assert seed.read_bytes().startswith(after)
    rows = list(csv.DictReader(seed.open()))
    assert [row["supersedes"] for row in rows] == ["", "", rows[0]["decided_at"]]
    assert rows[1]["reason"] == "not sums"
    assert rows[2]["decided_at"] > rows[1]["decided_at"]  # also where the clock stood still

    with pytest.raises(ObservatoryError, match="would come back"):
        record(answers(first, taxonomy), own_seeds, taxonomy, AT)
    back = filled(tmp_path, taxonomy, "back.csv", fettle=("accept", "", "A", "it is fettling after all"))
    assert record(answers(back, taxonomy), own_seeds, taxonomy, AT) == (1, 0)
    assert len(load_overrides(own_seeds, taxonomy)) == 4


def test_a_decision_on_a_text_as_knowledge_does_not_supersede_one_on_it_as_a_skill(taxonomy, own_seeds, tmp_path):
    path = filled(tmp_path, taxonomy, fettle=("accept", "", "A", ""))
    [decision] = answers(path, taxonomy)
    other = type(decision)(**{**vars(decision), "kind": "knowledge", "ksb_id": "knowledge.basic_it", "action": "replace"})
    record([decision], own_seeds, taxonomy, AT)
    record([other], own_seeds, taxonomy, AT)
    rows = list(csv.DictReader((own_seeds / "ksb_override.csv").open()))
    assert [row["supersedes"] for row in rows] == ["", ""]


def test_a_seed_that_cannot_be_read_is_not_added_to(taxonomy, own_seeds, tmp_path):
    seed = own_seeds / "ksb_override.csv"
    seed.write_text(seed.read_text() + "abc,skill.unknown,accept,R,,2026-01-01,\n")
    before = seed.read_bytes()
    with pytest.raises(ObservatoryError, match="not a usable seed"):
        record(answers(filled(tmp_path, taxonomy, fettle=("accept", "", "A", "")), taxonomy), own_seeds, taxonomy, AT)
    assert seed.read_bytes() == before


def test_the_matcher_obeys_says_who_and_when_and_the_later_decision_wins(taxonomy, own_seeds, tmp_path, statements):
    texts = statements(("skill", "Fettle castings"), ("knowledge", "=SUM of parts"))

    def first_link(kind):
        table = match_statements(texts, taxonomy=taxonomy, embedder=None, overrides=load_overrides(own_seeds, taxonomy))
        return next(row for row in table.to_pylist() if row["kind_given"] == kind)

    assert first_link("skill")["reviewed_by"] is None
    one = filled(tmp_path, taxonomy, "one.csv", fettle=("replace", "skill.sales", "A. Reviewer", "they sell them"))
    record(answers(one, taxonomy), own_seeds, taxonomy, AT)
    row = first_link("skill")
    assert (row["ksb_id"], row["method"], row["reviewed_by"], row["reviewed_at"], row["reason"]) == (
        "skill.sales",
        "override",
        "A. Reviewer",
        AT,
        "they sell them",
    )
    two = filled(tmp_path, taxonomy, "two.csv", fettle=("replace", "skill.leadership", "B. Reviewer", ""))
    record(answers(two, taxonomy), own_seeds, taxonomy, AT + dt.timedelta(days=1))
    row = first_link("skill")
    assert (row["ksb_id"], row["reviewed_by"], row["reviewed_at"]) == ("skill.leadership", "B. Reviewer", AT + dt.timedelta(days=1))
    assert first_link("knowledge")["method"] != "override"


def test_a_rejection_is_named_in_what_the_matcher_says_instead(taxonomy, own_seeds, tmp_path, statements):
    path = filled(tmp_path, taxonomy, cafe=("reject", "", "A. Reviewer", ""))
    record(answers(path, taxonomy), own_seeds, taxonomy, AT)
    texts = statements(("behaviour", "Café, “quoted”\nover two lines"))
    raw = texts.set_column(0, "text_sha256", [[text_sha256("Café, “quoted”\nover two lines")]])
    [row] = match_statements(raw, taxonomy=taxonomy, embedder=None, overrides=load_overrides(own_seeds, taxonomy)).to_pylist()
    assert row["reason"].endswith("A. Reviewer rejected behaviour.polite on 2026-11-23")
    assert row["reviewed_by"] is None


def test_a_decision_on_a_task_leaves_it_the_knowledge_it_draws_on(taxonomy, own_seeds, tmp_path, statements):
    path = filled(tmp_path, taxonomy, quoted=("replace", "skill.sales", "A. Reviewer", ""))
    record(answers(path, taxonomy), own_seeds, taxonomy, AT)
    table = match_statements(statements((None, "'-quoted and dashed")), taxonomy=taxonomy, embedder=None, overrides=load_overrides(own_seeds, taxonomy))
    assert [(row["rank"], row["kind"], row["ksb_id"], row["method"]) for row in table.to_pylist()] == [
        (1, "skill", "skill.sales", "override"),
        (2, "knowledge", "knowledge.technical_and_vocational", "default"),
    ]
