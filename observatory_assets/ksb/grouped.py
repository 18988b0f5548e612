"""Statements onto a taxonomy whose skills have groups and definitions (UK-SSC): to a skill, to its group only, or to neither.

Belongs here: what of a statement is read, the score, the bands, the rows of derived.ksb_link. Does not belong here: lists of labels (linker.py), the survey's
KSB areas (matcher.py), where the taxonomy's files lie (observatory_assets.linking).
Neither the company of other statements nor their order, the size of a batch or the number of threads changes a bit of a row: words are weighed by the
taxonomy alone, and vectors are rounded so far that products of them are exact.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from observatory_assets.ksb.concepts import QUALIFIER, Concept, concepts_of_uk_ssc, exact_names, look
from observatory_assets.ksb.lexical import Tfidf, stems_of
from observatory_assets.ksb.model import Embedder, Vectors, vectors_for
from observatory_assets.ksb.taxonomy import KINDS
from observatory_assets.ksb.text import clauses, clean, normalise, stem, words
from resources.errors import ObservatoryError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

GROUPED_VERSION = "2"
LINK_THRESHOLD_VERSION = "2"
DIGITS = 6
BLOCK = 512  # statements whose scores are in memory at once: 14 MB a matrix for UK-SSC

# The model reads one phrase of a statement, its gist: of the clause whose words come nearest to a skill, the first GIST_WORDS words without brackets, opening,
# aim, manner and the words of _SILENT. That is 12 tokens of a KSB where the statement and each of its clauses, as read at first, are 42 (315 statements a
# CPU-second instead of 39). Of 250 statements judged by eye 74% of the links are right and 95% right or a neighbour, where they were 79% and 98% then; the
# 250 were drawn, and the scores then made, with the first way.
GIST_WORDS = 12
_SILENT = words("the a an their its his her this that these those all any own such both each every and of to")

# score = mean cosine of the gist with a skill's name and with its name and definition + 0.5 TF-IDF cosine of the clauses with them; 1.5 at most.
# Bands, from 250 statements whose first link was read by eye without its score, and then every skill-level link of 1,604 real statements and 1,500 of UK-SSC's
# own tasks. They were moved on seeing these, so the figures are no held-out ones. Skill-level links: 16 of 17 among the 250 are right, of the 51 of all
# statements one is wrong and three are doubtful, of the 26 of tasks one is wrong and one doubtful. Groups at GROUP_SURE and more: 68 of 77 are right, the
# others but one a neighbour; below it 41 of 66. Of the 1,604 statements 52% link to a group or finer, 3% to a skill.
SKILL_AT, SKILL_MARGIN, SKILL_COVERED, SKILL_LEADS = 0.80, 0.10, 0.85, 4
GROUP_AT, GROUP_SURE = 0.93, 1.10
NEAR = 0.05  # a statement this near to GROUP_AT goes to the reviewers
# What has fewer words in common with every group (pooled TF-IDF evidence) is not read by the model: one in seven statements, of which one in four would link.
SAID_AT = 0.10
POOL_TOP, POOL_MEAN, POOL_NAME = 3, 0.3, 0.3
BEST = 1.5

# A statement's aim or manner ("to ensure …", "in line with …") is not its skill.
_MANNER = re.compile(
    r"[,;]?\s+\b(?:in order to|so as to|so that|to ensure|ensuring|to enable|in accordance with|in line with|in compliance with|according to"
    r"|taking into account|whilst|while|where appropriate|as (?:required|appropriate|necessary)|within (?:own|the) (?:limits|scope|remit)|using appropriate"
    r"|such as|for example|e\.g\.?|including|by)\b.*$",
    re.I,
)
_OPENING = re.compile(
    r"^(?:be able to|ability to|able to|demonstrate (?:the |an )?(?:ability|competence|capability) (?:to|in)|how to|can|the ability to|knows? how to|carry out"
    r"|undertake|perform|use of|ensures?)\s+",
    re.I,
)
_PARTICLES = words("and or the a to of")
# Products of unit vectors rounded to multiples of 2^-25 are multiples of 2^-50 of at most 1: float64 adds them without rounding, in any order.
_EXACT = float(2**25)

COLUMNS = (  # of ksb_link
    "text_sha256", "kind_given", "level", "skill", "skill_group", "runner_up_group",
    "score", "dense_score", "lexical_score", "margin", "method", "band", "reason", "link_threshold_version",
    "scheme", "scheme_version", "model_name", "model_sha256", "tokenizer_sha256", "linker_version",
)  # fmt: skip
NOT_HELD = "no UK-SSC skills at hand: place the publisher's file in the drop folder uk_ssc and refresh"
NO_BEHAVIOURS = "UK-SSC has no behaviours"


@dataclass(frozen=True, eq=False)  # arrays do not compare to one truth
class Verdict:
    """What one text means.

    method: "exact", "hybrid", "lexical" (no sentence model) or "none" (not a statement). scores: one per concept, rounded; None with method "none".
    first: row of the first concept. The rest belongs to taxonomies with groups. level: "skill", "group" or "none". score, margin: of the skill, or the
    group's pooled evidence. dense_score and lexical_score: cosines of the skill, or of the group's best skill.
    """

    method: str
    reason: str | None = None
    scores: np.ndarray | None = None
    first: int | None = None
    level: str | None = None
    skill: str | None = None
    group: str | None = None
    runner_up_group: str | None = None
    score: float | None = None
    dense_score: float | None = None
    lexical_score: float | None = None
    margin: float | None = None
    band: str | None = None

    @property
    def link(self) -> str | None:
        """Label of the skill or group linked to."""
        return self.skill or self.group


def _bare(clause: str) -> str:
    """A clause without brackets and opening; as it is if hardly a word is left."""
    bare = _OPENING.sub("", QUALIFIER.sub("", clause).strip(" ,.;"))
    return bare if bare.count(" ") >= 1 else clause


def _units(text: str) -> list[str]:
    """The clauses of a statement without brackets, opening, aim and manner: 1 to 12 of them, each once."""
    units = []
    for clause in clauses(text):
        bare = _bare(clause)
        short = _MANNER.sub("", bare).strip(" ,.;")
        units.append(short if short.count(" ") >= 1 else bare)
    return list(dict.fromkeys(units))


def _gist(unit: str) -> str:
    told = [word for word in unit.split() if word.lower() not in _SILENT]
    return " ".join((told or unit.split())[:GIST_WORDS]).strip(" ,.;") or unit


def _exact(vectors: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.round(vectors.astype(np.float64) * _EXACT) / _EXACT


class Grouped:
    """A taxonomy whose skills have groups; build it once, it is read-only afterwards."""

    at_once = BLOCK

    def __init__(self, concepts: Sequence[Concept], embedder: Embedder | None, cache_path: Path | None) -> None:
        """Prepare the concepts, embedding what the cache has not seen (UK-SSC: half a minute of one core)."""
        import numpy as np

        self.concepts, self.embedder = list(concepts), embedder
        self.exact = exact_names(self.concepts)
        self.groups = sorted({concept.group for concept in self.concepts})
        place = {group: row for row, group in enumerate(self.groups)}
        self.group_of = np.array([place[concept.group] for concept in self.concepts])
        self.by_group = np.argsort(self.group_of, kind="stable")
        self.starts = np.searchsorted(self.group_of[self.by_group], np.arange(len(self.groups)))
        self.by_text = Tfidf([f"{concept.label} . {concept.label} . {concept.group} . {concept.definition}" for concept in self.concepts])
        self.weight_of = self.by_text.weight_of()
        if embedder is not None:
            labels, number = [concept.label for concept in self.concepts], len(self.concepts)
            vectors, _ = vectors_for([*labels, *(f"{one.label}. {one.definition}" for one in self.concepts), *self.groups], embedder, cache_path)
            vectors = vectors.astype(np.float64)
            self.skill_vectors = _exact((vectors[:number] + vectors[number : 2 * number]) / 2).T.copy()
            self.group_vectors = _exact(vectors[2 * number :]).T.copy()

    def verdicts(self, texts: Sequence[str], embed: Callable[[Sequence[str]], np.ndarray] | None = None, *, read_all: bool = False) -> Iterator[Verdict]:
        """One verdict per cleaned text, in order.

        Args:
            embed: texts -> vectors, such as a cache's; None embeds without one.
            read_all: have the model read also what its words keep from any link, for the order of its skills; no level depends on it.
        """
        for start in range(0, len(texts), BLOCK):
            block = texts[start : start + BLOCK]
            looked = [look(text, self.exact) for text in block]
            read = [(text, exact) for text, (exact, why) in zip(block, looked, strict=True) if why is None]
            found = iter(self._block(read, embed or (self.embedder and self.embedder.embed), read_all) if read else ())
            for _, why in looked:
                yield next(found) if why is None else Verdict("none", why, level="none", band="abstain")

    def _block(self, read: list[tuple[str, int | None]], embed: Callable[[Sequence[str]], np.ndarray] | None, read_all: bool) -> Iterator[Verdict]:
        import numpy as np

        units = [_units(text) for text, _ in read]
        first = np.cumsum([0, *map(len, units)])
        by_unit = self.by_text.cosines([unit for one in units for unit in one])
        nearest = by_unit.max(axis=1).round(DIGITS)
        lexical = np.maximum.reduceat(by_unit, first[:-1], axis=0)
        scores, dense, named = 0.5 * lexical, np.zeros_like(lexical), np.zeros((len(read), len(self.groups)))
        said = self._pooled(np.round(scores, DIGITS)).max(axis=1) >= SAID_AT
        rows = [row for row, (_, exact) in enumerate(read) if self.embedder is not None and (read_all or (said[row] and exact is None))]
        if rows and embed is not None:
            gists = [_gist(units[row][int(nearest[first[row] : first[row + 1]].argmax())]) for row in rows]
            vectors = _exact(embed(gists))
            dense[rows] = vectors @ self.skill_vectors
            named[rows] = vectors @ self.group_vectors
        scores = np.round(scores + dense, DIGITS)
        best = self._best(scores)
        pooled = np.round(self._pooled(scores) + POOL_NAME * named, DIGITS)
        was_read = set(rows)
        for row, (text, exact) in enumerate(read):
            cosines = (dense[row] if row in was_read else None, lexical[row])
            yield self._decide(text, exact, bool(said[row]), scores[row], best[row], pooled[row], cosines)

    def _best(self, scores: np.ndarray) -> np.ndarray:
        """Each group's best skill: shape (texts, groups)."""
        import numpy as np

        return np.maximum.reduceat(scores[:, self.by_group], self.starts, axis=1)

    def _pooled(self, scores: np.ndarray) -> np.ndarray:
        return self._best(scores) + POOL_MEAN * self._mean_of_best(scores)

    def _mean_of_best(self, scores: np.ndarray) -> np.ndarray:
        """The mean of each group's POOL_TOP best skills, or of all it has: shape (texts, groups)."""
        import numpy as np

        means = np.empty((len(scores), len(self.groups)))
        sizes = np.diff([*self.starts, len(self.concepts)])
        for size in np.unique(sizes):  # groups of one size at once
            groups = np.flatnonzero(sizes == size)
            own = scores[:, self.by_group[self.starts[groups][:, None] + np.arange(size)]]
            means[:, groups] = np.sort(own, axis=2)[:, :, -POOL_TOP:].mean(axis=2)
        return means

    def _decide(
        self,
        text: str,
        exact: int | None,
        said: bool,
        scores: np.ndarray,
        best: np.ndarray,
        pooled: np.ndarray,
        cosines: tuple[np.ndarray | None, np.ndarray],
    ) -> Verdict:
        """The skill, only its group, or nothing.

        A skill needs a score of SKILL_AT, SKILL_MARGIN more than any skill of another group, SKILL_COVERED of its own words (by weight) in the statement, which
        keeps "Dispose of electronic equipment" from any statement on waste, and its verb among the first SKILL_LEADS words of a clause: "Maintain records of
        the furniture that we design" is no link to "Design furniture". A group needs evidence pooled over its skills: its best skill, the mean of its
        POOL_TOP best and its name.
        """
        import numpy as np

        first = int(scores.argmax()) if exact is None else exact
        own, group = int(self.group_of[first]), int(pooled.argmax())
        margin = _lead(best, own)
        sure = exact is None and said and self.embedder is not None and scores[first] >= SKILL_AT and margin >= SKILL_MARGIN
        method, reason = "lexical" if cosines[0] is None else "hybrid", None
        if exact is not None:
            scores = scores.copy()
            scores[exact] = max(BEST, float(scores.max()))
            method, level, band, skill, group, score, margin = "exact", "skill", "auto", first, own, scores[first], None
        elif sure and self._names(text, self.concepts[first].label):
            level, band, skill, group, score = "skill", "auto", first, own, scores[first]
        else:
            skills = np.flatnonzero(self.group_of == group)
            skill, score, margin = int(skills[scores[skills].argmax()]), pooled[group], _lead(pooled, group)
            if self.embedder is None:
                level, band, reason = "none", "abstain", "without the sentence model no band is calibrated"
            elif not said:
                level, band, reason = "none", "abstain", "too few words in common with any group"
            elif score >= GROUP_AT:
                level, band = "group", "auto" if score >= GROUP_SURE else "review"
            else:
                level, band, reason = "none", "review" if score >= GROUP_AT - NEAR else "abstain", "no group reached its threshold"
        # What an abstention names is the group it came nearest to.
        next_best = pooled if level == "none" else np.where(np.arange(len(pooled)) == group, -1.0, pooled)
        return Verdict(
            method=method,
            reason=reason,
            scores=scores,
            first=first,
            level=level,
            skill=self.concepts[skill].label if level == "skill" else None,
            group=None if level == "none" else self.groups[group],
            runner_up_group=self.groups[int(next_best.argmax())] if len(self.groups) > 1 or level == "none" else None,
            score=round(float(score), DIGITS),
            dense_score=None if cosines[0] is None else round(float(cosines[0][skill]), DIGITS),
            lexical_score=round(float(cosines[1][skill]), DIGITS),
            margin=None if margin is None else round(float(margin), DIGITS),
            band=band,
        )

    def _names(self, text: str, label: str) -> bool:
        """Whether the statement has SKILL_COVERED of a label's words, by weight, and its verb early in a clause."""
        said, wanted = set(stems_of(text)), set(stems_of(label))
        weight = {term: self.weight_of.get(term, 0.0) for term in sorted(wanted)}
        if not wanted or sum(value for term, value in weight.items() if term in said) < SKILL_COVERED * sum(weight.values()):
            return False
        verb = stem(next(iter(normalise(label).split()), ""))
        return any(verb in _leading(unit) for unit in (text, *map(_bare, clauses(text))))


