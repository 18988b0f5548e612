"""Statements onto UK-SSC: levels, rows, repeatability, and only new text embedded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pytest

from observatory_assets.ksb import grouped as grouped_module
from observatory_assets.ksb.concepts import concepts_of_uk_ssc
from observatory_assets.ksb.grouped import COLUMNS, NO_BEHAVIOURS, NOT_HELD, Grouped, link_statements
from observatory_assets.ksb.linker import Linker
from observatory_assets.ksb.model import Embedder
from resources.errors import ObservatoryError

SKILLS = [
    ("Keep bees", "Look after hives and the bees in them through the year.", "Care for small animals"),
    ("Raise rabbits", "Feed and house rabbits and watch over their health.", "Care for small animals"),
    ("Prune fruit trees", "Cut back branches of fruit trees so that they bear well.", "Tend orchards"),
    ("Harvest fruit", "Pick ripe fruit and bring it in unbruised.", "Tend orchards"),
    ("Tie knots", "Join ropes by knots that hold and come undone.", "Handle ropes"),
    ("Whittle", None, None),
]
TEXTS = [
    ("skill", "Tie knots"),
    ("skill", "Prune fruit trees in winter"),
    ("knowledge", "How bees and rabbits are looked after through the year, in line with rules on small animals"),
    ("skill", "Answer the telephone politely"),
    ("behaviour", "Tie knots"),
    ("skill", "Pick ripe fruit; tie ropes by knots; keep the books - daily"),
    (None, "Whittle"),
    (None, ""),
    ("skill", "了解工作场所的健康与安全法规"),
    ("skill", "Mind the the and of it"),
]


@pytest.fixture(scope="module")
def skills():
    columns = {name: [row[at] for row in SKILLS] for at, name in enumerate(("skill", "definition", "skill_group"))}
    columns["scheme_version"] = ["0.9"] * len(SKILLS)
    return pa.table(columns, schema=pa.schema([(name, pa.string()) for name in columns]))


@dataclass(frozen=True)
class Counting(Embedder):
    """An embedder that keeps what it was asked."""

    asked: list[str] = field(default_factory=list)

    def embed(self, texts, batch=16):
        self.asked.extend(texts)
        return super().embed(texts, batch)


def _counting(embedder: Embedder) -> Counting:
    return Counting(embedder.session, embedder.tokenizer, embedder.model_sha256, embedder.tokenizer_sha256)


def _rows(table: pa.Table) -> dict[tuple[str, str | None], dict]:
    return {(row["text_sha256"], row["kind_given"]): row for row in table.to_pylist()}


def _hash(table: pa.Table) -> str:
    return hashlib.sha256(repr(table.to_pylist()).encode()).hexdigest()


@pytest.fixture
def linked(statements, skills, embedder, cache):
    table = statements(*TEXTS)
    rows = _rows(link_statements(table, skills, embedder=embedder, cache_path=cache))
    return [rows[key] for key in zip(table["text_sha256"].to_pylist(), table["kind"].to_pylist(), strict=True)]


def test_each_text_and_kind_has_one_row_that_says_how_far_it_goes_and_why(linked):
    assert [row["level"] for row in linked] == ["skill", "skill", "group", "none", "none", "group", "skill", "none", "none", "none"]
    exact, pruned, group, nothing, behaviour, _, alone, empty, foreign, _ = linked
    assert (exact["skill"], exact["skill_group"], exact["method"], exact["band"]) == ("Tie knots", "Handle ropes", "exact", "auto")
    assert (pruned["skill"], pruned["method"], pruned["band"]) == ("Prune fruit trees", "hybrid", "auto") and pruned["margin"] >= 0.1
    assert (group["skill"], group["skill_group"]) == (None, "Care for small animals") and group["runner_up_group"] not in (None, "Care for small animals")
    assert (nothing["skill"], nothing["skill_group"], nothing["method"]) == (None, None, "abstain") and nothing["reason"] and nothing["runner_up_group"]
    assert (behaviour["reason"], behaviour["method"], behaviour["band"]) == (NO_BEHAVIOURS, "abstain", "abstain")
    assert (alone["skill"], alone["skill_group"]) == ("Whittle", "Whittle")
    assert "empty" in empty["reason"] and "not English" in foreign["reason"]


def test_a_score_is_its_dense_part_and_half_its_lexical_part(linked):
    row = linked[1]
    assert row["score"] == pytest.approx(row["dense_score"] + 0.5 * row["lexical_score"], abs=2e-6)


def test_every_row_carries_what_it_was_made_with(statements, skills, embedder, cache, linked):
    table = link_statements(statements(*TEXTS), skills, embedder=embedder, cache_path=cache)
    assert tuple(table.column_names) == COLUMNS and table["score"].type == pa.float64()
    assert {(row["scheme"], row["scheme_version"], row["model_sha256"], row["tokenizer_sha256"]) for row in linked} == {
        ("uk_ssc", "0.9", embedder.model_sha256, embedder.tokenizer_sha256)
    }
    assert table.select(["text_sha256", "kind_given"]).to_pylist() == sorted(
        table.select(["text_sha256", "kind_given"]).to_pylist(), key=lambda row: (row["text_sha256"], row["kind_given"] or "")
    )


def test_repeats_are_linked_once(statements, skills, embedder, cache):
    assert link_statements(statements(*TEXTS, *TEXTS), skills, embedder=embedder, cache_path=cache).num_rows == len(TEXTS)


def test_neither_batch_nor_order_nor_threads_nor_the_cache_change_a_bit(statements, skills, embedder, cache, tmp_path, monkeypatch):
    from threadpoolctl import threadpool_limits

    wanted = _hash(link_statements(statements(*TEXTS), skills, embedder=embedder, cache_path=cache))
    assert _hash(link_statements(statements(*reversed(TEXTS)), skills, embedder=embedder)) == wanted
    for block in (1, 3):
        monkeypatch.setattr(grouped_module, "BLOCK", block)
        for threads in (1, 2):
            with threadpool_limits(threads):
                assert _hash(link_statements(statements(*TEXTS), skills, embedder=embedder, cache_path=tmp_path / f"{block}.parquet")) == wanted
    alone = [row for text in TEXTS for row in link_statements(statements(text), skills, embedder=embedder, cache_path=cache).to_pylist()]
    assert _hash(pa.Table.from_pylist(sorted(alone, key=lambda row: (row["text_sha256"], row["kind_given"] or "")))) == wanted


def test_only_what_the_cache_has_not_seen_is_embedded(statements, skills, embedder, tmp_path):
    counting, cache = _counting(embedder), tmp_path / "vectors.parquet"
    first = link_statements(statements(*TEXTS), skills, embedder=counting, cache_path=cache)
    assert len(counting.asked) == len(set(counting.asked)) > 2 * len(SKILLS)
    counting.asked.clear()
    assert link_statements(statements(*TEXTS), skills, embedder=counting, cache_path=cache).equals(first)
    assert counting.asked == []
    link_statements(statements(*TEXTS, ("skill", "Keep bees through the winter")), skills, embedder=counting, cache_path=cache)
    assert counting.asked == ["Keep bees through winter"]


def test_the_function_and_the_linker_decide_alike(statements, skills, embedder, cache):
    linker = Linker(concepts_of_uk_ssc(skills), embedder, cache)
    for kind, text in TEXTS:
        if kind != "behaviour":
            row = link_statements(statements((kind, text)), skills, embedder=embedder, cache_path=cache).to_pylist()[0]
            one = linker.link(text)
            assert (row["level"], row["skill"] or row["skill_group"], row["reason"]) == (one.level, one.link, one.reason)


def test_without_a_taxonomy_every_row_abstains_and_says_what_to_place(statements, skills, embedder):
    table = link_statements(statements(*TEXTS), skills.slice(0, 0), embedder=embedder)
    assert table.num_rows == len(TEXTS)
    assert {(row["method"], row["band"], row["level"]) for row in table.to_pylist()} == {("abstain", "abstain", "none")}
    assert {row["reason"] for row in table.to_pylist()} == {NOT_HELD, NO_BEHAVIOURS}
    assert link_statements(statements(), skills.slice(0, 0), embedder=None).num_rows == 0


def test_without_the_model_only_a_label_itself_links(statements, skills):
    rows = link_statements(statements(*TEXTS), skills, embedder=None).to_pylist()
    assert {row["method"] for row in rows if row["level"] == "skill"} == {"exact"} and {row["level"] for row in rows} == {"skill", "none"}
    assert {row["model_name"] for row in rows} == {None}


def test_an_unknown_kind_is_refused(statements, skills):
    with pytest.raises(ObservatoryError, match="unknown kind"):
        link_statements(statements(("attitude", "Tie knots")), skills, embedder=None)


def test_a_taxonomy_of_one_group_has_no_runner_up(statements, skills, embedder, cache):
    rows = link_statements(statements(("skill", "Tie knots"), ("skill", "Join ropes by knots")), skills.slice(4, 1), embedder=embedder, cache_path=cache)
    assert {row["runner_up_group"] for row in rows.to_pylist() if row["level"] != "none"} == {None}


def test_what_its_words_keep_from_any_link_is_read_for_the_order_of_its_skills_alone(skills, embedder, cache):
    grouped = Grouped(concepts_of_uk_ssc(skills), embedder, cache)
    text = "Mind honey insects"
    quick, whole = next(grouped.verdicts([text])), next(grouped.verdicts([text], read_all=True))
    assert (quick.level, quick.dense_score) == (whole.level, None) == ("none", None) and whole.dense_score is not None
    assert replace(quick, scores=None).reason == whole.reason


@pytest.fixture(scope="module")
def real_skills(recorded):
    import csv

    with (recorded / "uk_ssc" / "uk_ssc_occupational_skills_v0.9.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    names = {"skill": "occupational_skill_L4", "definition": "definition", "skill_group": "skill_group_L3"}
    return pa.table({**{ours: [row[theirs] for row in rows] for ours, theirs in names.items()}, "scheme_version": ["0.9"] * len(rows)})


def test_a_skill_of_the_real_classification_links_to_itself(statements, real_skills):
    """Without the model: embedding 3,343 definitions would take half a minute."""
    some = real_skills.take(list(range(0, real_skills.num_rows, 50)))
    rows = _rows(link_statements(statements(*(("skill", text) for text in some["skill"].to_pylist())), real_skills, embedder=None))
    assert {row["method"] for row in rows.values()} == {"exact"}
