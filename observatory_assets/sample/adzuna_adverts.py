"""Sample of Adzuna's answers: an invented count for each question the dataset asks, with the one advert the API always sends along.

Belongs here: invented counts. Does not belong here: which questions are asked. Melton finds nothing at all, as a place that Adzuna does
not know. Phase 1 only: the dataset's marker is the week.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from observatory_assets.areas import Areas
from observatory_assets.datasets.adzuna_adverts import ALL, HOST, build_resources
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.world import DISTRICTS, rng
from resources.settings import PROJECT_ROOT

_UNKNOWN = "E07000133"


def entries(phase: int) -> Iterator[Entry]:
    """One answer per question, in phase 1."""
    if phase != 1:
        return
    for resource in build_resources(Areas.from_seeds(PROJECT_ROOT / "dbt_project" / "seeds")):
        area, term = resource.labels["area"], resource.labels["term"]
        query = dict(parse_qsl(urlsplit(resource.url).query))
        size = DISTRICTS.get(area, ("", 0.5))[1] if area != _UNKNOWN else 0
        count = int(size * (4_000 if term == ALL else rng("adzuna", area, term).uniform(5, 150)))
        adverts = [{"id": "9000000001", "title": f"Advert (sample): {term}", "company": {"display_name": "Sample Ltd"}}] if count else []
        body = {"__CLASS__": "Adzuna::API::Response::JobSearchResults", "count": count, "results": adverts}
        yield Entry(HOST, urlsplit(resource.url).path, json.dumps(body).encode(), query={name: query[name] for name in ("where", "what") if name in query})