def _lead(values: np.ndarray, row: int) -> float:
    """By how much a row is above every other; its own value where it is alone."""
    import numpy as np

    return float(values[row] - np.delete(values, row).max(initial=0.0))


def _leading(unit: str) -> set[str]:
    """Stems of the first SKILL_LEADS words, particles aside."""
    return {stem(word) for word in [word for word in normalise(unit).split() if word not in _PARTICLES][:SKILL_LEADS]}


def link_statements(statements: pa.Table, skills: pa.Table, *, embedder: Embedder | None, cache_path: Path | None = None) -> pa.Table:
    """Link each distinct (text, kind) to a skill or a group of UK-SSC.

    Args:
        statements: columns text_sha256, kind ('knowledge' | 'skill' | 'behaviour' | NULL), text; repeats are linked once.
        skills: columns skill, skill_group, definition, scheme_version of the current version; no row where no taxonomy is held.
        embedder: None links exact labels only: no band is calibrated for words alone.
        cache_path: Parquet cache of vectors, of the taxonomy and of the statements' gists: only what it has not seen is embedded.

    Returns:
        The columns of COLUMNS, one row per (text_sha256, kind), ordered by both. level 'skill' has skill and skill_group, 'group' only skill_group, 'none'
        neither: method 'abstain' with the reason, runner_up_group then being the nearest group. Otherwise runner_up_group is the next best. score: of the
        skill (1.5 at most), or the group's pooled evidence (2.25 at most). band: 'auto', 'review' (a group or abstention near its threshold), 'abstain'.

    Raises:
        ObservatoryError: a kind that is none of the three.
    """
    import pyarrow as pa

    if unknown := set(statements["kind"].to_pylist()) - {*KINDS, None}:
        raise ObservatoryError(
            "statements of an unknown kind", rule="kind is a KSB kind or NULL", expected=KINDS, found=sorted(unknown), action="map the kind first"
        )
    columns = (statements[name].to_pylist() for name in ("text_sha256", "kind", "text"))
    wanted = sorted({(sha, kind or ""): text for sha, kind, text in zip(*columns, strict=True)}.items())
    readable = {sha: clean(text) for (sha, kind), text in wanted if kind != "behaviour"}
    if skills.num_rows:
        grouped = Grouped(concepts_of_uk_ssc(skills), embedder, cache_path)
        store = Vectors(embedder, cache_path) if embedder is not None else None
        found = grouped.verdicts(list(readable.values()), store and store.of)
        verdicts = {sha: _columns(verdict) for sha, verdict in zip(readable, found, strict=True)}
        if store is not None:
            store.save()
    else:
        verdicts = dict.fromkeys(readable, _columns(Verdict("none", NOT_HELD, level="none", band="abstain")))
    behaviour = _columns(Verdict("none", NO_BEHAVIOURS, level="none", band="abstain"))
    stamp = {
        "link_threshold_version": LINK_THRESHOLD_VERSION,
        "scheme": "uk_ssc",
        "scheme_version": max(filter(None, skills["scheme_version"].to_pylist()), default=None),
        "model_name": embedder and embedder.name,
        "model_sha256": embedder and embedder.model_sha256,
        "tokenizer_sha256": embedder and embedder.tokenizer_sha256,
        "linker_version": GROUPED_VERSION,
    }
    rows = [{"text_sha256": sha, "kind_given": kind or None, **(behaviour if kind == "behaviour" else verdicts[sha]), **stamp} for (sha, kind), _ in wanted]
    types = dict.fromkeys(("score", "dense_score", "lexical_score", "margin"), pa.float64())
    return pa.Table.from_pylist(rows, schema=pa.schema([(name, types.get(name, pa.string())) for name in COLUMNS]))


def _columns(verdict: Verdict) -> dict[str, Any]:
    """The verdict's part of a row; its scores per skill are let go."""
    same = ("level", "skill", "runner_up_group", "score", "dense_score", "lexical_score", "margin", "band", "reason")
    return {
        **{name: getattr(verdict, name) for name in same},
        "skill_group": verdict.group,
        "method": "abstain" if verdict.level == "none" else verdict.method,
    }
