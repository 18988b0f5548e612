"""The matcher's golden behaviours: order of precedence, thresholds, kinds, determinism, the cache, and survival of any input."""

from __future__ import annotations

import random
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observatory_assets.ksb import matcher
from observatory_assets.ksb.matcher import COLUMNS, match_statements
from observatory_assets.ksb.taxonomy import Override
from observatory_assets.ksb.text import clean, text_sha256
from resources.errors import ObservatoryError

MIXED = (
    ("knowledge", "Understand current Health & Safety legislation in the workplace"),
    ("knowledge", "How budgets, costs and cash flow decide whether a depot makes a profit"),
    ("knowledge", "The anatomy of the hoof and the stages of shoeing a horse"),
    ("skill", "Manage own workload and meet deadlines; write clear reports for the client"),
    ("skill", "Fettle and polish sand castings"),
    ("behaviour", "Be calm under pressure, reliable and honest"),
    ("behaviour", "Wears the house colours on match days"),
    (None, "liaises with suppliers and negotiates prices"),
    (None, "Join our award-winning company and enjoy a competitive salary"),
    (None, ""),
)


@pytest.fixture
def match(taxonomy, embedder, cache, statements):
    def run(*pairs, embedder=embedder, **options):
        return match_statements(statements(*pairs), taxonomy=taxonomy, embedder=embedder, cache_path=cache if embedder else None, **options)

    return run


def _first(table):
    return next(row for row in table.to_pylist() if row["rank"] == 1)


@pytest.mark.parametrize(
    ("kind", "text", "ksb_id"),
    [
        ("knowledge", "Working at height, manual handling and the use of PPE on site", "knowledge.health_and_safety"),
        ("knowledge", "Employment rights, contracts of employment and the working time rules", "knowledge.employment_rights"),
        ("knowledge", "Social media platforms and the people who use them", "knowledge.social_media"),
        ("knowledge", "How percentages and ratios are worked out", "knowledge.basic_numeracy"),
        ("knowledge", "Brand, market segments and routes to market", "knowledge.marketing_theory"),
        ("skill", "Work as part of a multi-disciplinary team", "skill.team_working"),
        ("skill", "Present findings to clients and negotiate next steps", "skill.verbal_communication"),
        ("skill", "Draft letters and contracts", "skill.written_communication"),
        ("skill", "Write and debug Python scripts", "skill.coding_and_programming"),
        ("skill", "Use a spreadsheet to keep the stock list", "skill.industry_software"),
        ("skill", "Coach new colleagues and delegate work to the team", "skill.leadership"),
        ("skill", "Plan and manage projects to budget", "skill.project_planning_and_management"),
        ("skill", "Win new business and reach sales targets", "skill.sales"),
        ("behaviour", "Courteous and approachable", "behaviour.polite"),
        ("behaviour", "Willing to learn and to take feedback", "behaviour.eager_to_learn"),
        ("behaviour", "Has the courage to challenge poor practice", "behaviour.assertive"),
        ("behaviour", "Uses own initiative", "behaviour.self_motivated"),
        ("behaviour", "Flexible when shifts change", "behaviour.adaptability"),
    ],
)
def test_a_statement_lands_in_its_area(match, kind, text, ksb_id):
    assert _first(match((kind, text)))["ksb_id"] == ksb_id


@pytest.mark.parametrize(
    ("kind", "text", "wrong"),
    [
        ("skill", "Support people with speech, language and communication difficulties", "skill.verbal_communication"),
        ("skill", "Weld to AWS D1.1 and react to defects", "skill.coding_and_programming"),
        ("behaviour", "Respects people's autonomy", "behaviour.self_motivated"),
        ("behaviour", "Protects the integrity of data", "behaviour.honest"),
        ("knowledge", "The role of a multi-disciplinary clinic", "knowledge.employment_rights"),
        ("skill", "Work under the supervision of a pharmacist", "skill.leadership"),
    ],
)
def test_a_word_in_another_sense_is_not_a_cue(match, kind, text, wrong):
    assert wrong not in match((kind, text))["ksb_id"].to_pylist()


def test_a_survey_label_itself_matches_exactly(match):
    row = _first(match(("behaviour", "Eager to learn.")))
    assert (row["ksb_id"], row["method"], row["score"], row["band"]) == ("behaviour.eager_to_learn", "exact", 1.0, "auto")


def test_an_override_wins_over_an_exact_label_and_says_who_decided(match):
    sha = text_sha256("Eager to learn")
    decision = Override(sha, "behaviour.self_motivated", "replace", "A. Reviewer", "meant so here", "2026-01-02")
    row = _first(match(("behaviour", "Eager to learn"), overrides=(decision,)))
    assert (row["ksb_id"], row["method"], row["reviewed_by"], row["reason"]) == ("behaviour.self_motivated", "override", "A. Reviewer", "meant so here")


