"""Apprenticeship standards onto SOC 2020 unit groups: the publisher's own codes, else titles and role text compared with the classification's.

Belongs here: the order of decisions, scores and thresholds, and the reviewers' overrides of them. Does not belong here: statements.

Measured on 185 of 515 real standards (titles, job titles and overviews of 2020 and 2021): all 65 with statements and 120 of the others drawn at
random. One annotator gave each its acceptable unit groups, first choice first, from title, level, overview and job titles, before seeing any score.
Method, weights and thresholds were chosen on 125 of them; the last 60 were drawn afterwards and read once. Precision is of links; in brackets the
number of links.

| standards | method | linked | acceptable | first choice | right sub-major group |
|---|---|---|---|---|---|
| 60 kept apart | version 1: titles alone | 75% (45) | 64% | 51% | 71% |
| | hybrid, with UK-SSC's sub-unit groups | 63% (38) | 84% | 74% | 89% |
| | hybrid, SOC 2020 alone | 62% (37) | 86% | 73% | 95% |
| | lexical, with UK-SSC's sub-unit groups | 48% (29) | 90% | 79% | 93% |
| | lexical, SOC 2020 alone | 52% (31) | 87% | 81% | 90% |
| 125 worked on | version 1: titles alone | 74% (92) | 74% | 54% | 80% |
| | hybrid, with UK-SSC's sub-unit groups | 69% (86) | 91% | 66% | 95% |

Of all 515, hybrid links 349 (68%), of the 65 with statements 45. 38 links leave 84% between 70% and 93%. An earlier attempt, tuned on 63 of the
125 to 89%, held 79% on the other 62, no more than version 1 there: hence the third set. Two of the annotator's wrongs stand in the classification
itself (nursing associates, 3213; hospitality manager, 3557) and are counted as wrong all the same.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from observatory_assets.ksb.lexical import Tfidf, stop_words, with_pairs
from observatory_assets.ksb.text import clean, normalise, stem, words
from resources.errors import ObservatoryError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from observatory_assets.ksb.model import Embedder

OCCUPATIONS_VERSION = "2"
ACCEPT = {"hybrid": 0.35, "lexical": 0.16}
"""Least score of a link by method."""
COLUMNS = (
    *("reference", "soc_code", "rank", "score", "method", "is_official", "matched_title", "matched_soc_code", "runner_up", "runner_up_score"),
    *("reviewed_by", "reviewed_at", "reason", "model_sha256", "matcher_version"),
)
_NUMBERS = {"rank": "int32", "score": "float64", "runner_up_score": "float64", "is_official": "bool_"}

# Weights of what is compared, and what a title that is exactly a listed one adds.
_TITLE, _JOBS, _DESCRIPTION, _TEXT, _LEXICAL, _EXACT = 1.0, 0.5, 1.0, 1.0, 4.0, 0.05
_MISFIT = 0.08
# Major groups an apprenticeship of a level hardly trains for, and how hardly.
_UNLIKELY = {
    2: {1: 1.0, 2: 1.0, 3: 0.5},
    3: {1: 0.7, 2: 1.0},
    4: {5: 0.5, 6: 0.5, 7: 0.5, 8: 0.8, 9: 1.0},
    5: {4: 0.5, 5: 0.6, 6: 0.5, 7: 0.6, 8: 1.0, 9: 1.0},
    6: {3: 0.3, **dict.fromkeys(range(4, 10), 1.0)},
    7: {3: 0.4, **dict.fromkeys(range(4, 10), 1.0)},
}

_BRACKETS = re.compile(r"\s*[(\[][^)\]]*(?:[)\]]|$)")
# Words of rank, form or none at all: they say nothing about the trade, so they neither make nor break a match of titles.
_EMPTY = words(
    """level degree integrated apprenticeship apprentice advanced senior junior trainee graduate assistant lead principal chartered qualified occupation
    related specialist professional practitioner and of the in for other nec n e c higher intermediate general new nmc personnel worker person
    craftsperson undergraduate post postgraduate expert"""
)
# Heads shared by hundreds of trades: a title that has only these names none of them.
_GENERIC = words(
    """manager director leader team operator technician engineer officer technical operative supervisor service consultant executive coordinator inspector
    investigator scientist research surveyor controller representative analyst adviser designer support"""
)
# Spelling and names that differ between the two publishers.
_SAME = {
    "advisor": "adviser",
    "lorry": "hgv",
    "lgv": "hgv",
    "large goods vehicle": "hgv",
    "healthcare": "health care",
    "bicycle": "cycle",
    "telecoms": "telecommunications",
    "telecom": "telecommunications",
    "motor vehicle": "vehicle",
    "joiner": "carpenter joiner",
    "machinist": "machinist machine",
}


@dataclass(frozen=True)
class OccupationOverride:
    """A reviewer's decision: the unit group of a standard, or (soc_code None) that it has none."""

    reference: str
    soc_code: str | None
    reviewer: str
    decided_at: str
    reason: str = ""


