"""Apprenticeship standards onto SOC 2020 unit groups, by the job titles both publish.

Belongs here: normalising and comparing job titles, thresholds, and the reviewers' overrides of them. Does not belong here: statements.
"""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from observatory_assets.ksb.text import clean, normalise, stem, words
from resources.errors import ObservatoryError

if TYPE_CHECKING:
    import pyarrow as pa

OCCUPATIONS_VERSION = "1"
ACCEPT = 0.65  # weighted token score of 0-1; set by eye on the links of 640 titles, not yet on a labelled sample
MOST_LINKS = 3
COLUMNS = ("reference", "soc_code", "rank", "score", "method", "job_title", "matched_title", "matcher_version")

_BRACKETS = re.compile(r"\s*[(\[][^)\]]*(?:[)\]]|$)")
# Words of rank, form or none at all: they say nothing about the trade, so they neither make nor break a match.
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
_RANK = words("manager director head leader instructor lecturer teacher supervisor owner proprietor examiner")
_RANK_STEMS, _EMPTY_STEMS, _GENERIC_STEMS = (frozenset(map(stem, group)) for group in (_RANK, _EMPTY, _GENERIC))
# Spelling and names that differ between the two publishers.
_SAME = {
    "advisor": "adviser",
    "lorry": "hgv",
    "lgv": "hgv",
    "healthcare": "health care",
    "bicycle": "cycle",
    "telecoms": "telecommunications",
    "telecom": "telecommunications",
    "software developer": "software development professional programmer",
    "motor vehicle": "vehicle",
    "undertaker": "funeral director",
    "early years educator": "nursery nurse",
    "joiner": "carpenter joiner",
    "teacher": "teaching professional teacher",
    "adult care": "care worker",
    "floorlayer": "floor layer",
    "machinist": "machinist machine",
}


@dataclass(frozen=True)
class OccupationOverride:
    """A reviewer's decision: the unit group of a standard, or (soc_code None) that it has none."""

    reference: str
    soc_code: str | None
    reviewer: str
    decided_at: str


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
    return tuple(
        sorted((OccupationOverride(row["reference"], row["soc_code"] or None, row["reviewer"], row["decided_at"]) for row in rows), key=lambda o: o.decided_at)
    )


def _words(title: str) -> list[str]:
    """Words of a job title in order, singular, synonyms replaced."""
    text = f" {normalise(clean(title))} "
    for old, new in _SAME.items():
        text = re.sub(rf" {old}s? ", f" {new} ", text)
    return [word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word for word in text.split()]


def title_key(title: str) -> str:
    """What two titles must share to be the same title: their words in the singular, brackets included, in order."""
    return " ".join(_words(title))


def _bare(title: str) -> list[str]:
    """The words that say what the trade is: brackets and words of rank or form gone (all words, if that leaves none)."""
    everything = _words(_BRACKETS.sub("", title))
    return [word for word in everything if word not in _EMPTY] or everything


def _stem(word: str) -> str:
    # Snowball makes a market trader of a marketing assistant and an examination clerk of an examiner.
    return word if word in ("marketing", "examiner") else stem(word)


class _SocTitles:
    """Unit-group titles and related job titles, indexed for the three ways a title is compared with them."""

    def __init__(self, groups: dict[str, str], titles: list[tuple[str, str]]) -> None:
        self.known = sorted({(code, title) for code, title in [*groups.items(), *titles] if code in groups and title})
        self.exact: dict[str, list[tuple[str, str]]] = {}
        documents: dict[str, set[str]] = {}
        self.tokens = []
        for code, title in self.known:
            self.exact.setdefault(title_key(title), []).append((code, title))
            if (plain := _BRACKETS.sub("", title)) != title and not self._generic(plain):
                self.exact.setdefault(title_key(plain), []).append((code, title))
            self.tokens.append({_stem(word) for word in _words(title)})
            documents.setdefault(code, set()).update(self.tokens[-1])
        self.group_words = documents
        count = {word: sum(word in own for own in documents.values()) for word in set().union(*documents.values())}
        self.weight = {word: math.log(1 + len(documents) / n) * (0.25 if word in _EMPTY_STEMS else 1.0) for word, n in count.items()}
        self.unseen = math.log(1 + len(documents))
        self.vocabulary = sorted(word for word in count if len(word) >= 6)
        self.by_word: dict[str, list[int]] = {}
        for index, own in enumerate(self.tokens):
            for word in own:
                self.by_word.setdefault(word, []).append(index)

    @staticmethod
    def _generic(title: str) -> bool:
        return all(word in _GENERIC for word in _bare(title))

    def candidates(self, title: str) -> tuple[str, float, list[tuple[str, str]]]:
        """(method, score 0-1, [(unit group, its title that matched)]) of one job title; nothing for a title that names no trade."""
        from rapidfuzz import fuzz, process

        plain = _BRACKETS.sub("", title)
        for form, score in ((title, 1.0), (plain, 1.0), (" ".join(_bare(title)), 0.95)):
            if hits := self.exact.get(title_key(form)):
                return "exact_title" if score == 1.0 else "title", score, hits
        if self._generic(title):
            return "abstain", 0.0, []
        trade = []
        for word in map(_stem, _bare(title)):
            # Publishers misspell ("assesor", "engneer"); a near-identical known word is that word.
            typo = process.extractOne(word, self.vocabulary, scorer=fuzz.ratio, score_cutoff=90) if word not in self.weight and len(word) >= 6 else None
            trade.append(typo[0] if typo else word)
        query = dict.fromkeys(trade)
        weights = {word: self.weight.get(word, self.unseen) for word in query}
        length = math.sqrt(sum(weight**2 for weight in weights.values()))
        scored = []
        for index in {index for word in query for index in self.by_word.get(word, ())}:
            code, matched = self.known[index]
            shared = self.tokens[index] & query.keys()
            cosine = sum(weights[word] ** 2 for word in shared) / (length * math.sqrt(sum(self.weight[word] ** 2 for word in self.tokens[index])))
            # Words that other titles of the same unit group know count as well: "pipe welder" where the group has "welder" and "pipe".
            covered = sum(weights[word] for word in self.group_words[code] & query.keys()) / sum(weights.values())
            # A mechanic is no instructor and an assistant no director, however rare the word they share.
            rank = 0.75 if (self.tokens[index] & _RANK_STEMS) - query.keys() or (code[0] == "1" and not query.keys() & _RANK_STEMS) else 1.0
            score = rank * (0.6 * cosine + 0.4 * covered)
            # A plate welder is a welder, whatever the plate: a listed title that is the query less its qualifiers.
            if trade[-1] in self.tokens[index] <= query.keys() and trade[-1] not in _GENERIC_STEMS:
                score = max(score, 0.8)
            if not shared <= _GENERIC_STEMS:
                scored.append((-round(score, 6), code, matched))
        scored = [row for row in sorted(scored) if -row[0] >= ACCEPT]
        if not scored:
            return "abstain", 0.0, []
        best: dict[str, str] = {}
        for score, code, matched in scored:
            if score == scored[0][0]:
                best.setdefault(code, matched)
        return "title", -scored[0][0], list(best.items())


