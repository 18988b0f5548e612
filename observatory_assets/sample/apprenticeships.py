"""Sample of DfE's Apprenticeships publication: the content API's answers and its three files, with synthetic counts.

Belongs here: invented achievements and the wire format of the service. Does not belong here: the standards' texts.
The story: in phase 1 the latest release is half a year of 2025/26, so achievements by standard still come from the
2024/25 release; in phase 2 the year is complete and brings its own; phase 3 revises 2024/25.
"""

from __future__ import annotations

import functools
import io
import itertools
import json
import zipfile
from collections.abc import Iterator
from urllib.parse import urlsplit

from observatory_assets.datasets.apprenticeships import PUBLICATION
from observatory_assets.publishers import explore_education as ees
from observatory_assets.sample.education import csv_place, districts, file_answer, rounded, sized_places
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.world import STANDARDS, Standard, rng

_YEARS = ("202122", "202223", "202324", "202425", "202526")
_UPDATED = {1: "2026-03-26T09:30:13.7836669+00:00", 2: "2026-11-19T09:30:04.1180034+00:00", 3: "2026-11-23T09:30:09.4410021+00:00"}
_NEXT = {1: {"year": 2026, "month": 11, "day": 19}, 2: {"year": 2027, "month": 1, "day": 28}, 3: {"year": 2027, "month": 1, "day": 28}}
_PREVIOUS = "5a000000-0000-4000-8000-000000002425"
_RELEASE, _PUBLICATION_ID = "5a000000-0000-4000-9000-000000002526", "5a000000-0000-4000-9000-00000000000a"
_DISTRICT_FILE, _STANDARD_FILE, _RATES_FILE, _SUBJECT_FILE = (f"5a000000-0000-4000-a000-{number:012}" for number in (1, 2, 3, 4))

AGES = {"Under 19": 0.28, "19-24": 0.32, "25+": 0.40}
_SEXES = {"Female": 0.48, "Male": 0.52}
_APPS_LEVELS = ("Intermediate Apprenticeship", "Advanced Apprenticeship", "Higher Apprenticeship")
_WHOLE = {"E12000004": 9.5, "E92000001": 110.0}  # region and England against the size of all sample districts
_REVISION = 0.93  # phase 3: 2024/25 counts fall by 7%


def entries(phase: int) -> Iterator[Entry]:
    """The publication, its releases' contents and their files, as they stand in a phase."""
    version = _version(phase)
    yield _entry(ees.publication_url(PUBLICATION), _publication(phase))
    yield _entry(ees.version_summary_url(PUBLICATION, "2025-26"), _summary(version, "2025-26", _UPDATED[phase], "2026-01-29T09:30:00+00:00"))
    yield _entry(ees.data_content_url(PUBLICATION, "2025-26"), _content(version, phase > 1, "2025/26"))
    yield Entry(ees.HOST, urlsplit(ees.file_url(version, _DISTRICT_FILE)).path, _by_district(phase).encode("utf-8-sig"), headers={"Content-Type": "text/csv"})
    yield file_answer(version, _SUBJECT_FILE, _by_subject(phase))
    if phase > 1:
        yield _zip_entry(version, "202526")
    if phase == 1:
        yield _entry(ees.releases_url(PUBLICATION), _releases())
        yield _entry(
            ees.version_summary_url(PUBLICATION, "2024-25"), _summary(_PREVIOUS, "2024-25", "2025-11-27T09:30:02.5014417+00:00", "2025-01-30T09:30:00+00:00")
        )
        yield _entry(ees.data_content_url(PUBLICATION, "2024-25"), _content(_PREVIOUS, True, "2024/25"))
        yield _zip_entry(_PREVIOUS, "202425")


def _version(phase: int) -> str:
    return f"5a000000-0000-4000-8000-00000202526{phase}"


def _publication(phase: int) -> dict[str, object]:
    return {
        "id": _PUBLICATION_ID,
        "slug": PUBLICATION,
        "title": "Apprenticeships",
        "summary": "Synthetic sample.",
        "latestRelease": {"id": _RELEASE, "slug": "2025-26", "title": "Academic year 2025/26"},
        "nextReleaseDate": _NEXT[phase],
    }


