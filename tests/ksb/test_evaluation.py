"""The measures on a hand-made case, and the gates on the labelled development set."""

from __future__ import annotations

import pyarrow as pa
import pytest

from observatory_assets.ksb.evaluation import Labelled, confusion, evaluate, interval, read_labelled, statements_of
from observatory_assets.ksb.matcher import match_statements
from observatory_assets.ksb.text import text_sha256


def test_measures_are_counted_by_hand(taxonomy):
    default, sales, software = "skill.specific_occupational_skills", "skill.sales", "skill.industry_software"
    labelled = [
        Labelled("one", "skill", sales, frozenset({sales})),
        Labelled("two", "skill", default, frozenset({default, sales})),
        Labelled("three", "skill", software, frozenset({software})),
        Labelled("four", "skill", default, frozenset({default})),
        Labelled("five", "skill", default, frozenset({default})),
    ]
    found = {"one": sales, "two": sales, "three": default, "four": "skill.customer_service", "five": None}
    matches = pa.table(
        {
            "text_sha256": [text_sha256(text) for text in found],
            "kind_given": ["skill"] * 5,
            "rank": [1] * 5,
            "ksb_id": pa.array(list(found.values()), pa.string()),
        }
    )
    scores = evaluate(labelled, matches, taxonomy)
    assert (scores.strict, scores.lenient) == (0.4, 0.6)  # an extension area (four) counts as the catch-all
    assert (scores.baseline_strict, scores.baseline_lenient) == (0.6, 0.6)
    assert (scores.named_precision, scores.named_recall) == (1.0, 0.5)
    assert (scores.coverage, scores.abstention, scores.default_share) == (0.8, 0.2, 0.4)


def test_the_interval_is_wilsons():
    assert [round(bound, 4) for bound in interval(8, 10)] == [0.4902, 0.9433]
    assert interval(0, 0) == (0.0, 1.0)


def test_each_confusion_is_counted_with_those_that_are_acceptable_all_the_same(taxonomy):
    default, sales = "skill.specific_occupational_skills", "skill.sales"
    labelled = [
        Labelled("one", "skill", sales, frozenset({sales})),
        Labelled("two", "skill", default, frozenset({default, sales})),
        Labelled("three", None, None, frozenset({None})),
        Labelled("four", "skill", default, frozenset({default})),
    ]
    matches = pa.table(
        {
            "text_sha256": [text_sha256(row.text) for row in labelled],
            "kind_given": pa.array([row.kind for row in labelled], pa.string()),
            "rank": [1] * 4,
            "ksb_id": pa.array([sales, sales, default, sales], pa.string()),
        }
    )
    assert confusion(labelled, matches, taxonomy) == [(default, sales, 2, 1), ("NONE", default, 1, 0)]


@pytest.mark.parametrize("lexical_only", [False, True])
def test_the_development_set_passes_the_gates(recorded, taxonomy, embedder, cache, lexical_only):
    labelled = read_labelled(recorded / "ksb" / "dev_labelled_84.csv", taxonomy)
    table = match_statements(statements_of(labelled), taxonomy=taxonomy, embedder=None if lexical_only else embedder, cache_path=cache)
    scores = evaluate(labelled, table, taxonomy)
    assert scores.lenient >= 0.93 and scores.strict >= 0.80, scores
    assert scores.named_precision >= 0.90 and scores.named_recall >= 0.75, scores
    assert scores.strict >= scores.baseline_strict + 0.15, scores
