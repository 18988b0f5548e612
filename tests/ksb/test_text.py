"""Cleaning, clauses and the test of what is no statement."""

from __future__ import annotations

import csv
import json
import re

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observatory_assets.ksb.text import MOST_CLAUSES, clauses, clean, normalise, not_a_statement, slug, text_sha256
from resources.settings import PROJECT_ROOT

KEYS = ("knowledges", "skills", "behaviours")


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
        ("Travailler en équipe", "not English"),
        ("Rédiger des rapports techniques", "not English"),
        ("Teamfähigkeit und Zuverlässigkeit", "not English"),
        ("Schweißen von Stahlrohren", "not English"),
        ("Znajomość przepisów bezpieczeństwa i higieny pracy", "not English"),
        ("Praca w zespole", "not English"),
        ("Conocimiento de las normas de seguridad", "not English"),
        ("Conoscenza delle norme di sicurezza", "not English"),
        ("Conhecimento das normas de segurança", "not English"),
        ("Kennis van veiligheidsvoorschriften", "not English"),
        ("Gwybodaeth am iechyd a diogelwch yn y gweithle", "not English"),
        ("Cunoașterea normelor de securitate în muncă", "not English"),
        ("معرفة قواعد السلامة في العمل", "not English"),
        ("安全規則の知識", "not English"),
        ("Γνώση κανόνων ασφαλείας", "not English"),
        ("\ud800", "empty"),
        ("\ufeff", "empty"),
        ("x" * 10_000, "too long"),
    ],
)
def test_what_cannot_be_matched_says_why(text, reason):
    assert reason in not_a_statement(clean(text))


@pytest.mark.parametrize(
    "text",
    [
        "Honesty", "C++ and C#", "De-escalation of conflict in the workplace", "Café and à la carte service", "Use CAD/CAM on site", "À la carte service",
        "Prepare canapés", "Repair Citroën vehicles", "Van driving", "AC repair", "EU GDPR and DEI", "DOS attacks", "MIT licence", "von Mises stress analysis",
        "Convert Fahrenheit", "Pour concrete", "Operate heart-lung machines", "E-commerce", "Curriculum vitae", "Lung function testing", "Teach Māori",
        "Use a Geiger-Müller counter", "Fluent German",
    ],
)  # fmt: skip
def test_short_technical_and_accented_english_is_a_statement(text):
    assert not_a_statement(clean(text)) is None


def test_no_real_english_statement_is_refused(recorded):
    """3,549 KSBs, 21,084 tasks, 84 labelled texts and the sentences of the skill-linking benchmarks."""
    standards = json.loads((recorded / "skills_england" / "ifate_api_2020" / "standards_with_ksbs_65.json").read_text())
    texts = [row["detail"] for standard in standards for key in KEYS for row in standard.get(key) or ()]
    assert len(texts) == 3_549
    for name, column in (
        ("uk_ssc/sugs_to_tasks.csv", "task"),
        ("uk_ssc/uk_ssc_occupational_skills_v0.9.csv", "occupational_skill_L4"),
        ("ksb/dev_labelled_84.csv", "text"),
        ("ksb/house_validation_annotations.csv", "sentence"),
        ("ksb/tech_validation_annotations.csv", "sentence"),
        ("ksb/skillskape_dev.csv", "sentence"),
    ):
        with (recorded / name).open(encoding="utf-8-sig") as file:
            texts += {row[column] for row in csv.DictReader(file)}
    assert len(texts) > 29_000
    assert {text: why for text in texts if (why := not_a_statement(clean(text)))} == {}


# Slugs


def _dbt_slug(labels):
    """What the macro makes of labels, its body taken from the file."""
    import duckdb

    body = re.search(r"macro slug\(column\) -%}(.*?){%- endmacro", (PROJECT_ROOT / "dbt_project/macros/slug.sql").read_text(), re.S)[1]
    expression = body.replace("{{ column }}", "label").strip()
    with duckdb.connect() as connection:
        connection.register("labels", pa.table({"label": pa.array(labels, pa.string()), "row": list(range(len(labels)))}))
        return [slugged for (slugged,) in connection.execute(f"select {expression} from labels order by row").fetchall()]


def test_a_slug_is_letters_digits_and_single_underscores():
    assert slug("Analyse samples using NMR (Nuclear Magnetic Resonance) spectroscopy") == "analyse_samples_using_nmr_nuclear_magnetic_resonance_spectroscopy"
    assert [slug("Program in C++"), slug("Program in C#"), slug(" – "), slug("Café & bar")] == ["program_in_c_plus_plus", "program_in_c_sharp", "", "caf_bar"]


def test_python_and_dbt_make_the_same_slugs_of_all_real_labels(recorded):
    with (recorded / "uk_ssc" / "uk_ssc_occupational_skills_v0.9.csv").open(encoding="utf-8-sig") as file:
        labels = sorted({row[column] for row in csv.DictReader(file) for column in ("occupational_skill_L4", "skill_group_L3")})
    labels += (recorded / "ksb" / "esco_v1.1.0_skills_en_label.txt").read_text().splitlines()
    assert len(labels) > 17_000
    assert _dbt_slug(labels) == list(map(slug, labels))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40), min_size=1, max_size=20))
def test_python_and_dbt_make_the_same_slug_of_any_text(labels):
    assert _dbt_slug(labels) == list(map(slug, labels))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=400))
def test_any_text_cleans_to_one_printable_line_with_a_hash_and_clauses(text):
    cleaned = clean(text)
    assert cleaned == cleaned.strip() and "\n" not in cleaned and "\x00" not in cleaned
    assert len(text_sha256(cleaned)) == 64
    assert 1 <= len(clauses(cleaned)) <= MOST_CLAUSES
    not_a_statement(cleaned)