def _summary(version: str, slug: str, updated: str, published: str) -> dict[str, object]:
    return {
        "id": version,
        "releaseId": _RELEASE,
        "isLatestRelease": slug == "2025-26",
        "lastUpdated": updated,
        "published": published,
        "slug": slug,
        "title": f"Academic year 20{slug[2:4]}/{slug[5:]}",
        "coverageTitle": "Academic year",
        "type": "AccreditedOfficialStatistics",
        "updateCount": 1,
    }


def _releases() -> list[dict[str, object]]:
    return [
        {
            "id": f"5a000000-0000-4000-b000-{slug[:4]}{slug[5:]:>08}",
            "slug": slug,
            "title": f"Academic year {slug}",
            "published": published,
            "latestRelease": slug == "2025-26",
        }
        for slug, published in (("2025-26", "2026-01-29T09:30:00Z"), ("2024-25", "2025-01-30T09:30:00Z"))
    ]


def _content(version: str, with_standards: bool, year: str) -> dict[str, object]:
    meta = {
        "filters": ["Age group", "Apprenticeship level", "Sex"],
        "geographicLevels": ["Local authority district", "National", "Parliamentary constituency", "Regional"],
        "indicators": ["Achievements", "Participation", "Starts"],
        "numDataFileRows": 0,
        "timePeriodRange": {"start": "2021/22", "end": year},
    }
    supporting = [
        {
            "fileId": _RATES_FILE,
            "extension": "zip",
            "filename": "apprenticeship-achievement-rates.zip",
            "title": "Achievement rates, underlying data",
            "size": "1 Mb",
        }
    ]
    if with_standards:
        supporting.append(
            {
                "fileId": _STANDARD_FILE,
                "extension": "zip",
                "filename": "app-underlying-data-achievements.zip",
                "title": "Underlying data: achievements by standard and home district",
                "size": "1 Mb",
            }
        )
    return {
        "releaseId": _RELEASE,
        "releaseVersionId": version,
        "dataSets": [
            {
                "dataSetFileId": _RATES_FILE,
                "fileId": _RATES_FILE,
                "meta": meta | {"geographicLevels": ["Provider"]},
                "title": "Achievement Rates Providers",
                "isApiEnabled": False,
            },
            {
                "dataSetFileId": _DISTRICT_FILE,
                "fileId": _DISTRICT_FILE,
                "meta": meta,
                "title": "Geography LAD and PCON - Starts, Participation, Achievements by Age, Sex, Level",
                "isApiEnabled": False,
            },
            {
                "dataSetFileId": _SUBJECT_FILE,
                "fileId": _SUBJECT_FILE,
                "meta": meta
                | {
                    "filters": ["Apprenticeship level", "Ethnicity major", "Sector subject area (tier 1)", "Sex"],
                    "geographicLevels": ["Local authority district", "National", "Regional"],
                    "indicators": ["Achievements", "Starts"],
                },
                "title": "Geography Region and LAD - Starts, Achievements by Sex, Level, Ethnicity, SSA",
                "isApiEnabled": False,
            },
        ],
        "featuredTables": [],
        "supportingFiles": supporting,
    }


def _districts() -> dict[str, tuple[str, float]]:
    """Every district of the seeds with its name and size, and the publisher's `z` for elsewhere."""
    return {**districts(), "z": ("Outside of England and unknown", 0.05)}


@functools.cache
def _achieved(district: str, size: float, standard: Standard, year: str) -> float:
    """Unrounded achievements of a standard by a district's learners in a full year."""
    trend = 1.0 + rng("apprenticeships", "trend", standard.reference).uniform(-0.06, 0.08) * _YEARS.index(year)
    return 45.0 * size * standard.weight * trend * rng("apprenticeships", district, standard.reference).uniform(0.6, 1.5)