def match_standards(
    standards: pa.Table, job_titles: pa.Table, unit_groups: pa.Table, soc_job_titles: pa.Table, overrides: tuple[OccupationOverride, ...] = ()
) -> pa.Table:
    """Link each standard to the SOC 2020 unit groups that its own and its typical job titles name.

    Fixed order: override; a title equal to a unit group's title or related job title (with or without brackets and words of rank);
    the nearest title at ACCEPT or more, where rare words weigh more than common ones; otherwise abstention. Votes of several titles are
    summed, the standard's own title counting three times.

    Args:
        standards: columns reference, title (several versions of a reference may be present).
        job_titles: columns reference, job_title.
        unit_groups: columns soc_code, title, of SOC 2020 unit groups.
        soc_job_titles: columns soc_code, job_title.

    Returns:
        Columns COLUMNS: up to three unit groups by standard in rank order, score 0-1; abstentions have soc_code NULL and method 'abstain'.
    """
    import pyarrow as pa

    groups = dict(_columns(unit_groups, "soc_code", "title"))
    soc = _SocTitles(groups, _columns(soc_job_titles, "soc_code", "job_title"))
    titles: dict[str, list[str]] = {}
    for reference, title in _columns(standards, "reference", "title"):
        titles.setdefault(reference, [])
        if title and title not in titles[reference]:
            titles[reference].append(title)
    own = {reference: set(names) for reference, names in titles.items()}
    for reference, title in _columns(job_titles, "reference", "job_title"):
        if reference in titles and title and title not in titles[reference]:
            titles[reference].append(title)
    decided = {override.reference: override for override in overrides}
    rows: list[tuple[Any, ...]] = []
    for reference in sorted(titles):
        if (override := decided.get(reference)) is not None:
            rows.append((reference, override.soc_code, 1, 1.0, "override", None, groups.get(override.soc_code or "")))
            continue
        votes: dict[str, float] = {}
        best: dict[str, tuple[float, str, str, str]] = {}
        for title in titles[reference]:
            method, score, hits = soc.candidates(title)
            for code, matched in hits:
                votes[code] = votes.get(code, 0.0) + score * (3 if title in own[reference] else 1) / len(hits)
                if code not in best or score > best[code][0]:
                    best[code] = (score, method, title, matched)
        # A unit group with under half the votes of the first is another trade that shares one title.
        order = sorted(votes, key=lambda code: (-round(votes[code], 6), code))
        kept = [code for code in order if votes[code] >= votes[order[0]] / 2][:MOST_LINKS]
        rows += [(reference, code, rank, *best[code]) for rank, code in enumerate(kept, 1)]
        if not kept:
            rows.append((reference, None, 1, None, "abstain", next(iter(titles[reference]), None), None))
    schema = pa.schema([(name, pa.int32() if name == "rank" else pa.float64() if name == "score" else pa.string()) for name in COLUMNS])
    return pa.Table.from_pylist([dict(zip(COLUMNS, (*row, OCCUPATIONS_VERSION), strict=True)) for row in rows], schema=schema)


def _columns(table: pa.Table, *names: str) -> list[tuple[Any, ...]]:
    return list(zip(*(table[name].to_pylist() for name in names), strict=True))
