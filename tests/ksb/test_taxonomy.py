"""The taxonomy seeds: what they hold, and that a broken one is refused."""

from __future__ import annotations

import shutil

import pytest

from observatory_assets.ksb.taxonomy import KINDS, load_overrides, load_taxonomy
from resources.errors import ObservatoryError


@pytest.fixture
def own_seeds(seeds, tmp_path):
    for path in seeds.glob("ksb_*.csv"):
        shutil.copy(path, tmp_path)
    return tmp_path


def _replace(folder, name, old, new):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_survey_has_ten_areas_of_each_kind_and_one_default_each(taxonomy):
    for kind in KINDS:
        survey = [area for area in taxonomy.areas if area.kind == kind and area.in_seed_survey]
        assert len([area for area in survey if not area.is_default or kind != "behaviour"]) == 10
    assert taxonomy.defaults == {
        "knowledge": "knowledge.technical_and_vocational",
        "skill": "skill.specific_occupational_skills",
        "behaviour": "behaviour.other",
    }


def test_every_area_but_the_defaults_has_prototypes_and_cues(taxonomy):
    named = {area.ksb_id for area in taxonomy.areas if not area.is_default}
    assert {ksb_id for ksb_id, _ in taxonomy.prototypes} == named
    assert {rule.ksb_id for rule in taxonomy.rules if rule.ksb_id} == named


def test_the_version_changes_with_any_content(own_seeds, taxonomy):
    assert load_taxonomy(own_seeds).version == taxonomy.version
    _replace(own_seeds, "ksb_prototype.csv", "Tactful and considerate", "Considerate and tactful")
    assert load_taxonomy(own_seeds).version != taxonomy.version


@pytest.mark.parametrize(
    ("name", "old", "new", "rule"),
    [
        ("ksb_area.csv", "skill.sales,skill", "talent.sales,talent", "<kind>.<slug>"),
        (
            "ksb_area.csv",
            'honest,behaviour,honest,"Tells the truth, acts with integrity and earns trust.",true,false',
            "honest,behaviour,honest,x,true,true",
            "one default",
        ),
        ("ksb_prototype.csv", "skill.sales#1,skill.sales", "skill.sales#1,skill.selling", "is an area"),
        ("ksb_cue_rule.csv", "skill.sales#1,skill.sales,strong", "skill.sales#1,skill.sales,sometimes", "strength is known"),
        ("ksb_cue_rule.csv", "skill.sales#1,skill.sales,strong,", "skill.sales#1,skill.sales,strong,(", "regular expressions"),
    ],
)
def test_a_broken_seed_is_refused_naming_the_rule(own_seeds, name, old, new, rule):
    _replace(own_seeds, name, old, new)
    with pytest.raises(ObservatoryError) as caught:
        load_taxonomy(own_seeds)
    assert rule in caught.value.rule and name in str(caught.value)


def test_an_override_about_an_unknown_area_is_refused(own_seeds, taxonomy):
    with (own_seeds / "ksb_override.csv").open("a", encoding="utf-8") as file:
        file.write("ab12,skill.juggling,accept,A. Reviewer,because,2026-01-01T00:00:00Z,\n")
    with pytest.raises(ObservatoryError, match="ksb_override"):
        load_overrides(own_seeds, taxonomy)