def load_occupation_overrides(seeds: Path) -> tuple[OccupationOverride, ...]:
    """Decisions of the append-only seed standard_occupation_override.csv, oldest first; the latest about a standard wins.

    Raises:
        ObservatoryError: a soc_code that is not four digits.
    """
    path = seeds / "standard_occupation_override.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["soc_code"] and not re.fullmatch(r"\d{4}", row["soc_code"]):
            raise ObservatoryError(
                f"{path.name} names no unit group",
                rule="soc_code has four digits or is empty",
                expected="e.g. 5223",
                found=row,
                action=f"correct that row of {path.name}",
            )
    decisions = (OccupationOverride(row["reference"], row["soc_code"] or None, row["reviewer"], row["decided_at"], row["reason"]) for row in rows)
    return tuple(sorted(decisions, key=lambda decision: decision.decided_at))


class _Standard(NamedTuple):
    title: str
    level: int | None
    overview: str
    jobs: tuple[str, ...]

    @property
    def document(self) -> str:
        # The title is all that most standards of the official list have, so it weighs as much as a sentence.
        return " ".join((self.title, self.title, self.title, self.overview, *self.jobs))


class _Guess(NamedTuple):
    """What titles and role text say: unit group, score, the title of it that is nearest, and the second best."""

    code: str
    score: float
    title: str
    second: str | None
    second_score: float | None


def match_standards(
    standards: pa.Table,
    titles: pa.Table,
    texts: pa.Table,
    official: pa.Table,
    overrides: tuple[OccupationOverride, ...] = (),
    *,
    embedder: Embedder | None = None,
    cache_path: Path | None = None,
) -> pa.Table:
    """Place each standard in a SOC 2020 unit group.

    Fixed order: a reviewer's override; the codes the publisher's maps give; the unit group whose titles, description and tasks are nearest to the
    standard's title, typical job titles and overview, if its score reaches ACCEPT; otherwise abstention. The score is the weighted mean of the cosines
    of sentence vectors (title to nearest title, job titles to nearest titles, title and overview to the group's description and to its nearest text)
    and of TF-IDF over everything; without a sentence model TF-IDF alone. An exact title adds to it, a level that hardly trains for the group's major
    group takes from it.

    Args:
        standards: reference, title, level, overview, job_title; a row for each job title, at least one.
        titles: soc_code, title, source; the unit group's own title has source 'unit_group'.
        texts: soc_code, source, text; the unit group's description has source 'description'.
        official: reference, soc_code, rank.
        embedder: turns texts into vectors; None leaves the lexical score.
        cache_path: Parquet file that keeps the vectors.

    Returns:
        Columns COLUMNS, ordered by reference and rank: one row by standard, several only where the publisher gives several codes. soc_code is NULL for
        abstentions and for overrides to none; of an abstention runner_up is the best that was found. matched_soc_code is what titles and text alone
        would say, whoever decided, so that they can be judged against the official codes.
    """
    import pyarrow as pa

    own = _read_standards(standards)
    group_titles = {code: title for code, title, source in _columns(titles, "soc_code", "title", "source") if source == "unit_group"}
    guesses = _guesses(own, group_titles, titles, texts, embedder, cache_path)
    coded: dict[str, list[str]] = {}
    for reference, code, _ in sorted(_columns(official, "reference", "soc_code", "rank"), key=lambda row: (row[0], row[2], row[1])):
        coded.setdefault(reference, []).append(code)
    decided = {override.reference: override for override in overrides}
    method = "lexical" if embedder is None else "hybrid"
    rows: list[dict[str, Any]] = []
    for reference in sorted(own):
        guess = guesses.get(reference)
        sure = guess is not None and guess.score >= ACCEPT[method]
        row = {"reference": reference, "rank": 1, "is_official": False, "matched_soc_code": guess.code if guess and sure else None}
        if (override := decided.get(reference)) is not None:
            row |= {"soc_code": override.soc_code, "score": 1.0, "method": "override"}
            rows.append(row | {"reviewed_by": override.reviewer, "reviewed_at": override.decided_at, "reason": override.reason or None})
        elif reference in coded:
            row |= {"score": 1.0, "method": "official", "is_official": True}
            rows += [row | {"soc_code": code, "rank": rank} for rank, code in enumerate(coded[reference], 1)]
        elif guess is None:
            rows.append(row | {"method": "abstain", "reason": "nothing to compare it with"})
        elif sure:
            row |= {"soc_code": guess.code, "score": guess.score, "method": method, "matched_title": guess.title}
            rows.append(row | {"runner_up": guess.second, "runner_up_score": guess.second_score})
        else:
            row |= {"method": "abstain", "runner_up": guess.code, "runner_up_score": guess.score, "matched_title": guess.title}
            rows.append(row | {"reason": f"nearest is {guess.code} with {guess.score:.2f}, under {ACCEPT[method]}"})
    version = {"model_sha256": embedder.model_sha256 if embedder else None, "matcher_version": OCCUPATIONS_VERSION}
    schema = pa.schema([(name, getattr(pa, _NUMBERS.get(name, "string"))()) for name in COLUMNS])
    return pa.Table.from_pylist([row | version for row in rows], schema=schema)


