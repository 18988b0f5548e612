"""Sample of DfE's Level 2 and 3 attainment: the files by district and by local authority, with synthetic cohorts.

Belongs here: invented young people and the two files' columns. Does not belong here: the content API's format (sample.education).
Phase 2 brings the next year's cohort.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from observatory_assets.datasets.attainment_16_to_25 import PUBLICATION
from observatory_assets.sample.education import csv_place, file_answer, release_answers, release_version, sized_places
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.world import rng

_UPDATED = {1: "2026-04-30T09:30:00.1000000+00:00", 2: "2026-11-12T09:30:00.2000000+00:00"}
_COHORTS = {1: (2020, 2021, 2022), 2: (2020, 2021, 2022, 2023)}
"""First year of the academic year in which each cohort turns 19."""
_FILES = {
    "district": ("5a000000-0000-4000-a000-000000000701", "Attainment by local authority district data - ages 16 to 19"),
    "authority": ("5a000000-0000-4000-a000-000000000702", "Attainment by local authority data - ages 16 to 19"),
    "other": ("5a000000-0000-4000-a000-000000000703", "Attainment ages 16 to 19"),
}
_RATES = {(16, "Level 2"): 0.68, (19, "Level 2"): 0.83, (16, "Level 3"): 0.004, (19, "Level 3"): 0.58}
_FSM = "FSM (Free School Meal) status"
_GROUPS = {("Total", "Total"): (1.0, 1.0), (_FSM, "FSM eligible"): (0.2, 0.72), (_FSM, "FSM not eligible"): (0.8, 1.07)}
_COHORT = 2100.0
_PLACE = {
    "district": ("country_code", "country_name", "region_code", "region_name", "old_la_code", "new_la_code", "la_name", "lad_code", "lad_name"),
    "authority": ("country_code", "country_name", "region_code", "region_name", "new_la_code", "old_la_code", "la_name"),
}
_FILTERS = "age,cohort_age_in,qualification_level,subject,qualification_type,breakdown_topic,breakdown,number_in_ss_cohort,number,percentage"


def entries(phase: int) -> Iterator[Entry]:
    """The publication, its release and the two files as they stand in a phase; nothing in phase 3."""
    if phase not in _UPDATED:
        return
    number = 700 + phase
    data_sets = [{"fileId": file, "title": title} for file, title in _FILES.values()]
    yield from release_answers(PUBLICATION, number, slug="2024-25", updated=_UPDATED[phase], next_release={"year": 2027, "month": 4}, data_sets=data_sets)
    for series in _PLACE:
        yield file_answer(release_version(number), _FILES[series][0], _lines(series, phase))


def _lines(series: str, phase: int) -> Iterator[str]:
    yield f"time_period,time_identifier,geographic_level,{','.join(_PLACE[series])},{_FILTERS}"
    for first in _COHORTS[phase]:
        for level, code, name, size in sized_places():
            if level == "LSIP" or (series == "authority" and level == "LAD" and not code.startswith("E06")):
                continue
            cells = csv_place(level, code, name, _PLACE[series])
            if series == "authority" and level == "LAD":
                held: Mapping[str, str] = {"new_la_code": code, "la_name": name}
                cells = ["Local authority", *(held.get(column, cell) for column, cell in zip(_PLACE[series], cells[1:], strict=True))]
            place = f"{_academic(first)},Academic year,{','.join(cells)}"
            for (age, qualification), rate in _RATES.items():
                for (topic, group), (share, factor) in _GROUPS.items():
                    if series == "authority" and group != "Total":
                        continue
                    cohort = int(_COHORT * size * share)
                    reached = int(cohort * rate * factor * rng("attainment", code, first, age, qualification).uniform(0.92, 1.06))
                    what = f"by age {age},{_academic(first - 19 + age)},{qualification},Total,Total {qualification},{topic},{group}"
                    yield f"{place},{what},{_counts(series, cohort, reached)}"
            yield f"{place},by age 19,{_academic(first)},Level 2,English,GCSE,Total,Total,{_counts(series, 100, 60)}"


def _counts(series: str, cohort: int, reached: int) -> str:
    percentage = f"{100 * reached / cohort:.3f}" if cohort else "z"
    if 0 < reached < 5:
        return f"{cohort},c,c"
    shown = [f"{round(count, -1)}" if series == "authority" else f"{count}" for count in (cohort, reached)]
    return f"{','.join(shown)},{percentage}"


def _academic(first: int) -> str:
    return f"{first}{(first + 1) % 100:02}"
