"""Sample of Nesta's ESCO–O*NET crosswalk: the sample's ESCO occupations with official O*NET codes and invented similarities.

Belongs here: the file for the drop folder. Does not belong here: reading it. Phase 1 only: the crosswalk is finished.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from observatory_assets.sample.esco import ISCO, ROOT
from observatory_assets.sample.onet import OCCUPATIONS
from observatory_assets.sample.world import UNIT_GROUPS, rng

_ONET = {
    "2144": "17-2141.00",
    "2221": "29-1141.00",
    "2264": "29-1123.00",
    "2411": "13-2011.00",
    "2512": "15-1252.00",
    "3434": "35-1011.00",
    "5411": "33-2011.00",
    "7115": "47-2031.00",
    "7223": "51-4041.00",
    "7411": "47-2111.00",
    "8332": "53-3032.00",
    "8344": "53-7051.00",
}


def dropped(phase: int) -> Iterator[tuple[str, bytes]]:
    """The crosswalk, in phase 1."""
    if phase != 1:
        return
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    header = "id,esco_occupation,isco_code,onet_code,onet_occupation,matching_job_titles,semantic_similarity,confidence,concept_uri"
    writer.writerow(header.split(","))
    for number, (isco, onet) in enumerate(_ONET.items(), start=1):
        random = rng("crosswalk", isco)
        titles = [title.lower() for title in UNIT_GROUPS[ISCO[isco][0]][1]]
        shared = repr(titles[: random.randint(1, 2)]) if number % 3 else "na"
        similarity, confidence = repr(random.uniform(0.6, 0.95)), random.choice(("0.5", "1.0", "2.0"))
        writer.writerow((number, titles[0], isco, onet, OCCUPATIONS[onet].lower(), shared, similarity, confidence, f"{ROOT}/occupation/sample-{isco}"))
    yield "esco_onet_crosswalk_Nov2020.csv", text.getvalue().encode()