def _read_standards(table: pa.Table) -> dict[str, _Standard]:
    own: dict[str, _Standard] = {}
    for reference, title, level, overview, job in sorted(_columns(table, "reference", "title", "level", "overview", "job_title"), key=str):
        known = own.get(reference) or _Standard(clean(title), level, clean(overview), ())
        own[reference] = known._replace(jobs=(*known.jobs, clean(job))) if clean(job) else known
    return own


def _guesses(
    own: Mapping[str, _Standard],
    group_titles: Mapping[str, str],
    titles: pa.Table,
    texts: pa.Table,
    embedder: Embedder | None,
    cache_path: Path | None,
) -> dict[str, _Guess]:
    """The best unit group of every standard, however low its score; none where there is nothing to compare."""
    import numpy as np

    codes = sorted(group_titles)
    if not own or not codes:
        return {}
    column = {code: place for place, code in enumerate(codes)}
    listed = sorted({(code, clean(title)) for code, title in _columns(titles, "soc_code", "title") if code in column and clean(title)})
    prose = sorted({(code, source, clean(text)) for code, source, text in _columns(texts, "soc_code", "source", "text") if code in column and clean(text)})
    references, standards = list(own), list(own.values())

    documents = {code: [title] * 3 for code, title in group_titles.items()}
    for code, *_, text in [*listed, *prose]:
        documents[code].append(text)
    score = Tfidf([" ".join(documents[code]) for code in codes], analyzer=_terms).cosines([standard.document for standard in standards])
    nearest = None
    if embedder is not None:
        dense, nearest = _dense(standards, listed, prose, column, _embedding(embedder, cache_path))
        score = (dense + _LEXICAL * score) / (_TITLE + _JOBS + _DESCRIPTION + _TEXT + _LEXICAL)
    score += _EXACT * _exact(standards, listed, column)
    score -= _MISFIT * np.array([[_UNLIKELY.get(standard.level or 0, {}).get(int(code[0]), 0.0) for code in codes] for standard in standards])
    score = np.clip(np.round(score, 6), 0, 1)

    found = {}
    for row, reference in enumerate(references):
        order = np.argsort(-score[row], kind="stable")  # codes are sorted, so ties go to the lower code
        best, second = int(order[0]), int(order[1]) if len(order) > 1 else None
        second_best = (None, None) if second is None else (codes[second], float(score[row, second]))
        title = nearest(row, best) if nearest else group_titles[codes[best]]
        found[reference] = _Guess(codes[best], float(score[row, best]), title, *second_best)
    return found


def _terms(text: str) -> list[str]:
    return with_pairs([stem(word) for word in _words(text) if word not in stop_words() and len(word) > 1])


def _embedding(embedder: Embedder, cache_path: Path | None) -> Callable[[Sequence[str]], np.ndarray]:
    from observatory_assets.ksb.model import vectors_for

    # In double precision a cosine does not depend, to six decimals, on how many threads summed it.
    return lambda texts: vectors_for(texts, embedder, cache_path)[0].astype("float64")


