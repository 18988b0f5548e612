"""Sample of the O*NET database's text edition: official occupations and elements with invented ratings.

Belongs here: the archive's files and their columns. Does not belong here: reading them. Phase 1 only: the release is pinned.
"""

from __future__ import annotations

from collections.abc import Iterator

from observatory_assets.datasets.onet import URL, VERSION
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.workbooks import zip_bytes
from observatory_assets.sample.world import rng

OCCUPATIONS = {
    "11-3051.00": "Industrial Production Managers",
    "13-2011.00": "Accountants and Auditors",
    "15-1232.00": "Computer User Support Specialists",
    "15-1252.00": "Software Developers",
    "17-2141.00": "Mechanical Engineers",
    "29-1123.00": "Physical Therapists",
    "29-1141.00": "Registered Nurses",
    "29-2052.00": "Pharmacy Technicians",
    "33-2011.00": "Firefighters",
    "35-1011.00": "Chefs and Head Cooks",
    "41-2031.00": "Retail Salespersons",
    "47-2031.00": "Carpenters",
    "47-2111.00": "Electricians",
    "51-4041.00": "Machinists",
    "53-3032.00": "Heavy and Tractor-Trailer Truck Drivers",
    "53-7051.00": "Industrial Truck and Tractor Operators",
}
"""Official O*NET-SOC codes and titles."""

ELEMENTS = {
    "1": "Worker Characteristics",
    "1.C": "Work Styles",
    "1.C.1": "Achievement Orientation",
    "1.C.1.a": "Achievement/Effort",
    "1.C.1.b": "Persistence",
    "1.C.1.c": "Initiative",
    "1.C.3": "Interpersonal Orientation",
    "1.C.3.a": "Cooperation",
    "1.C.3.b": "Concern for Others",
    "1.C.5": "Conscientiousness",
    "1.C.5.a": "Dependability",
    "1.C.5.c": "Integrity",
    "2": "Worker Requirements",
    "2.A": "Basic Skills",
    "2.A.1": "Content",
    "2.A.1.a": "Reading Comprehension",
    "2.A.1.b": "Active Listening",
    "2.A.1.c": "Writing",
    "2.A.1.e": "Mathematics",
    "2.A.2": "Process",
    "2.A.2.b": "Active Learning",
    "2.B": "Cross-Functional Skills",
    "2.B.1": "Social Skills",
    "2.B.1.b": "Coordination",
    "2.B.1.f": "Service Orientation",
    "2.B.3": "Technical Skills",
    "2.B.3.e": "Programming",
    "2.B.3.j": "Equipment Maintenance",
    "2.C": "Knowledge",
    "2.C.1": "Business and Management",
    "2.C.1.a": "Administration and Management",
    "2.C.1.e": "Customer and Personal Service",
    "2.C.3": "Engineering and Technology",
    "2.C.3.a": "Computers and Electronics",
    "2.C.3.e": "Mechanical",
    "2.C.4": "Mathematics and Science",
    "2.C.4.a": "Mathematics",
}
"""Official element ids and names."""

_HEADER = "O*NET-SOC Code|Element ID|Element Name|Scale ID|Data Value|N|Standard Error|Lower CI Bound|Upper CI Bound|Recommend Suppress"
_FILES = (("Essential Skills", "2.A.", ("IM", "LV")), ("Transferable Skills", "2.B.", ("IM", "LV")), ("Knowledge", "2.C.", ("IM", "LV")))


def entries(phase: int) -> Iterator[Entry]:
    """The archive, in phase 1."""
    if phase == 1:
        host, _, path = URL.removeprefix("https://").partition("/")
        modified = "Tue, 05 May 2026 14:00:00 GMT"
        yield Entry(host, f"/{path}", archive(), headers={"Content-Type": "application/zip", "Last-Modified": modified})


def archive() -> bytes:
    """The sample's database."""
    files = {
        "Read Me": "Invented sample.\r\n",
        "Occupation Data": _text("O*NET-SOC Code|Title|Description", [(code, title, f'Work as "{title}" (invented).') for code, title in OCCUPATIONS.items()]),
        "Content Model Reference": _text("Element ID|Element Name|Description", [(key, name, f"{name} (invented).") for key, name in ELEMENTS.items()]),
        "Work Styles": _text(f"{_HEADER}|Date|Domain Source", _work_styles()),
    }
    for name, branch, scales in _FILES:
        files[name] = _text(f"{_HEADER}|Not Relevant|Date|Domain Source", _ratings(branch, scales))
    return zip_bytes({f"db_{VERSION}_text/{name}.txt": body.encode() for name, body in files.items()})


def _text(header: str, rows: list[tuple[str, ...]]) -> str:
    return "\r\n".join(["\t".join(header.split("|")), *("\t".join(row) for row in rows)]) + "\r\n"


def _rated(branch: str) -> list[str]:
    return [element for element in ELEMENTS if element.startswith(branch) and element.count(".") == 3]


def _ratings(branch: str, scales: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Importance and level; an element of little importance is not relevant, and a wide interval is recommended for suppression."""
    rows = []
    for code in OCCUPATIONS:
        for element in _rated(branch):
            random = rng("onet", code, element)
            importance = random.uniform(1.2, 4.9)
            for scale in scales:
                mean = importance if scale == "IM" else (importance - 1) * 1.6
                error = random.uniform(0.05, 0.6)
                marks = ("Y" if error > 0.51 else "N", "n/a" if scale == "IM" else "Y" if importance < 2 else "N")
                low, high = (1, 5) if scale == "IM" else (0, 7)
                interval = (f"{max(low, mean - 1.96 * error):.4f}", f"{min(high, mean + 1.96 * error):.4f}")
                rows.append((code, element, ELEMENTS[element], scale, f"{mean:.2f}", "8", f"{error:.4f}", *interval, *marks, "08/2025", "Analyst"))
    return rows


def _work_styles() -> list[tuple[str, ...]]:
    """Impact from -3 to 3 for every style, and a distinctiveness rank without an interval."""
    rows = []
    for code in OCCUPATIONS:
        impact = {element: rng("onet", code, element).uniform(-1.5, 3) for element in _rated("1.C.")}
        ranked = sorted(impact, key=impact.get, reverse=True)
        for element, value in impact.items():
            bounds = (f"{max(-3, value - 0.3):.4f}", f"{min(3, value + 0.3):.4f}")
            rows.append((code, element, ELEMENTS[element], "WI", f"{value:.2f}", "20", "0.1500", *bounds, "N", "08/2025", "Incumbent"))
            rows.append((code, element, ELEMENTS[element], "DR", str(ranked.index(element) + 1), "", "", "", "", "N", "08/2025", "Incumbent"))
    return rows
