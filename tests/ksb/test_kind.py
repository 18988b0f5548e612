"""Where a demand begins, and knowledge, skill or behaviour from how it begins."""

from __future__ import annotations

import time

import pytest

from observatory_assets.ksb.kind import does_something, opening, predict_kind

NOTHING: dict[str, list[str]] = {"knowledge": [], "skill": [], "behaviour": []}


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("* • knowledge of lathes", "knowledge of lathes"),
        ("3 ) plan the work", "plan the work"),
        ("the ideal candidate will possess a deep understanding of soils", "possess a deep understanding of soils"),
        ("as a planner, you will schedule deliveries", "schedule deliveries"),
        ("key responsibilities: prepare invoices", "prepare invoices"),
        ("we are looking for a person who can weld", "weld"),
        ("weld steel", "weld steel"),
    ],
)
def test_list_marks_and_what_an_advertiser_says_first_are_passed_over(text, start):
    assert opening(text) == start


@pytest.mark.parametrize(
    "text", ["rewrite the manual", "tidy the ward", "log defects and faults", "digitise the files", "rejects faulty parts", "administer medicines"]
)
def test_a_task_opens_with_a_verb(text):
    assert does_something(text)


@pytest.mark.parametrize("text", ["adaptable and calm", "management of soils", "creativity", "materials used in moulds"])
def test_adjectives_and_nouns_that_begin_like_verbs_are_none(text):
    assert not does_something(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("finishing techniques, for example rolled hems", "knowledge"),
        ("layout, construction and operation of small vessels", "knowledge"),
        ("you should have a good understanding of soils", "knowledge"),
        ("you are able to develop larger components", "skill"),
        ("experience in warehouse operations", "skill"),
        ("conserve refrigerants", "skill"),
    ],
)
def test_the_opening_tells_the_kind_where_no_area_speaks(text, kind):
    assert predict_kind(text, NOTHING) == kind


def test_a_short_demand_takes_the_kind_of_the_area_it_names():
    assert predict_kind("able to work on own initiative", {**NOTHING, "behaviour": ["behaviour.self_motivated"]}) == "behaviour"
    assert predict_kind("good numeracy skills", {**NOTHING, "knowledge": ["knowledge.basic_numeracy"]}) == "knowledge"
    assert predict_kind("knowledge of python", {**NOTHING, "skill": ["skill.coding_and_programming"]}) == "skill"


def test_an_adjective_in_a_long_advert_does_not_make_a_behaviour():
    text = "together with the team you develop campaigns and innovative experiences that drive growth for all our brands in every country"
    assert predict_kind(text, {**NOTHING, "behaviour": ["behaviour.innovative"]}) == "skill"


@pytest.mark.parametrize("text", ["the " * 2_000, "a-" * 4_000, "seeking a skilled " + "x " * 3_900, "* 1 " * 2_000, "in this role" + "a" * 7_900])
def test_no_grammar_runs_away_on_a_long_text(text):
    started = time.process_time()
    predict_kind(text, NOTHING)
    assert time.process_time() - started < 2