def _dense(
    standards: Sequence[_Standard],
    listed: Sequence[tuple[str, str]],
    prose: Sequence[tuple[str, str, str]],
    column: Mapping[str, int],
    embed: Callable[[Sequence[str]], np.ndarray],
) -> tuple[np.ndarray, Callable[[int, int], str]]:
    """Weighted sum (standards, groups) of the four cosines; and a function giving the group's title nearest to a standard's."""
    import numpy as np

    owners = [column[code] for code, _ in listed]
    jobs = [(row, job) for row, standard in enumerate(standards) for job in standard.jobs]
    told = [(column[code], source, text) for code, source, text in prose if source != "task"]
    # All texts at once: the cache is read and written once.
    groups = (
        [_plain(standard.title) for standard in standards],
        [_plain(title) for _, title in listed],
        [_plain(job) for _, job in jobs],
        [f"{standard.title}. {standard.overview}" for standard in standards],
        [text for *_, text in told],
    )
    ends = np.cumsum([len(group) for group in groups])
    own, other, job_vectors, roles, described = np.split(embed([text for group in groups for text in group]), ends[:-1])

    by_title = own @ other.T
    title = _best(by_title, owners, len(column))
    by_job = _best(job_vectors @ other.T, owners, len(column)) if jobs else np.empty((0, len(column)))
    job = title.copy()
    rows = np.array([row for row, _ in jobs], int)
    for row in set(rows.tolist()):
        job[row] = by_job[rows == row].mean(axis=0)
    by_text = roles @ described.T
    text = _best(by_text, [owner for owner, *_ in told], len(column))
    is_description = [place for place, (_, source, _) in enumerate(told) if source == "description"]
    description = _best(by_text[:, is_description], [told[place][0] for place in is_description], len(column))

    def nearest(row: int, group: int) -> str:
        mine = [place for place, owner in enumerate(owners) if owner == group]
        return listed[max(mine, key=lambda place: by_title[row, place])][1]

    return _TITLE * title + _JOBS * job + _DESCRIPTION * description + _TEXT * text, nearest


def _best(cosines: np.ndarray, owners: Sequence[int], groups: int) -> np.ndarray:
    """(rows, texts) -> (rows, groups): the highest cosine of each group's texts, 0 where it has none."""
    import numpy as np

    best = np.zeros((cosines.shape[0], groups))
    for place, owner in enumerate(owners):
        np.maximum(best[:, owner], cosines[:, place], out=best[:, owner])
    return best


def _exact(standards: Sequence[_Standard], listed: Sequence[tuple[str, str]], column: Mapping[str, int]) -> np.ndarray:
    """(standards, groups): 1 if the standard's title is one of the group's, plus the share of its job titles that are; shared among groups that tie."""
    import numpy as np

    known: dict[str, set[int]] = {}
    for code, title in listed:
        for key in {title_key(title), title_key(_plain(title))}:
            known.setdefault(key, set()).add(column[code])
    hits = np.zeros((len(standards), len(column)))
    for row, standard in enumerate(standards):
        for weight, named in ((1.0, [standard.title]), (1 / max(len(standard.jobs), 1), standard.jobs)):
            for title in named:
                groups = next((known[key] for key in (title_key(_plain(title)), _bare(title)) if key and key in known), set())
                for group in groups:
                    hits[row, group] += weight / len(groups)
    return hits


def title_key(title: str) -> str:
    """What two titles must share to be the same title: their words in the singular, in order; "" where they name no trade."""
    found = _words(title)
    return "" if all(word in _GENERIC for word in found) else " ".join(found)


def _bare(title: str) -> str:
    """The key of a standard's title without words of rank and form; those of a listed title count: a nurse practitioner is no nurse."""
    return title_key(" ".join(word for word in _words(_plain(title)) if word not in _EMPTY))


def _plain(title: str) -> str:
    """A title without its brackets, or as it is if that leaves nothing."""
    return _BRACKETS.sub("", title).strip() or title


def _words(text: str) -> list[str]:
    """Words in order, singular, synonyms replaced."""
    folded = f" {normalise(text)} "
    for old, new in _SAME.items():
        folded = re.sub(rf" {old}s? ", f" {new} ", folded)
    return [word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word for word in folded.split()]


def _columns(table: pa.Table, *names: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(table[name].to_pylist() for name in names), strict=True)
