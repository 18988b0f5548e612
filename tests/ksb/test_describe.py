"""Records for texts: one each, in order, whatever the texts are."""

from __future__ import annotations

import json

import pytest

from observatory_assets.ksb.describe import describe
from observatory_assets.ksb.taxonomy import Override
from observatory_assets.ksb.text import text_sha256
from resources.errors import ObservatoryError

FIELDS = ["area", "survey_area", "ksb_id", "kind", "group", "skill", "score", "method", "rule", "runner_up", "reason"]
BAD = ("", " \t", "<p>&nbsp;</p>", "🎉🎉🎉", "\x00\x01\x0b", "word " * 2_000, "了解工作场所的健康与安全法规")


@pytest.fixture
def say(taxonomy):
    def run(*texts, **options):
        return describe(texts, taxonomy=taxonomy, embedder=options.pop("embedder", None), **options)

    return run


def test_one_record_a_text_in_order_also_for_repeats_and_blanks(say):
    records = say("Honest and trustworthy", "", "Draft letters and contracts", "Honest and trustworthy")
    assert [record["area"] for record in records] == ["honest", "NONE", "written communication", "honest"]
    assert [list(record) for record in records] == [FIELDS] * 4


def test_an_extension_area_is_named_and_counted_in_its_kinds_catch_all(say):
    record = say("Treats everyone with dignity and respect", kind="behaviour")[0]
    assert (record["area"], record["survey_area"]) == ("respect & inclusion", "OTHER")


def test_a_behaviour_that_no_area_covers_is_other_and_an_advert_is_none(say):
    assert say("Wears the house colours on match days", kind="behaviour")[0]["area"] == "OTHER"
    record = say("We offer a competitive salary and annual leave")[0]
    assert (record["area"], record["ksb_id"], record["method"]) == ("NONE", None, "abstain") and record["rule"].startswith("not_a_ksb")


@pytest.mark.parametrize("kind", ["knowledge", "skill", "behaviour", None])
def test_unusable_texts_are_none_with_a_reason(say, kind):
    for record in say(*BAD, kind=kind):
        assert record["area"] == "NONE" and record["reason"]
        json.dumps(record)


def test_a_reviewers_decision_is_told(say):
    override = Override(text_sha256("Fettle castings"), "skill.quality_and_standards", "replace", "A. Reviewer", "inspection here", "2026-01-01")
    record = say("Fettle castings", kind="skill", overrides=(override,))[0]
    assert (record["area"], record["method"], record["reason"]) == ("quality & standards", "override", "inspection here")


def test_a_kind_that_is_none_of_the_three_is_refused(say):
    with pytest.raises(ObservatoryError, match="unknown kind"):
        say("Honesty", kind="attitude")


def test_company_changes_no_record(say, embedder):
    texts = ["liaises with suppliers", "Knowledge of cloud computing", "Flexible when shifts change", "Full UK driving licence"]
    assert say(*texts, embedder=embedder) == [say(text, embedder=embedder)[0] for text in texts]
