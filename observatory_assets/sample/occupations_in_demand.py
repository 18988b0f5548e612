"""Sample of Occupations in demand: one file with a column per indicator, with synthetic scores.

Belongs here: invented scores and a layout like the publisher's. Does not belong here: the content API's format (sample.education).
"""

from __future__ import annotations

from collections.abc import Iterator

from observatory_assets.datasets.occupations_in_demand import PUBLICATION
from observatory_assets.sample.education import file_answer, release_answers, release_version
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.world import UNIT_GROUPS, rng

_NUMBER, _UPDATED = 801, "2025-12-04T09:30:00.5000000+00:00"
_FILES = (
    ("5a000000-0000-4000-a000-000000000801", "Employment in high demand by industry"),
    ("5a000000-0000-4000-a000-000000000802", "Scaled and weighted occupation demand"),
)
_INDICATORS = ("visa_grant_density", "online_job_advert_density", "annual_wage_growth", "annual_hours_growth", "annual_employment_growth")
_HEADER = "time_period,time_identifier,geographic_level,country_code,country_name,soc2020_code,soc2020_title,demand_category"


def entries(phase: int) -> Iterator[Entry]:
    """The publication, its release and the one file that is asked for; everything is there from phase 1."""
    if phase != 1:
        return
    data_sets = [{"fileId": file, "title": title} for file, title in _FILES]
    next_release = {"year": 2026, "month": 12}
    yield from release_answers(PUBLICATION, _NUMBER, slug="2025", updated=_UPDATED, next_release=next_release, data_sets=data_sets)
    yield file_answer(release_version(_NUMBER), _FILES[1][0], _lines())


def _lines() -> Iterator[str]:
    yield f"{_HEADER},{','.join(_INDICATORS)},weighted_demand_score"
    for soc, (title, _) in UNIT_GROUPS.items():
        draw = rng("occupations in demand", soc)
        scores = [draw.gauss(0.0, 1.0) for _ in _INDICATORS]
        index = sum(scores) / len(scores)
        category = "Critical" if index > 0.7 else "Elevated" if index > 0 else "Not in high demand"
        cells = ["x" if draw.random() < 0.08 else "c" if draw.random() < 0.03 else f"{score:.3f}" for score in scores]
        yield f'2025,Calendar year,National,K02000001,United Kingdom,{soc},"{title}",{category},{",".join(cells)},{index:.4f}'
