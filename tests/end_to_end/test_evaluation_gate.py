"""A labelled set that cannot be read, or that the matcher fails on, stops publication; the last published build stays until it is put right."""

from __future__ import annotations

import duckdb

from tests.end_to_end.conftest import Story

HEAD = "text,ksb_type,area,acceptable_areas\n"


def test_publication_waits_for_sound_labelled_sets_that_the_matcher_is_right_on(story: Story) -> None:
    published = story.serving.resolve()
    labelled = story.observatory.settings.labelled_folder / "own.csv"
    labelled.parent.mkdir(parents=True)

    labelled.write_text(HEAD + "Sell things,S,selling,\n")
    outcome = story.refresh()
    assert any("own.csv" in problem and "line 2" in problem for problem in outcome.problems), outcome.problems
    assert (outcome.published, story.serving.resolve()) == (False, published)

    labelled.write_text(HEAD + "".join(f"Bake {number} loaves of bread,S,sales,\n" for number in range(30)))
    outcome = story.refresh()
    assert any("assert_ksb_evaluation_gates_hold" in problem and "the last published build stays" in problem for problem in outcome.problems), outcome.problems
    assert (outcome.published, story.serving.resolve()) == (False, published)

    labelled.unlink()
    outcome = story.refresh()
    assert outcome.ok and outcome.published, outcome.problems
    with duckdb.connect(str(story.serving), read_only=True) as connection:
        sets = connection.execute("select distinct labelled_set, is_current from marts.ksb_evaluation order by 1").fetchall()
    assert sets == [("ksb_labelled", True), ("own", False)]  # what it failed on stays in the trend
