"""DfE 16-18 destination measures: where students are two terms after 16 to 18 study, by district and level of qualification.

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
    publication="16-18-destination-measures",
    title=r"16(-| to )18(?!.*(institution|national|local)).*destinations",
    institutions=re.compile(r"state-funded mainstream schools (&|and) colleges", re.IGNORECASE),
    with_levels=True,
    table=destinations.build_table("dfe__ks5_destinations", "students after 16 to 18 study", with_levels=True),
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
    slug="ks5_destinations",
    title="16-18 destination measures",
    publisher="Department for Education",
    landing_page="https://explore-education-statistics.service.gov.uk/find-statistics/16-18-destination-measures",
    licence="OGL-UK-3.0",
    attribution="Source: Department for Education, 16-18 destination measures, licensed under the Open Government Licence v3.0.",
    description=(
        "Students of state-funded mainstream schools and colleges in sustained education, apprenticeships or employment for two terms after 16 to 18 study, "
        "for districts, the region and England, in all, by level of the main qualification, by sex and by disadvantage. Counts are exact but small ones "
        "are suppressed, and with them others from which they could be worked out: a suppressed count is anything from 0 to the cohort. Districts are those "
        "of the institution: a college's students come from far around it."
    ),
    hosts=(api.HOST, ees.HOST),
    cadence=dt.timedelta(days=365),
    publication_delay=dt.timedelta(days=90),
    tables=(STUDY.table,),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "Column names, labels and destinations read on the data set's catalogue page of 2026 (whose preview shows `All schools` as institution group; the "
        "group of state-funded schools and colleges is spelled as in the files of before 2026); the API's shapes in its source, contract and documentation, "
        "never in a recorded answer of this data set. The wide files read in DfE's dashboard code only."
    ),
)
