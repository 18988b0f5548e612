"""DfE key stage 4 destination measures: where pupils are two terms after their GCSEs, by district.

Belongs here: which publication, data set and institutions. Does not belong here: the question and the reading (destinations).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from observatory_assets.datasets import destinations
from observatory_assets.datasets.contract import Dataset, Lookup, Marker, Payload, Resource
from observatory_assets.publishers import education_api as api
from observatory_assets.publishers import explore_education as ees

if TYPE_CHECKING:
    import pyarrow as pa

STUDY = destinations.Study(
    publication="key-stage-4-destination-measures",
    title=r"key stage 4(?!.*(institution|national|local)).*destinations",
    institutions=re.compile(r"state-funded mainstream schools", re.IGNORECASE),
    with_levels=False,
    table=destinations.build_table("dfe__ks4_destinations", "pupils after key stage 4", with_levels=False),
)


def find_marker(lookup: Lookup) -> Marker:
    """Version and publication instant of the data set in DfE's public API, which is found by title."""
    return destinations.find_marker(STUDY, lookup)


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """The data set's description and the pages of one question."""
    return destinations.find_resources(STUDY, lookup)


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """The table; see ``destinations.parse``."""
    return destinations.parse(STUDY, payloads)


DATASET = Dataset(
    slug="ks4_destinations",
    title="Key stage 4 destination measures",
    publisher="Department for Education",
    landing_page="https://explore-education-statistics.service.gov.uk/find-statistics/key-stage-4-destination-measures",
    licence="OGL-UK-3.0",
    attribution="Source: Department for Education, Key stage 4 destination measures, licensed under the Open Government Licence v3.0.",
    description=(
        "Pupils of state-funded mainstream schools in sustained education, apprenticeships or employment for two terms after key stage 4, for districts, "
        "the region and England, in all and by sex and disadvantage. Counts are exact but small ones are suppressed, and with them others from which they "
        "could be worked out: a suppressed count is anything from 0 to the cohort. Districts are those of the school, not of the pupil's home. The newest "
        "year can be provisional."
    ),
    hosts=(api.HOST, ees.HOST),
    cadence=dt.timedelta(days=365),
    publication_delay=dt.timedelta(days=90),
    tables=(STUDY.table,),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "Column names, labels and destinations read on the data set's catalogue page of 2026; the API's shapes in its source, contract and documentation, "
        "never in a recorded answer of this data set. The wide files of before 2026 read in a recorded national file and, for districts, on a catalogue "
        "page. Which of the columns are filters of the API was not seen: those not needed are taken at their total where they are."
    ),
)
