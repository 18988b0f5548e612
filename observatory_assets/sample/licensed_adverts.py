"""Sample of a licensed extract: files for the drop folder with invented adverts in the documented layout.

Belongs here: invented adverts. Does not belong here: reading them.
Kept because extracts have them: an advert in two files, one outside the districts, one without a SOC code, an address in a text.
Phase 2 brings the next month's file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from observatory_assets.sample.world import DISTRICTS, UNIT_GROUPS, rng

_MONTHS = {1: (("2026-05", 31), ("2026-06", 30)), 2: (("2026-07", 31),)}
_SKILLS = ("Team working", "Microsoft Excel", "Customer service", "Communication", "Health & safety", "Planning", "Forklift licence", "Attention to detail")


def dropped(phase: int) -> Iterator[tuple[str, bytes]]:
    """One file a month: two in phase 1, one in phase 2."""
    for month, days in _MONTHS.get(phase, ()):
        yield f"adverts_{month}.csv", _file(month, days)


def _file(month: str, days: int) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("advert_id", "date", "job_title", "soc_code", "area_code", "skills", "text"))
    random = rng("licensed", month)
    districts = list(DISTRICTS)
    weights = [DISTRICTS[code][1] for code in districts]
    # A few adverts of every day, so that the extract begins on the first and ends on the last day of its months.
    for number in range(days * 8):
        soc = random.choice(list(UNIT_GROUPS))
        title = UNIT_GROUPS[soc][1][number % 2]
        skills = ";".join(random.sample(_SKILLS, random.randrange(4)))
        text = f"We seek a {title.lower()} (sample). Write to jobs@sample.invalid." if number % 40 == 0 else ""
        area = "E06000018" if number % 97 == 96 else districts[number] if number < len(districts) else random.choices(districts, weights)[0]
        row = (f"A{month}-{number}", f"{month}-{number // 8 + 1:02}", title, "" if number % 50 == 49 else soc, area, skills, text)
        writer.writerow(row)
    if month != "2026-05":
        writer.writerow(("A2026-05-1", "2026-06-02", "Repeated advert (sample)", "9223", "E06000016", "", ""))
    return out.getvalue().encode()
