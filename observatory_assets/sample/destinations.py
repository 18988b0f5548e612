"""Sample of DfE's destination measures after key stage 4 and after 16-18 study, as the public data API answers.

Belongs here: invented cohorts and destinations. Does not belong here: the question (the dataset's own) or the API's format.
Phase 2 brings a year more; the newest year is provisional until then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from observatory_assets.datasets import destinations, ks4_destinations, ks5_destinations
from observatory_assets.publishers import education_api as api
from observatory_assets.publishers import explore_education as ees
from observatory_assets.sample.education import api_answers, areas, description, release_answers, results, sized_places
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.world import rng

_YEARS = {1: ("202021", "202122", "202223"), 2: ("202021", "202122", "202223", "202324")}
_PUBLISHED = {1: ("1.0", "2026-02-26T09:30:00.1234567+00:00"), 2: ("1.1", "2026-10-22T09:30:00.7654321+00:00")}
_NEXT = {1: {"year": 2026, "month": 10, "day": 22}, 2: {"year": 2027, "month": 2}}
_STUDIES = {
    # study: (number of its ids, title, institution groups, cohort of a place of size 1, share of each destination)
    ks4_destinations.STUDY: (
        400,
        "Key stage 4 leavers destinations",
        ("State-funded mainstream schools", "Alternative provision"),
        2100.0,
        {"education": 0.86, "apprenticeship": 0.04, "employment": 0.04, "not_sustained": 0.05, "not_captured": 0.01},
    ),
    ks5_destinations.STUDY: (
        500,
        "16-18 study leavers destinations",
        ("State-funded mainstream schools & colleges", "All schools"),
        1500.0,
        {"education": 0.47, "apprenticeship": 0.08, "employment": 0.25, "not_sustained": 0.14, "not_captured": 0.06},
    ),
}
_LABELS = {
    "overall": "Sustained education, employment & apprenticeships",
    "education": "Sustained education destination",
    "apprenticeship": "Sustained apprenticeships",
    "employment": "Sustained employment destination",
    "not_sustained": "Not recorded as a sustained destination",
    "not_captured": "Activity not captured",
}
_LEVELS = {"Total": 1.0, "Level 3": 0.68, "Level 2": 0.15, "All other qualifications": 0.17}
_SEXES, _DISADVANTAGE = {"Female": 0.49, "Male": 0.51}, {"Disadvantaged": 0.24, "Not disadvantaged": 0.76}
_LEVEL_LABELS = {"LAD": "Local authority district", "NAT": "National", "REG": "Regional"}


def entries(phase: int) -> Iterator[Entry]:
    """Both publications as they stand in a phase; nothing in phase 3."""
    if phase not in _PUBLISHED:
        return
    version, published = _PUBLISHED[phase]
    asked = {level: codes for level, codes in ees.asked_areas(areas()).items() if level in _LEVEL_LABELS}
    for study, (number, title, groups, _, _) in _STUDIES.items():
        yield from release_answers(study.publication, number + phase, slug="2023-24", updated=published, next_release=_NEXT[phase])
        meta = description(_filters(study, groups), ("institution_count", "cohort_count", "pupil_count", "pupil_percent"), _LEVEL_LABELS, _YEARS[phase])
        data_set = api.DataSet(f"5a000000-0000-7000-9000-{number:012}", title, version, published)
        question = destinations.build_question(study, api.Meta.read(meta), asked)
        yield from api_answers(study.publication, data_set, meta, question, results(meta, _rows(study, phase)))


def _filters(study: destinations.Study, groups: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    levels = {"cohort_level_group": tuple(_LEVELS), "cohort_level": ("Total", "A level")} if study.with_levels else {}
    return {
        "establishment_type_group": groups,
        "establishment_type": ("Total", "Converter academy"),
        **levels,
        "sex": ("Total", *_SEXES),
        "ethnicity_major": ("Total", "White"),
        "ethnicity_minor": ("Total", "White British"),
        "disadvantage_status": ("Total", *_DISADVANTAGE),
        "breakdown_topic": ("Total", "FSM status"),
        "breakdown": ("Total", "FSM eligible"),
        "version": ("Revised", "Provisional"),
        "destination_description": tuple(_LABELS.values()),
    }


def _rows(study: destinations.Study, phase: int) -> Iterator[tuple[str, str, str, dict[str, str], dict[str, str]]]:
    _, _, groups, cohort, shares = _STUDIES[study]
    for period in reversed(_YEARS[phase]):
        for level, area, _, size in sized_places():
            if level not in _LEVEL_LABELS:
                continue
            pupils = int(cohort * size * rng("destinations", study.publication, area, period).uniform(0.9, 1.1))
            labels = {
                "establishment_type_group": groups[0],
                "version": "Provisional" if period == _YEARS[phase][-1] else "Revised",
                **{column: "Total" for column in _filters(study, groups) if column not in ("establishment_type_group", "version", "destination_description")},
            }
            for group, share in _LEVELS.items() if study.with_levels else (("", 1.0),):
                counts = _counts(study, area, period, group, int(pupils * share), shares)
                for destination, count in counts.items() if group in ("", "Total") else [("overall", counts["overall"])]:
                    chosen = labels | {"destination_description": _LABELS[destination]} | ({"cohort_level_group": group} if group else {})
                    yield level, area, period, chosen, _values(int(pupils * share), count)
            for column, split in (("sex", _SEXES), ("disadvantage_status", _DISADVANTAGE)):
                for characteristic, share in split.items():
                    count = _counts(study, area, period, characteristic, int(pupils * share), shares)["overall"]
                    chosen = labels | {"destination_description": _LABELS["overall"], column: characteristic}
                    yield level, area, period, chosen, _values(int(pupils * share), count)


def _counts(study: destinations.Study, area: str, period: str, group: str, cohort: int, shares: Mapping[str, float]) -> dict[str, int]:
    worse = {"Disadvantaged": 1.6, "Level 2": 1.4, "All other qualifications": 1.7}.get(group, 1.0)
    draw = rng("destinations", study.publication, area, period, group)
    lost = {name: int(cohort * shares[name] * worse * draw.uniform(0.8, 1.2)) for name in ("not_sustained", "not_captured")}
    overall = cohort - sum(lost.values())
    sustained = sum(shares[name] for name in ("education", "apprenticeship", "employment"))
    parts = {name: int(overall * shares[name] / sustained) for name in ("apprenticeship", "employment")}
    return {"overall": overall, "education": overall - sum(parts.values()), **parts, **lost}


def _values(cohort: int, count: int) -> dict[str, str]:
    """Counts under 20 are suppressed, and with them their percentage, so that a sum of districts meets some."""
    shown = ("c", "c") if 0 < count < 20 else (str(count), f"{100 * count / cohort:.1f}" if cohort else "z")
    return {"cohort_count": str(cohort), "pupil_count": shown[0], "pupil_percent": shown[1]}
