"""Sample of DfE's Further education and skills: learners by place and aims by subject, with synthetic counts.

Belongs here: invented learners and the two files' columns. Does not belong here: the content API's format (sample.education).
Phase 1 is half of the year 2025/26, phase 2 all of it. Skills plan areas are published for the last two years only.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from observatory_assets.datasets.further_education import PUBLICATION
from observatory_assets.sample.education import csv_place, file_answer, release_answers, release_version, rounded, sized_places
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.world import STANDARDS, rng

_YEARS = ("202324", "202425", "202526")
_UPDATED = {1: "2026-03-26T09:30:11.2233445+00:00", 2: "2026-11-19T09:30:05.5544332+00:00"}
_NEXT = {1: {"year": 2026, "month": 11, "day": 19}, 2: {"year": 2027, "month": 1, "day": 28}}
_FILES = {"geography": "5a000000-0000-4000-a000-000000000601", "aims": "5a000000-0000-4000-a000-000000000602"}

_PLACE = (
    "country_code",
    "country_name",
    "region_code",
    "region_name",
    "new_la_code",
    "old_la_code",
    "la_name",
    "lad_code",
    "lad_name",
    "pcon_code",
    "pcon_name",
)
_PLACE += ("english_devolved_area_code", "english_devolved_area_name", "local_enterprise_partnership_code", "local_enterprise_partnership_name")
_PLACE += ("lsip_code", "lsip_name")
_GEOGRAPHY = "provision_type,regulated_status,level_or_type,age_summary,starts,participation,learner_achievements,population_estimate,"
_GEOGRAPHY += "starts_rate_per_100000_population,participation_rate_per_100000_population,learner_achievements_rate_per_100000_population"
_ALL = "Further education and skills"
_PROVISIONS = {"Apprenticeships": 0.34, "Education and training": 0.52, "Tailored learning": 0.22}
_LEVELS = {
    **{"Entry level": 0.12, "Level 1": 0.22, "Level 2": 0.36, "Level 3": 0.28, "Level 4+": 0.003},
    **{"Full level 2": 0.18, "Full level 3": 0.21, "No level assigned": 0.09},
}
_AGES = {"Under 19": (0.11, 0.03), "19-24": (0.33, 0.12), "25+": (0.56, 0.85)}
"""Age group -> shares of learners and of people."""
_LEARNERS, _PEOPLE = 6200.0, 61_000
_AIM_PLACE = ("country_code", "country_name", "region_code", "region_name", "lad_code", "lad_name", "english_devolved_area_code", "english_devolved_area_name")
_AIM_LEVELS = {"Entry Level": 0.2, "1": 0.25, "2": 0.3, "3": 0.2, "4+": 0.05}
_SUBJECTS = tuple(sorted({standard.ssa for standard in STANDARDS} | {"Preparation for Life and Work", "Arts, Media and Publishing"}))


def entries(phase: int) -> Iterator[Entry]:
    """The publication, its release and the two files as they stand in a phase; nothing in phase 3."""
    if phase not in _UPDATED:
        return
    geography = {
        "fileId": _FILES["geography"],
        "title": "Geography Region, LA, LAD, PCON - Participation, Achievement (volumes and indicative rates per 100,000 population)",
        "meta": {
            "geographicLevels": ["Local authority district", "Local skills improvement plan area", "National", "Regional"],
            "filters": ["Age group", "Level or type", "Provision type"],
            "indicators": ["Participation"],
        },
    }
    aims = {
        "fileId": _FILES["aims"],
        "title": "Geography LAD and EDA - Aim achievements, Enrolments by Level, Sex, Ethnicity, SSA",
        "meta": {
            "geographicLevels": ["English devolved area", "Local authority district", "National"],
            "filters": ["Ethnicity major", "Notional NVQ level", "Sector subject area (tier 1)", "Sex"],
            "indicators": ["Achievements", "Enrolments"],
        },
    }
    number = 600 + phase
    yield from release_answers(PUBLICATION, number, slug="2025-26", updated=_UPDATED[phase], next_release=_NEXT[phase], data_sets=[geography, aims])
    yield file_answer(release_version(number), _FILES["geography"], _geography(phase))
    yield file_answer(release_version(number), _FILES["aims"], _aims(phase))


def _share(phase: int, year: str) -> float:
    return 0.55 if phase == 1 and year == _YEARS[-1] else 1.0


def _geography(phase: int) -> Iterator[str]:
    yield f"time_period,time_identifier,geographic_level,{','.join(_PLACE)},{_GEOGRAPHY}"
    for year in reversed(_YEARS):
        for level, code, name, size in sized_places():
            if level == "LSIP" and year == _YEARS[0]:
                continue
            place = f"{year},Academic year,{','.join(csv_place(level, code, name, _PLACE))}"
            learners = _LEARNERS * size * _share(phase, year) * rng("further education", code, year).uniform(0.9, 1.1)
            yield _learners(place, _ALL, f"{_ALL}: Total", "Total", learners, size)
            yield _learners(place, _ALL, f"{_ALL}: Total", "Total", 0.6 * learners, size, regulated="Regulated")
            for age, (share, of_people) in _AGES.items():
                yield _learners(place, _ALL, f"{_ALL}: Total", age, share * learners, size * of_people)
            for provision, share in _PROVISIONS.items():
                yield _learners(place, provision, f"{provision}: Total", "Total", share * learners, size)
            for stage, share in _LEVELS.items():
                yield _learners(place, _ALL, f"{_ALL}: {stage}", "Total", share * learners, size)


def _learners(place: str, provision: str, level: str, age: str, learners: float, size: float, *, regulated: str = "Total") -> str:
    people = round(_PEOPLE * size)
    counts = [learners, 0.55 * learners]
    rates = ["low" if 0.5 <= count < 5 else str(round(100_000 * count / people)) for count in counts]
    return f"{place},{provision},{regulated},{level},{age},z,{','.join(map(rounded, counts))},{people},z,{','.join(rates)}"


def _aims(phase: int) -> Iterator[str]:
    yield f"time_period,time_identifier,geographic_level,{','.join(_AIM_PLACE)},notional_nvq_level,sex,ethnicity_major,ssa_tier_1,enrolments,aim_achievements"
    # DfE's file has one year; the year before is there so that the sample has a full one from the first release on.
    for year, (level, code, name, size) in product(reversed(_YEARS[-2:]), sized_places()):
        if level in ("LSIP", "REG"):
            continue
        place = f"{year},Academic year,{','.join(csv_place(level, code, name, _AIM_PLACE))}"
        subjects = {
            subject: 900 * size * _share(phase, year) * rng("aims", subject).uniform(0.01, 1.5) * rng("aims", subject, code).uniform(0.6, 1.4)
            for subject in _SUBJECTS
        }
        total = sum(subjects.values())
        for stage, subject, aims in (
            ("Total", "Total", total),
            *(("Total", subject, aims) for subject, aims in subjects.items()),
            *((stage, "Total", share * total) for stage, share in _AIM_LEVELS.items()),
        ):
            if aims >= 0.5:
                yield f'{place},{stage},Total,Total,"{subject}",{rounded(aims)},{rounded(0.8 * aims)}'
        yield f"{place},Total,Female,Total,Total,{rounded(0.6 * total)},{rounded(0.5 * total)}"