def test_the_latest_decision_about_a_text_wins_and_leaves_other_kinds_alone(match):
    sha = text_sha256("Eager to learn")
    old, new = (Override(sha, ksb_id, "replace", "R", "", day) for ksb_id, day in (("behaviour.polite", "2026-01-01"), ("behaviour.honest", "2026-02-01")))
    rows = match(("behaviour", "Eager to learn"), ("skill", "Eager to learn"), overrides=(old, new)).to_pylist()
    assert {row["kind_given"]: row["ksb_id"] for row in rows if row["rank"] == 1} | {"skill": None} == {"behaviour": "behaviour.honest", "skill": None}
    assert all(row["method"] != "override" for row in rows if row["kind_given"] == "skill")


def test_a_rejected_area_is_barred_and_the_rest_is_left_to_the_matcher(match):
    text = "Be calm under pressure, reliable and honest"
    before = match(("behaviour", text))["ksb_id"].to_pylist()
    after = match(("behaviour", text), overrides=(Override(text_sha256(text), before[0], "reject", "R", "", "2026-01-01"),))["ksb_id"].to_pylist()
    assert before[0] not in after and set(before[1:]) <= set(after)


def test_a_reviewer_can_say_that_a_text_is_no_ksb(match):
    row = _first(match(("skill", "See overleaf"), overrides=(Override(text_sha256("See overleaf"), None, "accept", "R", "a footnote", "2026-01-01"),)))
    assert (row["ksb_id"], row["method"]) == (None, "override")


def test_several_skills_in_one_statement_are_several_ranked_links(match):
    rows = match(("skill", "Manage own workload and meet deadlines; write clear reports for the client")).to_pylist()
    assert [(row["rank"], row["ksb_id"]) for row in rows][:2] == [(1, "skill.time_management"), (2, "skill.written_communication")]


def test_the_catch_all_is_recorded_as_default_and_is_no_match(match):
    row = _first(match(("skill", "Fettle and polish sand castings")))
    assert (row["ksb_id"], row["method"]) == ("skill.specific_occupational_skills", "default")
    assert row["rule_id"] is None and row["band"] in ("abstain", "review") and row["reason"]


def test_a_survey_area_comes_before_an_extension_area(match):
    rows = match(("behaviour", "Treats everyone with respect and is reliable")).to_pylist()
    assert [row["ksb_id"] for row in rows] == ["behaviour.reliable", "behaviour.respect_and_inclusion"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("liaises with suppliers and negotiates prices", "skill"),
        ("rejects faulty components", "skill"),
        ("Ability to lift heavy loads", "skill"),
        ("Good knowledge of food hygiene", "knowledge"),
        ("The principles of lean production", "knowledge"),
        ("Honest, punctual and hard working", "behaviour"),
        ("You are friendly and self-motivated", "behaviour"),
    ],
)
def test_the_kind_is_predicted_where_none_is_given(match, text, kind):
    assert _first(match((None, text)))["kind"] == kind


def test_a_task_also_says_which_knowledge_it_draws_on(match):
    rows = match((None, "plans advertising campaigns and sets the marketing budget"), (None, "operates a lathe")).to_pylist()
    assert {"knowledge.marketing_theory", "knowledge.technical_and_vocational"} <= {row["ksb_id"] for row in rows if row["kind"] == "knowledge"}
    assert {row["method"] for row in rows if row["ksb_id"] == "knowledge.technical_and_vocational"} == {"default"}


@pytest.mark.parametrize(
    "text",
    [
        "We offer a competitive salary and annual leave",
        "Salary that is reflective of your skills and abilities",
        "Full UK driving licence",
        "Night shifts, 40 hours per week",
        "Ability to work weekends and evenings",
        "Bachelor's degree",
        "You have a degree in computer science or equivalent experience",
        "GCSE grade C or above in English and maths",
        "Registered with the HCPC",
        "Must be 18 years of age or older",
        "Join our company, headquartered in Leicester",
        "Location: Leicester",
        "The company employs over 2,000 people in 14 countries",
        "We are an equal opportunities employer",
        "Reports to the depot manager",
    ],
)
def test_advert_text_that_is_no_ksb_is_abstained_with_the_cue_that_said_so(match, text):
    row = _first(match((None, text)))
    assert (row["ksb_id"], row["method"], row["band"]) == (None, "abstain", "abstain")
    assert row["cue_span"] and row["reason"].startswith("not a KSB")


@pytest.mark.parametrize(
    ("text", "ksb_id"),
    [
        ("A degree and excellent communication skills", "skill.verbal_communication"),
        ("5+ years of experience with Java", "skill.coding_and_programming"),
        ("Pays pensions and benefits to claimants", "skill.specific_occupational_skills"),
        ("Issues driving licences to applicants", "skill.specific_occupational_skills"),
        ("Knowledge of pension schemes and salaries", "knowledge.technical_and_vocational"),
        ("Strong organisational and time management skills", "skill.time_management"),
        ("Able to work on own initiative", "behaviour.self_motivated"),
        ("Good level of numeracy", "knowledge.basic_numeracy"),
        ("Knowledge of COSHH", "knowledge.health_and_safety"),
    ],
)
def test_a_demand_beside_such_words_is_matched(match, text, ksb_id):
    assert _first(match((None, text)))["ksb_id"] == ksb_id


