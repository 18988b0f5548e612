"""Cleaning, clauses and the test of what is no statement."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observatory_assets.ksb.text import MOST_CLAUSES, clauses, clean, normalise, not_a_statement, text_sha256


def test_twice_escaped_html_tags_and_no_break_spaces_are_gone():
    assert clean("<p>Health &amp;amp; safety&nbsp;at\u00a0work,\u200b\r\n e.g. &lt;b&gt;PPE&lt;/b&gt;</p>") == "Health & safety at work, e.g. PPE"


def test_a_comparison_is_not_taken_for_a_tag():
    assert clean("Keep temperature < 5 degrees and > 1 degree") == "Keep temperature < 5 degrees and > 1 degree"


def test_list_items_become_clauses():
    assert clauses(clean("<ul><li>Write reports</li><li>Lead a team</li></ul>")) == ["Write reports", "Lead a team"]


def test_sentences_semicolons_and_dashes_separate_but_commas_and_examples_do_not():
    assert clauses("Plan work, time and cost; lead staff. Write reports – e.g. audits") == [
        "Plan work, time and cost",
        "lead staff",
        "Write reports, e.g. audits",
    ]


def test_normalised_text_ignores_case_punctuation_and_kind_of_apostrophe():
    assert normalise("Self–motivated: don’t wait!") == normalise("self motivated dont wait")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("<p>&nbsp;</p>", "empty"),
        ("\x00\x07\u200b", "empty"),
        ("🎉🎉 42 !!", "no words"),
        ("work " * 2_000, "too long"),
        ("Знание правил охраны труда", "not English"),
        ("了解工作场所的健康与安全法规", "not English"),
        ("Connaître les règles de sécurité dans l'atelier et les appliquer", "not English"),
        ("Kenntnis der Vorschriften für die Arbeit mit Maschinen", "not English"),
    ],
)
def test_what_cannot_be_matched_says_why(text, reason):
    assert reason in not_a_statement(clean(text))


@pytest.mark.parametrize("text", ["Honesty", "C++ and C#", "De-escalation of conflict in the workplace", "Café and à la carte service", "Use CAD/CAM on site"])
def test_short_technical_and_accented_english_is_a_statement(text):
    assert not_a_statement(clean(text)) is None


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=400))
def test_any_text_cleans_to_one_printable_line_with_a_hash_and_clauses(text):
    cleaned = clean(text)
    assert cleaned == cleaned.strip() and "\n" not in cleaned and "\x00" not in cleaned
    assert len(text_sha256(cleaned)) == 64
    assert 1 <= len(clauses(cleaned)) <= MOST_CLAUSES
    not_a_statement(cleaned)
