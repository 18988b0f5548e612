"""Records for texts: one each, in order, whatever the texts are."""

from __future__ import annotations

import json

import pytest

from observatory_assets.ksb.concepts import Concept
from observatory_assets.ksb.describe import describe
from observatory_assets.ksb.grouped import Grouped
from observatory_assets.ksb.taxonomy import Override
from observatory_assets.ksb.text import text_sha256
from resources.errors import ObservatoryError

FIELDS = [
    "area", "survey_area", "ksb_id", "kind", "group", "skill", "level", "score", "method", "rule", "runner_up", "reason", "link_score", "link_band",
    "link_reason",
]  # fmt: skip
BAD = (
    "", " \t", "<p>&nbsp;</p>", "🎉🎉🎉", "\x00\x01\x0b", "\x00", "word " * 2_000, "x" * 10_000, "\ud800", "\ufeff", "…",
    "了解工作场所的健康与安全法规", "معرفة قواعد السلامة",
    "Connaissance des normes de sécurité", "Kenntnisse im Bereich Arbeitssicherheit", "Znajomość przepisów bezpieczeństwa",
)  # fmt: skip
SKILLS = (
    Concept("Write reports", "Set out findings in clear written reports.", (), "Write documents"),
    Concept("Draft contracts", "Draft letters and contracts for clients.", (), "Write documents"),
    Concept("Weld pipe", "Join lengths of steel pipe by welding.", (), "Weld metal"),
)


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


@pytest.fixture(scope="module")
def uk_ssc(embedder, cache):
    return Grouped(SKILLS, embedder, cache)


def test_knowledge_and_skills_are_linked_and_the_rest_says_why_not(say, embedder, uk_ssc):
    texts = ("Weld pipe", "Draft letters and contracts for clients", "Honest and trustworthy", "We offer a competitive salary and annual leave", "")
    linked, group, behaviour, advert, empty = say(*texts, embedder=embedder, uk_ssc=uk_ssc)
    assert (linked["skill"], linked["group"], linked["level"], linked["link_band"]) == ("Weld pipe", "Weld metal", "skill", "auto")
    assert group["group"] == "Write documents" and group["link_score"] > 0
    assert (behaviour["group"], behaviour["level"]) == (None, None) and "no behaviours" in behaviour["link_reason"]
    assert (advert["group"], advert["level"]) == (None, None) and advert["link_reason"] == advert["reason"]
    assert empty["link_reason"] == "empty after cleaning"


def test_without_a_taxonomy_group_and_skill_are_null_and_say_how_to_get_them(say):
    record = say("Weld pipe", kind="skill")[0]
    assert (record["group"], record["skill"], record["level"]) == (None, None, None) and "drop folder" in record["link_reason"]


@pytest.mark.parametrize("kind", ["knowledge", "skill", "behaviour", None])
def test_unusable_texts_are_not_linked_either(say, embedder, uk_ssc, kind):
    for record in say(*BAD, kind=kind, embedder=embedder, uk_ssc=uk_ssc):
        assert (record["group"], record["skill"]) == (None, None) and record["link_reason"]


def test_company_changes_no_link(say, embedder, uk_ssc):
    texts = ["Weld steel pipe to drawings", "Knowledge of reports", "Weld pipe", "Flexible when shifts change"]
    assert say(*texts, embedder=embedder, uk_ssc=uk_ssc) == [say(text, embedder=embedder, uk_ssc=uk_ssc)[0] for text in texts]