def test_a_statement_of_known_kind_is_never_gated(match):
    assert _first(match(("knowledge", "Pension schemes, salaries and annual leave")))["method"] != "abstain"


@pytest.mark.parametrize("text", ["", "<p> </p>", "🎉🎉🎉", "\x00\x01", "word " * 2_000, "Connaître les règles de sécurité dans l'atelier et les appliquer"])
@pytest.mark.parametrize("kind", ["skill", None])
def test_bad_input_is_abstained_with_a_reason(match, text, kind):
    row = _first(match((kind, text)))
    assert (row["ksb_id"], row["method"]) == (None, "abstain") and row["reason"]


@pytest.mark.parametrize("text", ["in " + "a" * 7_900, "lead and " * 880, "a-" * 3_900, "<!--" * 1_900, "prepare the " * 650])
def test_no_pattern_runs_away_on_a_long_text(match, text):
    started = time.process_time()
    match((None, text), embedder=None)
    assert time.process_time() - started < 5  # 0.4 s here; a pattern that backtracks takes minutes


def test_every_row_says_which_versions_made_it(match, taxonomy, embedder):
    table = match(*MIXED)
    assert tuple(table.column_names) == COLUMNS
    for row in table.to_pylist():
        assert row["taxonomy_version"] == taxonomy.version and row["model_sha256"] == embedder.model_sha256
        assert row["matcher_version"] == matcher.MATCHER_VERSION and row["threshold_version"] == matcher.THRESHOLD_VERSION


def test_without_the_model_the_lexical_path_decides_and_says_so(match):
    table = match(*MIXED, embedder=None)
    rows = table.to_pylist()
    assert {row["method"] for row in rows} <= {"exact", "rule", "lexical", "default", "abstain"}
    assert {row["model_sha256"] for row in rows} == {None} and {row["dense_score"] for row in rows} == {None}
    assert "knowledge.health_and_safety" in table["ksb_id"].to_pylist()


def test_a_kind_that_is_none_of_the_three_is_refused(match):
    with pytest.raises(ObservatoryError, match="unknown kind"):
        match(("K", "Honesty"))


def test_no_statements_give_no_rows(match):
    assert match().num_rows == 0


def test_order_of_input_and_a_second_run_change_nothing(match):
    shuffled = list(MIXED)
    random.Random(7).shuffle(shuffled)
    assert match(*MIXED).equals(match(*MIXED)) and match(*MIXED).equals(match(*shuffled))


def test_a_statement_matched_alone_gets_the_same_rows_as_in_company(match):
    together = match(*MIXED).to_pylist()
    for pair in MIXED:
        alone = match(pair).to_pylist()
        assert alone == [row for row in together if (row["text_sha256"], row["kind_given"]) == (alone[0]["text_sha256"], pair[0])]


def test_the_cache_embeds_only_what_is_new(taxonomy, embedder, statements, tmp_path, monkeypatch):
    path, asked = tmp_path / "vectors.parquet", []
    real = type(embedder).embed
    monkeypatch.setattr(type(embedder), "embed", lambda self, texts, batch=16: asked.append(list(texts)) or real(self, texts, batch))

    def run(*pairs):
        return match_statements(statements(*pairs), taxonomy=taxonomy, embedder=embedder, cache_path=path)

    cold = run(("skill", "Deal with orders from customers on time"))
    warm = run(("skill", "Deal with orders from customers on time"))
    run(("skill", "Deal with orders from customers on time"), ("skill", "Speak at meetings"), ("skill", "Fettle"))
    assert len(asked) == 2 and "Deal with orders from customers on time" in asked[0] and asked[1] == ["Speak at meetings"]  # "Fettle" has nothing to compare
    assert cold.equals(warm)
    assert len(set(pq.read_table(path)["text_sha256"].to_pylist())) == pq.read_metadata(path).num_rows
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@settings(max_examples=150, deadline=None)
@given(pairs=st.lists(st.tuples(st.sampled_from(["knowledge", "skill", "behaviour", None]), st.text(max_size=300)), max_size=4))
def test_no_text_crashes_the_matcher_and_every_statement_gets_a_first_link(taxonomy, pairs):
    texts = [clean(text) for _, text in pairs]
    columns = {"text_sha256": list(map(text_sha256, texts)), "kind": [kind for kind, _ in pairs], "text": [text for _, text in pairs]}
    rows = match_statements(pa.table(columns, schema=pa.schema([(n, pa.string()) for n in columns])), taxonomy=taxonomy, embedder=None).to_pylist()
    assert {(row["text_sha256"], row["kind_given"]) for row in rows if row["rank"] == 1} == {
        (sha, kind) for sha, (kind, _) in zip(columns["text_sha256"], pairs, strict=True)
    }