def _by_district(phase: int) -> str:
    header = "time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,lad_code,lad_name,pcon_code,pcon_name"
    lines = [f"{header},age_summary,apps_level,sex,starts,achievements,participation"]
    england, region = "E92000001,England", "E12000004,East Midlands"
    districts = _districts()
    for year in reversed(_YEARS):
        factor = (0.45 if phase == 1 and year == "202526" else 1.0) * (_REVISION if phase == 3 and year == "202425" else 1.0)
        levels = {
            code: {
                level: factor * sum(_achieved(code, size, standard, year) for standard in STANDARDS if standard.apps_level == level) for level in _APPS_LEVELS
            }
            for code, (_, size) in districts.items()
        }
        everyone = {level: sum(by_level[level] for by_level in levels.values()) for level in _APPS_LEVELS}
        for code, (name, _) in districts.items():
            lines += _rows(f'{year},Academic year,Local authority district,{england},{region},{code},{name},"",""', levels[code])
        lines += _rows(f'{year},Academic year,Parliamentary constituency,{england},{region},"","",E14000000,Sample constituency', levels["E06000016"])
        for code, place in (("E12000004", f'Regional,{england},{region},"","","",""'), ("E92000001", f'National,{england},"","","","","",""')):
            lines += _rows(f"{year},Academic year,{place}", {level: _WHOLE[code] / 9.5 * value for level, value in everyone.items()})
    return "\n".join(lines) + "\n"


def _by_subject(phase: int) -> Iterator[str]:
    place_columns = ("country_code", "country_name", "region_code", "region_name", "lad_code", "lad_name")
    yield f"time_period,time_identifier,geographic_level,{','.join(place_columns)},apps_level,sex,ethnicity_major,ssa_tier_1,starts,achievements"
    # DfE's file has one year; the year before is there so that the sample has a full one from the first release on.
    for year, (level, code, name, size) in itertools.product(reversed(_YEARS[-2:]), sized_places()):
        if level == "LSIP":
            continue
        factor = 0.45 if phase == 1 and year == _YEARS[-1] else 1.0
        place = f"{year},Academic year,{','.join(csv_place(level, code, name, place_columns))}"
        counted = {standard: factor * _achieved(code, size, standard, year) for standard in STANDARDS}
        groups = {("Total", "Total"): sum(counted.values())}
        for standard, achieved in counted.items():
            for group in ((standard.apps_level, "Total"), ("Total", standard.ssa)):
                groups[group] = groups.get(group, 0.0) + achieved
        for (apps_level, subject), achieved in groups.items():
            yield f'{place},{apps_level},Total,Total,"{subject}",{rounded(1.8 * achieved)},{rounded(achieved)}'
        yield f"{place},Total,Female,Total,Total,{rounded(0.9 * groups['Total', 'Total'])},{rounded(0.5 * groups['Total', 'Total'])}"


def _rows(place: str, by_level: dict[str, float]) -> list[str]:
    lines = []
    for age in ("Total", *AGES):
        for level in ("Total", *_APPS_LEVELS):
            for sex in ("Total", *_SEXES):
                achieved = (sum(by_level.values()) if level == "Total" else by_level[level]) * AGES.get(age, 1.0) * _SEXES.get(sex, 1.0)
                counts = (rounded(factor * achieved) for factor in (1.8, 1.0, 4.1))
                lines.append(f"{place},{age},{level},{sex},{','.join(counts)}")
    return lines


def _zip_entry(version: str, year: str) -> Entry:
    header = "year,learner_home_lad_code,learner_home_lad,age_summary,apps_level,ssa_tier_1,st_code,std_fwk_name,achievements"
    lines = [header]
    for code, (name, size) in _districts().items():
        for standard in STANDARDS:
            achieved = _achieved(code, size, standard, year)
            for age, share in AGES.items():
                if (count := rounded(achieved * share)) != "0":
                    lines.append(f'{year},{code},{name},{age},{standard.apps_level},"{standard.ssa}",{standard.reference},"{standard.title}",{count}')
        lines.append(f'{year},{code},{name},25+,Advanced Apprenticeship,"Business, Administration and Law",,"Management (framework, sample)",low')
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, text in (("data-guidance.txt", "Synthetic sample.\n"), (f"app-achievements-lad-standard-{year}.csv", "\n".join(lines) + "\n")):
            # A fixed date, so that the same numbers are the same bytes.
            archive.writestr(zipfile.ZipInfo(member, (2026, 1, 1, 0, 0, 0)), text.encode("utf-8-sig"), zipfile.ZIP_DEFLATED)
    return Entry(ees.HOST, urlsplit(ees.file_url(version, _STANDARD_FILE)).path, body.getvalue(), headers={"Content-Type": "application/octet-stream"})


def _entry(url: str, document: object) -> Entry:
    return Entry(ees.HOST, urlsplit(url).path, json.dumps(document, separators=(",", ":")).encode())
