"""Sample of the Skills Imperative projections: GOV.UK's content item and two archives of area workbooks, in two vintages.

Belongs here: invented numbers in the workbooks' exact layout, with what surrounds each block. Does not belong here: reading them.
Phase 1 is the first release; phase 3 the correction: the same all-occupation totals, history to 2019 untouched, but occupations of
_FLIPPED grow where they fell and the other way round. Nothing changes in phase 2.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from observatory_assets.sample.recording import Entry
from observatory_assets.sample.workbooks import workbook_bytes, zip_bytes
from observatory_assets.sample.world import MAJORS, SUB_MAJORS, rng

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

PATH = "/government/publications/labour-market-and-skills-projections-2020-to-2035"
ASSETS = "assets.publishing.service.gov.uk"
YEARS = tuple(range(2010, 2036))
BASE, HORIZON = 2020, 2035

_RELEASES = {1: ("2023-03-21T09:30:00Z", dt.datetime(2023, 2, 3, 12, 48, 32)), 3: ("2024-08-05T09:30:05Z", "28-02-2024 10:20:41")}  # noqa: DTZ001
"""Phase -> public_updated_at and "Date database created": first as the date Excel made of 02-03-2023 reading the month first, then as text."""

_AREAS = {
    "LL_LSIP": ("LSIP", "20. Leicester and Leicestershire", "Leicester and Leicestershire", 500.0),
    "DN_LSIP": ("LSIP", "7. Derbyshire and Nottinghamshire", "Derbyshire and Nottinghamshire", 1060.0),
    "EN": ("Country", "Sum of the workbooks for England", "England", 27500.0),
}
"""Workbook -> Info's first label and value, the area's name and its employment in 2020 in thousands."""

_OCCUPATIONS = {
    "11": (7.0, 0.006), "12": (3.2, 0.008), "21": (6.4, 0.012), "22": (4.4, 0.011), "23": (4.6, -0.009), "24": (6.6, 0.010),
    "31": (2.0, 0.004), "32": (1.9, 0.009), "33": (1.3, -0.011), "34": (2.1, 0.003), "35": (6.6, 0.005), "41": (7.9, -0.010),
    "42": (1.9, -0.020), "51": (1.1, 0.001), "52": (4.1, -0.011), "53": (3.2, -0.008), "54": (1.8, -0.009), "61": (7.4, 0.011),
    "62": (2.0, -0.010), "63": (0.3, -0.012), "71": (6.0, -0.012), "72": (2.2, 0.013), "81": (3.6, -0.010), "82": (4.5, -0.009),
    "91": (2.6, 0.010), "92": (9.0, -0.007),
}  # fmt: skip
"""SOC 2020 sub-major group -> invented weight in 2020 and yearly growth of its share."""

_FLIPPED = {"LL_LSIP": ("23", "33", "62", "81", "82", "91"), "DN_LSIP": ("33", "62", "91"), "EN": ()}

_INDUSTRIES = (
    ("Primary sector and utilities", (("Agriculture", 1.2, -0.002), ("Mining and quarrying", 0.3, -0.020), ("Electricity and gas", 0.7, 0.003),
                                      ("Water and sewerage", 0.5, 0.002))),
    ("Manufacturing", (("Food drink and tobacco", 2.5, 0.004), ("Engineering", 1.5, -0.014), ("Rest of manufacturing", 7.8, -0.012))),
    ("Construction", (("Construction", 6.0, 0.003),)),
    ("Trade, accomod. and transport", (("Wholesale and retail trade", 15.0, -0.002), ("Transport and storage", 6.5, 0.005),
                                       ("Accommodation and food", 5.3, 0.004))),
    ("Business and other services", (("Media", 0.5, 0.002), ("Information technology", 2.2, 0.008), ("Finance and insurance", 2.0, -0.001),
                                     ("Real estate", 1.5, 0.003), ("Professional services", 9.8, 0.008), ("Support services", 8.3, 0.003),
                                     ("Arts and entertainment", 2.1, 0.004), ("Other services", 2.5, -0.001))),
    ("Non-marketed services", (("Public admin. and defence", 4.4, -0.003), ("Education", 9.3, 0.001), ("Health and social work", 10.5, 0.006))),
)  # fmt: skip
_QUALIFICATIONS = (
    ("No Qualification", 4.0, -0.045), ("RQF1 GCSE(below grade C) & equivalent", 11.0, -0.035), ("RQF2 GCSE(A-C) & equivalent", 19.0, -0.013),
    ("RQF3 A level & equivalent", 22.0, 0.001), ("RQF4 HE below degree level", 5.5, 0.012), ("RQF5 Foundation degree;Nursing;Teaching", 5.5, 0.006),
    ("RQF6 First degree", 20.0, 0.016), ("RQF7 Other higher degree", 11.0, 0.018), ("RQF8 Doctorate", 2.0, 0.014),
)  # fmt: skip

_OPENINGS = ("Net Change", "Replacement Demand level", "Total Requirement", "Replacement Demand rate")


def entries(phase: int) -> Iterator[Entry]:
    """The publication and its two archives, in phases 1 and 3."""
    if phase not in _RELEASES:
        return
    updated_at, created = _RELEASES[phase]
    books = {f"{code}_MainTables.Main.xlsm": workbook_bytes(_workbook(code, phase, created)) for code in _AREAS}
    archives = (
        ("LSIP projections", "LSIP_projections.zip", zip_bytes({f"LSIP/{name}": body for name, body in books.items() if "_LSIP_" in name})),
        (
            "Nations projections",
            "Nations_projections.zip",
            zip_bytes({"Read me.txt": b"Sample: every number is invented.\n", **{name: body for name, body in books.items() if name.startswith("EN_")}}),
        ),
    )
    paths = {filename: f"/media/{hashlib.sha256(body).hexdigest()[:24]}/{filename}" for _, filename, body in archives}
    files = [
        ("Labour market and skills projections: report", "Labour_market_and_skills_projections.pdf", "application/pdf", "/media/0000000000000000000000aa/"),
        *((title, filename, "application/zip", paths[filename].removesuffix(filename)) for title, filename, _ in archives),
        ("Regions projections", "Regions_projections.zip", "application/zip", "/media/0000000000000000000000bb/"),
    ]
    yield Entry("www.gov.uk", f"/api/content{PATH}", json.dumps(_content_item(updated_at, files), indent=2).encode())
    for _, filename, body in archives:
        yield Entry(ASSETS, paths[filename], body)


def _content_item(updated_at: str, files: Sequence[tuple[str, str, str, str]]) -> dict[str, Any]:
    addresses = [f"https://{ASSETS}{folder}{filename}" for _, filename, _, folder in files]
    return {
        "base_path": PATH,
        "content_id": "00000000-0000-4000-8000-000000000001",
        "document_type": "research",
        "first_published_at": _RELEASES[1][0],
        "locale": "en",
        "phase": "live",
        "public_updated_at": updated_at,
        "publishing_app": "whitehall",
        "rendering_app": "frontend",
        "schema_name": "publication",
        "title": "Labour market and skills projections: 2020 to 2035 (sample)",
        "updated_at": updated_at,
        "withdrawn_notice": {},
        "links": {},
        "description": "Sample of the publication: every number in its files is invented.",
        "details": {
            "body": '<div class="govspeak"><p>Sample.</p></div>',
            "change_history": [{"public_timestamp": _RELEASES[1][0], "note": "First published."}],
            "documents": [
                f'<section class="gem-c-attachment" id="attachment_{number}"><h3><a class="govuk-link" href="{url}">{title}</a></h3>'
                '<p>Request an accessible format: <a href="mailto:accessible.formats@example.org?subject=Request">email</a></p></section>'
                for number, (url, (title, *_)) in enumerate(zip(addresses, files, strict=True), start=1)
            ],
            "attachments": [
                {"attachment_type": "file", "id": filename, "title": title, "url": url, "content_type": kind, "filename": filename, "accessible": False}
                for url, (title, filename, kind, _) in zip(addresses, files, strict=True)
            ],
            "featured_attachments": [filename for _, filename, _, _ in files],
        },
    }


Series = dict[int, float]


def _project(code: str, weights: Mapping[str, tuple[float, float]], scope: str, phase: int = 1, flipped: Sequence[str] = ()) -> dict[str, Series]:
    """Thousands by category and year, adding up to the area's total in every year whatever the weights.

    Shares before 2020 are the same in every phase; from 2020 on a later phase moves them a little and turns round those of ``flipped``.
    """
    kind, _, _, total = _AREAS[code]
    local = {
        name: weight * (1 if kind == "Country" else rng("skills_imperative", code, scope, name).uniform(0.75, 1.3)) for name, (weight, _) in weights.items()
    }
    moved = {name: weight * rng("skills_imperative", code, scope, name, phase).uniform(0.995, 1.005) for name, weight in local.items()}
    series: dict[str, Series] = {name: {} for name in weights}
    for year in YEARS:
        since = year - BASE
        shares = {}
        for name, (_, growth) in weights.items():
            turned = -growth if phase > 1 and since > 0 and name in flipped else growth
            shares[name] = (local if since < 0 or phase == 1 else moved)[name] * math.exp(turned * since)
        size = total * math.exp((0.012 if since < 0 else 0.0025) * since) / sum(shares.values())
        for name, share in shares.items():
            series[name][year] = share * size
    return series


def _sum(series: Sequence[Series]) -> Series:
    return {year: math.fsum(one[year] for one in series) for year in YEARS}


def _workbook(code: str, phase: int, created: dt.datetime | str) -> Workbook:
    from openpyxl import Workbook

    kind, numbered, name, _ = _AREAS[code]
    workbook = Workbook()
    workbook.active.title = "Stored"
    workbook.active.sheet_state = "hidden"
    _put(workbook.create_sheet("Warning"), 1, 1, ["Sample workbook: every number is invented."])
    info = workbook.create_sheet("Info")
    run = "09 03 2023 10:30:02 AM" if phase == 1 else "29 02 2024 04:14:26 PM"
    facts = ((kind, numbered), ("Scenario", ".Main"), ("MDM version", "Sample"), ("Date database created", created), (f"{kind} name", name), ("Date run", run))
    for row, fact in enumerate(facts, start=1):
        _put(info, row, 1, fact)
    if isinstance(created, dt.datetime):
        info["B4"].number_format = "m/d/yy h:mm"
    occupations = _project(code, _OCCUPATIONS, "occupation", phase, _FLIPPED[code])
    industries = _project(code, {title: (weight, growth) for _, group in _INDUSTRIES for title, weight, growth in group}, "industry")
    _industries(workbook.create_sheet("Ind F2"), name, industries)
    _occupations(workbook.create_sheet("Occ F2"), name, occupations)
    _qualifications(workbook.create_sheet("Qual F1"), name, _project(code, {label: (w, g) for label, w, g in _QUALIFICATIONS}, "qualification", phase))
    _openings(workbook.create_sheet("RD T1"), name, code, occupations, industries)
    return workbook


def _put(sheet: Worksheet, row: int, column: int, values: Sequence[Any]) -> None:
    for offset, value in enumerate(values):
        if value is not None:
            sheet.cell(row, column + offset, value)


def _head(sheet: Worksheet, title: str, count: str, corner: str | None) -> None:
    _put(sheet, 1, 1, [title])
    _put(sheet, 2, 1, [count])
    _put(sheet, 2, 12, ["Years shown from", YEARS[0], "to", YEARS[-1]])
    _put(sheet, 4, 12, [corner, *YEARS])


def _line(sheet: Worksheet, row: int, label: str, series: Series, whole: Series | None = None) -> None:
    _put(sheet, row, 12, [label, *(value / (whole[year] if whole else 1) for year, value in series.items())])


def _occupations(sheet: Worksheet, name: str, occupations: dict[str, Series]) -> None:
    _head(sheet, f"Occupation Figure 2  Employment by Occupation (SOC 2020), 2010-2035, {name}", "9 + 26 Occupations", "thousands")
    _put(sheet, 51, 12, ["% share", *YEARS])
    total = _sum(list(occupations.values()))
    row = 5
    for major, title in MAJORS.items():
        members = {code: series for code, series in occupations.items() if code[0] == major}
        lines = [(title, _sum(list(members.values()))), *((f"{code} {SUB_MAJORS[code]}", series) for code, series in members.items())]
        for label, series in lines:
            _line(sheet, row, label, series)
            _line(sheet, row + 47, label, series, total)
            row += 1
        row += 1
    _line(sheet, row, "All occupations", total)
    _line(sheet, row + 47, "All occupations", total, total)


def _industries(sheet: Worksheet, name: str, industries: dict[str, Series]) -> None:
    _head(sheet, f"Industry Figure 2  Employment by Industry (SIC 2007), 2010-2035, {name}", "6 + 22 Industries", None)
    sheet.cell(4, 39, 0)  # the real workbooks' formula error
    row = 5
    for sector, group in _INDUSTRIES:
        _line(sheet, row, sector, _sum([industries[title] for title, *_ in group]))
        for offset, (title, *_) in enumerate(group if len(group) > 1 else (), start=1):
            _line(sheet, row + offset, title, industries[title])
        row += (len(group) if len(group) > 1 else 0) + 2
    _line(sheet, row, "All industries", _sum(list(industries.values())))
    sheet.cell(41, 12, " " * 11)


def _qualifications(sheet: Worksheet, name: str, qualifications: dict[str, Series]) -> None:
    _head(sheet, f"Qualification Figure 1  Employment by Qualification, 2010-2035, {name}", "9 Qualifications", None)
    for row, (label, series) in enumerate(qualifications.items(), start=6):
        _line(sheet, row, label, series)


def _openings(sheet: Worksheet, name: str, code: str, occupations: dict[str, Series], industries: dict[str, Series]) -> None:
    """The block that is read (A6:G33), the one below it and the three to its right, which use the same labels and headers."""
    titles = (
        (1, "Replacement Demand Table 1  Replacement Demand by Occupation and Qualification", "26 Occupations by 9 Qualifications"),
        (9, "Replacement Demand Table 1.1  Replacement Demand by Occupation Group and Qualification", "9 Occupations by 9 Qualifications"),
        (16, "Replacement Demand Table 1.2  Replacement Demand by Occupation and Gender", "26 Occupations"),
        (24, "Replacement Demand Table 1.3  Replacement Demand by Industry", "22 Industries"),
    )
    for column, title, count in titles:
        _put(sheet, 1, column, [f"{title}, 2020-2035, {name}"])
        _put(sheet, 3, column, [count])
        _put(sheet, 5, column + 5, ["thousands"])
    named = {f"{key} {SUB_MAJORS[key]}": series for key, series in occupations.items()}

    def block(row: int, column: int, corner: str | None, series: Mapping[str, Series], total: str | None, part: float = 1.0, width: int = 6) -> None:
        _put(sheet, row, column, [corner, *([BASE, HORIZON, *_OPENINGS][:width])])
        lines = []
        for label, values in series.items():
            base, horizon = part * values[BASE], part * values[HORIZON]
            leaving = (HORIZON - BASE) * (base + horizon) / 2 * rng("skills_imperative", code, "leaving", label).uniform(0.021, 0.035)
            lines.append((label, base, horizon, leaving))
        if total:
            lines.append((total, *(math.fsum(line[place] for line in lines) for place in (1, 2, 3))))
        for offset, (label, base, horizon, leaving) in enumerate(lines, start=1):
            rate = leaving / ((HORIZON - BASE) * (base + horizon) / 2)
            _put(sheet, row + offset, column, [label, *[base, horizon, horizon - base, leaving, horizon - base + leaving, rate][:width]])

    block(6, 1, "All qualifications (Constrained)", named, "All occupations")
    block(35, 1, "RQF8 Doctorate (Constrained)", named, "All occupations", 0.03)
    majors = {title: _sum([series for key, series in occupations.items() if key[0] == major]) for major, title in MAJORS.items()}
    block(7, 9, "All qualifications", majors, None, width=5)
    _put(sheet, 6, 10, [BASE, HORIZON, *_OPENINGS[:3]])
    for column in range(10, 15):
        sheet.cell(7, column).value = None
    block(6, 16, "Males", named, "All occupations", 0.52)
    block(35, 16, "Females", named, "All occupations", 0.48)
    block(6, 24, None, industries, "All industries")
