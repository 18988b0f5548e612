"""`observatory link` and `observatory match`: lines of text onto a taxonomy held in the lake, in a folder, or given as a list of labels.

Belongs here: finding the taxonomy, and lines in to lines out. Does not belong here: scores (observatory_assets.ksb.linker) or what a taxonomy's files hold
(the datasets esco and uk_ssc, whose own parse reads a folder).
"""

from __future__ import annotations

import codecs
import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING

from observatory_assets.datasets import dataset_named
from observatory_assets.datasets.contract import Lookup, Marker, Payload
from observatory_assets.ksb.concepts import Concept, concepts_of_esco, concepts_of_labels, concepts_of_uk_ssc
from observatory_assets.ksb.grouped import Grouped
from observatory_assets.ksb.linker import Linker
from observatory_assets.ksb.model import Embedder, load_embedder
from resources.errors import NotSetUp
from resources.observatory import Observatory

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMES: Mapping[str, Callable[[pa.Table], list[Concept]]] = {"esco": concepts_of_esco, "uk_ssc": concepts_of_uk_ssc}
"""Scheme, which is the dataset's name too, -> how its raw table <scheme>__skills becomes concepts."""


def _in_folder(scheme: str, folder: Path) -> pa.Table | None:
    """The table of skills of the files in a folder, through the dataset's own parse; None where it holds none of that dataset."""
    dataset = dataset_named(scheme)
    # These datasets read their drop folder only: a lookup without areas or network finds their files.
    lookup = Lookup(http=None, areas=None, options={}, inbox=folder)
    try:
        resources = dataset.find_resources(lookup, Marker("link"))
    except NotSetUp:
        return None
    read = dt.datetime.now(dt.timezone.utc)
    payloads = [Payload(one.name, one.url, one.file, "", one.file.stat().st_size, read, one.labels) for one in resources if one.file]
    return next((table for name, table in dataset.parse(payloads) if name == f"{scheme}__skills" and table.num_rows), None)


def _in_lake(scheme: str, observatory: Observatory) -> tuple[pa.Table | None, bool]:
    """The skills of the latest release held, and whether they are the synthetic sample's."""
    release = observatory.lake.latest(scheme)
    if release is None or f"{scheme}__skills" not in release.tables:
        return None, False
    table = observatory.lake.read(release, f"{scheme}__skills")
    return (table if table.num_rows else None), release.is_sample


def taxonomy(observatory: Observatory, scheme: str, folder: Path | None = None) -> tuple[list[Concept], bool]:
    """Concepts of a scheme, from the folder if one is given, else from the lake; and whether they are synthetic.

    Raises:
        KeyError: an unknown scheme.
        NotSetUp: it is in neither place; the error says which file to place where.
    """
    if scheme not in SCHEMES:
        raise KeyError(f"no scheme {scheme!r}; known: {', '.join(SCHEMES)}")
    table, synthetic = (_in_folder(scheme, folder), False) if folder else _in_lake(scheme, observatory)
    if table is None:
        inbox = observatory.settings.inbox / scheme
        raise NotSetUp(
            f"no skills of {scheme} are held" + (f" in {folder}" if folder else ""),
            rule="taxonomy",
            expected={"esco": "'ESCO dataset - v1.2.0 - classification - en - csv.zip', or its skills_en.csv", "uk_ssc": "the official skills file, or "
                      "uk_ssc_occupational_skills_v0.9.csv"}[scheme],
            found="no release with skills" if folder is None else sorted(path.name for path in folder.iterdir()) if folder.is_dir() else "no such folder",
            action=f"place the publisher's file in {inbox} and run `observatory refresh --dataset {scheme}`, or name its folder with --taxonomy",
        )  # fmt: skip
    return SCHEMES[scheme](table), synthetic


def known_concepts(observatory: Observatory, folder: Path | None = None) -> Iterator[Concept]:
    """Concepts of every taxonomy at hand whose definitions may serve a list of labels; the sample's are invented and do not."""
    for scheme, concepts in SCHEMES.items():
        table, synthetic = (_in_folder(scheme, folder), False) if folder else _in_lake(scheme, observatory)
        if table is not None and not synthetic:
            yield from concepts(table)


def link_cache(observatory: Observatory) -> Path:
    """Parquet cache of the vectors of taxonomies' labels and definitions."""
    return observatory.lake.root / "derived" / "link_embeddings.parquet"


def uk_ssc(observatory: Observatory, embedder: Embedder | None, folder: Path | None = None) -> Grouped | None:
    """UK-SSC to link statements to, from the folder if one is given, else the real one in the lake: the sample's skills are invented, so they do not count.

    Returns:
        None where the lake holds none.

    Raises:
        ObservatoryError: the folder's files hold no UK-SSC skills, or their layout is not known.
    """
    try:
        concepts, synthetic = taxonomy(observatory, "uk_ssc", folder)
    except NotSetUp:
        if folder is not None:
            raise
        return None
    return None if synthetic else Grouped(concepts, embedder, link_cache(observatory))


def lines_of(stream: IO[bytes]) -> Iterator[str]:
    """Lines of standard input as they come: ended by \\n or \\r\\n only, whatever control characters they hold; bytes that are no UTF-8 become U+FFFD."""
    for number, line in enumerate(stream):
        yield line.removeprefix(codecs.BOM_UTF8 if number == 0 else b"").removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", errors="replace")


def link_lines(
    observatory: Observatory,
    lines: Iterable[str],
    *,
    scheme: str | None = None,
    labels: Path | None = None,
    folder: Path | None = None,
    top: int = 10,
    threads: int = 1,
) -> Iterator[str]:
    """One JSON line per line of text, in order, also for empty ones.

    Args:
        scheme: esco or uk_ssc; or
        labels: a file of labels, one a line, which take definitions and alternative labels from a taxonomy at hand.
        folder: where a taxonomy's official files lie; None means the lake.
        top: candidates per line, at least 1.
        threads: of the linear algebra; results do not depend on it.

    Raises:
        ValueError: not exactly one of scheme and labels, or a number below 1.
        ObservatoryError: the taxonomy is not held, or the file cannot be read.
    """
    from threadpoolctl import threadpool_limits

    if (scheme is None) == (labels is None):
        raise ValueError("name either a scheme (--scheme) or a list of labels (--labels)")
    if top < 1 or threads < 1:
        raise ValueError("--top and --threads are whole numbers from 1")
    synthetic = False
    if labels is not None:
        concepts = concepts_of_labels(labels, known_concepts(observatory, folder))
    else:
        concepts, synthetic = taxonomy(observatory, scheme or "", folder)
    with threadpool_limits(threads):
        linker = Linker(concepts, load_embedder(observatory.settings.embedding_model), link_cache(observatory))
        for linked in linker.link_all((line.rstrip("\r\n") for line in lines), top):
            row = linked.as_dict()
            if synthetic:
                row["method"] += ", SAMPLE taxonomy"
            yield json.dumps(row)  # ASCII: the same bytes whatever the terminal's encoding
