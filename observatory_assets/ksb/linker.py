"""Any text onto any list of skills: the candidates of a taxonomy in order, and for a taxonomy with groups how far a link may go.

Belongs here: concepts from tables and label lists, the scores, their weights and the bands. Does not belong here: the survey's KSB areas (matcher.py), where a
taxonomy's files lie (observatory_assets.linking), common wordings (wording.py).
Every text is scored by itself, in float64, rounded, ties in order of the labels: neither company, order nor threads change a result.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from observatory_assets.ksb.model import Embedder, vectors_for
from observatory_assets.ksb.text import clauses, clean, normalise, not_a_statement, stem
from observatory_assets.ksb.wording import names, other_names, without_introductions
from resources.errors import ObservatoryError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

LINKER_VERSION = "1"
DIGITS = 6

# Weights of the parts of a score, set by hand to round numbers on the validation parts of House and Tech and 300 sentences of SkillSkape's development set.
# 40% more or less of any one but `wording` moves the mean R-Precision@5 of the three by at most 1.3 points.
# whole: cosine of text and label; spans: the best cosine of 1, 2 and 3 neighbouring words in their context, the mean of the three; label, alternatives,
# characters: TF-IDF cosines; wording: nearness to what the text's wordings are called in taxonomies; words: minus per log of the label's words, because of
# two labels equally near the shorter is the more general, and adverts name general skills. R-Precision@5 on House, Tech and 170 sentences of SkillSkape:
# 75, 86 and 47; without `wording` 58, 75 and 43. Its table was written after reading what was missed in House and Tech, so their gain is no forecast.
BY_LABEL = {"whole": 0.5, "spans": 0.3, "label": 0.3, "characters": 0.1, "wording": 0.22, "words": 0.08}
BY_DEFINITION = {"whole": 0.3, "definition": 0.35, "spans": 0.3, "label": 0.2, "alternatives": 0.25, "characters": 0.1, "wording": 0.22, "words": 0.06}
SPANS = (1, 2, 3)
CHUNK = 80  # words read by the model at once: it takes 128 tokens

# The grouped score (UK-SSC) is the sum of two cosines, each times 0.5, and a TF-IDF cosine, times 0.5, and so at most 1.5.
# Bands, from 250 statements whose first link was read by eye without its score, and then every other skill-level link (71) of 1,604 real statements.
# At first (covered 0.70, no SKILL_LEADS) 33 of the 35 skill-level links among the 250 were right, but 57 of the other 71; SKILL_LEADS was added on seeing
# those and SKILL_COVERED raised on seeing 900 of UK-SSC's own tasks (20 of 25 links right), so the figures now are no held-out ones: 48 of 50 statements'
# links right (96%; 86 to 99% with 95% confidence), 13 of 15 tasks'. GROUP_AT takes in half of the statements: 124 of 160 groups were right (78%; 85% and
# 68% on two halves), 156 right or a neighbour (98%). Of the 1,604 statements 53% link to a group or finer, 3% to a skill.
SKILL_AT, SKILL_MARGIN, SKILL_COVERED, SKILL_LEADS = 0.85, 0.10, 0.85, 4
GROUP_AT = 1.0
POOL_TOP, POOL_MEAN, POOL_NAME = 3, 0.3, 0.3

_QUALIFIER = re.compile(r"\s*\([^)]*\)")
_WORD = re.compile(r"[^\s,;:()•*/|]+")
_BOUNDARY = re.compile(r"[,;:()•*|]")
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


@dataclass(frozen=True)
class Concept:
    """A skill of a taxonomy: its label and what else is known of it; ``group`` is the level above."""

    label: str
    definition: str = ""
    alternatives: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True)
class Candidate:
    """A concept a text may mean; ``score`` orders the candidates of one text and is 1 at most (1.5 with groups)."""

    label: str
    score: float
    group: str | None = None


@dataclass(frozen=True)
class Linked:
    """Candidates of one text, best first.

    method: "hybrid", "lexical" (no sentence model), "exact" or "none". reason: why there are no candidates, or no link.
    level, link: with groups only; "skill" and "group" may be taken as they are, "none" may not.
    """

    text: str
    candidates: tuple[Candidate, ...]
    method: str
    reason: str | None = None
    level: str | None = None
    link: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The JSON form: absent rather than null where a field does not apply."""
        candidates = [{name: value for name, value in vars(one).items() if value is not None} for one in self.candidates]
        row: dict[str, Any] = {"text": self.text, "candidates": candidates, "method": self.method}
        return row | {name: value for name in ("reason", "level", "link") if (value := getattr(self, name)) is not None}


# Concepts


def concepts_of_labels(path: Path, known: Iterable[Concept] = ()) -> list[Concept]:
    """Concepts of a list of labels, one a line: blank lines, a byte order mark and repeats do not count.

    Args:
        known: concepts of taxonomies held; a label that one of them has (case and signs aside) takes its definition and alternative labels.

    Raises:
        ObservatoryError: no such file, not UTF-8, or no label in it.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ObservatoryError(
            f"{path} cannot be read as a list of labels",
            rule="labels",
            expected="a UTF-8 text file, one label a line",
            found=str(error),
            action="check the file",
        ) from error
    held: dict[str, Concept] = {}
    for concept in known:
        held.setdefault(normalise(concept.label), concept)
    labels = dict.fromkeys(label for line in lines if (label := clean(line)))
    if not labels:
        raise ObservatoryError(f"{path} holds no label", rule="labels", expected="one label a line", found=f"{len(lines)} blank lines", action="check the file")
    found = [(label, held.get(normalise(label))) for label in labels]
    return [Concept(label, concept.definition, concept.alternatives) if concept else Concept(label) for label, concept in found]


def concepts_of_esco(skills: pa.Table) -> list[Concept]:
    """Concepts of the table esco__skills, in order of their labels, each label once."""
    concepts = {
        row["label"]: Concept(row["label"], row["description"] or row["definition"] or "", tuple(filter(None, (row["alt_labels"] or "").split(" | "))))
        for row in skills.select(["label", "alt_labels", "definition", "description"]).to_pylist()
    }
    return [concepts[label] for label in sorted(concepts)]


def concepts_of_uk_ssc(skills: pa.Table) -> list[Concept]:
    """Concepts of the table uk_ssc__skills, in order of group and name."""
    rows = skills.select(["skill", "definition", "skill_group"]).to_pylist()
    concepts = {(row["skill_group"] or "", row["skill"]): Concept(row["skill"], row["definition"] or "", (), row["skill_group"] or "") for row in rows}
    return [concepts[key] for key in sorted(concepts)]


# Words


@lru_cache(maxsize=1)
def _stop_words() -> frozenset[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return frozenset(ENGLISH_STOP_WORDS)


def _stems(text: str) -> list[str]:
    return [stem(_british(word)) for word in normalise(text).split() if word not in _stop_words()]


def _british(word: str) -> str:
    """Adverts write "organize" and "behavior" where ESCO and UK-SSC write "organise" and "behaviour"."""
    for ending, british in _SPELLINGS:
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return word.removesuffix(ending) + british
    return _SPELLED.get(word, word)


_SPELLINGS = tuple(
    (f"{american}{ending}", f"{british}{ending}")
    for american, british in (("iz", "is"), ("lyz", "lys"))
    for ending in ("e", "es", "ed", "er", "ers", "ing", "ation", "ations")
)
_SPELLED = {
    "behavior": "behaviour", "behaviors": "behaviours", "labor": "labour", "color": "colour", "colors": "colours", "program": "programme",
    "programs": "programmes", "center": "centre", "centers": "centres", "catalog": "catalogue", "jewelry": "jewellery", "fiber": "fibre",
}  # fmt: skip


def _terms(text: str) -> list[str]:
    stems = _stems(text)
    return stems + [f"{left} {right}" for left, right in zip(stems, stems[1:], strict=False)]


class _Tfidf:
    """TF-IDF of documents; vocabulary and weights are theirs alone, so a query's cosines do not depend on other queries."""

    def __init__(self, documents: Sequence[str], **options: Any) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        self.vectorizer = TfidfVectorizer(sublinear_tf=True, **(options or {"analyzer": _terms}))
        try:
            self.known = self.vectorizer.fit_transform(documents).T.tocsr()
        except ValueError:  # no document has a term: labels of stop words only
            self.known = None
        self.documents = len(documents)

    def cosines(self, texts: Sequence[str]) -> np.ndarray:
        """Shape (texts, documents)."""
        import numpy as np

        if self.known is None:
            return np.zeros((len(texts), self.documents))
        return (self.vectorizer.transform(texts) @ self.known).toarray()

    def weight_of(self) -> dict[str, float]:
        """Term -> inverse document frequency."""
        return {} if self.known is None else dict(zip(self.vectorizer.get_feature_names_out(), map(float, self.vectorizer.idf_), strict=True))


def _unit(vectors: np.ndarray) -> np.ndarray:
    import numpy as np

    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


# Linkers


class Linker:
    """Ranks the concepts of one taxonomy for texts; build it once, it is read-only afterwards."""

    def __init__(self, concepts: Sequence[Concept], embedder: Embedder | None, cache_path: Path | None = None) -> None:
        """Prepare the concepts: embeds what the cache has not seen (13,896 labels of ESCO: 27 s of one core, with their definitions 4 minutes more).

        Args:
            embedder: None ranks by words alone, and says so.
            cache_path: Parquet cache of vectors, see model.vectors_for.

        Raises:
            ObservatoryError: no concept.
        """
        if not concepts:
            raise ObservatoryError("a taxonomy without concepts", rule="concepts", expected="at least one label", found="none", action="check the taxonomy")
        self.concepts, self.embedder = list(concepts), embedder
        self.exact: dict[str, int] = {}
        for row, concept in enumerate(self.concepts):
            self.exact.setdefault(normalise(concept.label) or concept.label, row)
        for row, concept in enumerate(self.concepts):
            for name in (_QUALIFIER.sub("", concept.label), *concept.alternatives):
                self.exact.setdefault(normalise(name), row)
        self.exact.pop("", None)
        grouped = all(concept.group for concept in self.concepts)
        self.scheme: _Grouped | _Labelled = (_Grouped if grouped else _Labelled)(self.concepts, embedder, cache_path)

    @property
    def method(self) -> str:
        """What orders the candidates: "hybrid" with the sentence model, "lexical" without."""
        return "lexical" if self.embedder is None else "hybrid"

    def link(self, text: str, top: int = 10) -> Linked:
        """Candidates of one text, at most ``top``; none, with the reason, for a text that says nothing."""
        import numpy as np

        cleaned = clean(text)
        exact = self.exact.get(normalise(cleaned) or cleaned)
        if exact is None and (why := not_a_statement(cleaned)) is not None:
            return Linked(text, (), "none", why, *self.scheme.nothing)
        scores, by_group_name = self.scheme.scores(cleaned)
        scores = np.round(scores, DIGITS)
        if exact is not None:
            scores[exact] = max(self.scheme.best, float(scores.max()))
        # Ties in order of the list; an exact label goes before any that reaches its score.
        order = np.lexsort((np.arange(len(scores)), -scores))
        if exact is not None:
            order = np.concatenate(([exact], order[order != exact]))
        chosen = order[:top]
        candidates = tuple(Candidate(self.concepts[row].label, float(scores[row]), self.concepts[row].group or None) for row in chosen)
        decided = self.scheme.decide(cleaned, scores, by_group_name, int(order[0]), exact is not None)
        return Linked(text, candidates, self.method if exact is None else "exact", *decided)


class _Labelled:
    """A flat list of labels, with definitions and alternative labels where known."""

    best = 1.0
    nothing: tuple[str | None, ...] = (None, None)

    def __init__(self, concepts: Sequence[Concept], embedder: Embedder | None, cache_path: Path | None) -> None:
        import numpy as np

        self.embedder = embedder
        labels = [concept.label for concept in concepts]
        bare = [_QUALIFIER.sub("", label).strip() or label for label in labels]
        # "Java (computer programming)" is met as "Java" too: such labels have a second row, of which the better counts.
        self.second = np.array([row for row, (label, short) in enumerate(zip(labels, bare, strict=True)) if label != short], np.int64)
        rows = labels + [bare[row] for row in self.second]
        described = sum(bool(concept.definition) for concept in concepts) * 2 > len(concepts)
        weights = dict(BY_DEFINITION if described else BY_LABEL)
        if embedder is None:
            weights = {part: weight for part, weight in weights.items() if part in ("label", "alternatives", "characters", "wording", "words")}
        total = sum(weights.values()) - weights["words"]
        self.weights = {part: weight / total for part, weight in weights.items()}
        self.shortness = -np.log([max(1, len(label.split())) for label in labels])
        self.by_label = _Tfidf(rows)
        self.by_characters = _Tfidf([normalise(name) for name in bare], analyzer="char_wb", ngram_range=(3, 5))
        if described:
            self.by_alternatives = _Tfidf([" . ".join((concept.label, *concept.alternatives)) for concept in concepts])
        called = names()
        self.called = {name: row for row, name in enumerate(called)}
        nearness = self._better(self.by_label.cosines(called))
        if embedder is not None:
            vectors, _ = vectors_for(called + rows, embedder, cache_path)
            self.vectors = vectors[len(called) :].astype(np.float64)
            nearness = 0.5 * nearness + 0.5 * self._better(vectors[: len(called)].astype(np.float64) @ self.vectors.T)
            if described:
                texts = [f"{concept.label}. {concept.definition}" if concept.definition else concept.label for concept in concepts]
                self.definitions = vectors_for(texts, embedder, cache_path)[0].astype(np.float64)
        # A name that is a label counts fully, one that is only near counts half: near is what the other parts measure as well.
        self.nearness = np.where(nearness > 0.93, nearness + 1, nearness).astype(np.float32) / 2

    def _better(self, similarity: np.ndarray) -> np.ndarray:
        """(texts, labels and second rows) -> (texts, labels): the better of a label's two rows."""
        import numpy as np

        first = similarity[:, : similarity.shape[1] - len(self.second)].copy()
        if len(self.second):
            first[:, self.second] = np.maximum(first[:, self.second], similarity[:, first.shape[1] :])
        return first

    def scores(self, text: str) -> tuple[np.ndarray, None]:
        """One score per label for a cleaned text (and nothing about groups)."""
        import numpy as np

        said = without_introductions(text)
        parts = {
            "label": self._better(self.by_label.cosines([said]))[0],
            "characters": self.by_characters.cosines([normalise(said)])[0],
            "words": self.shortness,
        }
        if "alternatives" in self.weights:
            parts["alternatives"] = self.by_alternatives.cosines([said])[0]
        if meant := other_names(text):
            weight = np.array(list(meant.values()), np.float32)[:, None]
            parts["wording"] = (weight * self.nearness[[self.called[name] for name in meant]]).max(axis=0).astype(np.float64)
        if self.embedder is not None:
            whole, spans = _read(said, self.embedder)
            parts["whole"] = self._better(whole @ self.vectors.T).max(axis=0)
            parts["spans"] = sum(self._better((span @ self.vectors.T).max(axis=0, keepdims=True))[0] for span in spans) / len(spans)
            if "definition" in self.weights:
                parts["definition"] = (whole @ self.definitions.T).max(axis=0)
        return sum(self.weights[part] * values for part, values in parts.items()), None

    def decide(self, text: str, scores: np.ndarray, by_group_name: None, first: int, exact: bool) -> tuple[str | None, ...]:
        """Labels alone carry no bands: what a score is worth depends on the list."""
        return (None, None, None)


def _read(text: str, embedder: Embedder) -> tuple[np.ndarray, list[np.ndarray]]:
    """Unit vectors of a text and of its spans of SPANS words, which take one pass: a word's vector is read in its context.

    Returns:
        (chunks, 384), and for each length (spans, 384); spans do not cross commas, colons or brackets.
    """
    import numpy as np

    words = text.split()
    whole: list[np.ndarray] = []
    spans: list[list[np.ndarray]] = [[] for _ in SPANS]
    for start in range(0, max(1, len(words)), CHUNK):
        chunk = " ".join(words[start : start + CHUNK])
        vectors, offsets = embedder.token_vectors(chunk)
        whole.append(vectors.mean(axis=0))
        places = [match.span() for match in _WORD.finditer(chunk)]
        tokens: list[list[int]] = [[] for _ in places]
        word = 0
        for token, (left, right) in enumerate(offsets):
            while word < len(places) and places[word][1] <= left:
                word += 1
            if right > left and word < len(places) and left >= places[word][0] and right <= places[word][1]:
                tokens[word].append(token)
        broken = [bool(_BOUNDARY.search(chunk, before[1], after[0])) for before, after in zip(places, places[1:], strict=False)]
        for found, length in zip(spans, SPANS, strict=True):
            for left in range(max(1, len(places) - length + 1)):
                right = min(len(places), left + length)
                if not any(broken[left : right - 1]) and (inside := [token for word in tokens[left:right] for token in word]):
                    found.append(vectors[inside].mean(axis=0))
    return _unit(np.array(whole)), [_unit(np.array(found or whole)) for found in spans]


def _leading(unit: str) -> set[str]:
    """Stems of the first SKILL_LEADS words, particles aside."""
    words = [word for word in normalise(unit).split() if word not in ("and", "or", "the", "a", "to", "of")]
    return {stem(word) for word in words[:SKILL_LEADS]}


class _Grouped:
    """A taxonomy whose skills have groups and definitions (UK-SSC)."""

    best = 1.5
    nothing: tuple[str | None, ...] = ("none", None)

    def __init__(self, concepts: Sequence[Concept], embedder: Embedder | None, cache_path: Path | None) -> None:
        import numpy as np

        self.concepts, self.embedder = concepts, embedder
        self.groups = sorted({concept.group for concept in concepts})
        place = {group: row for row, group in enumerate(self.groups)}
        self.group_of = np.array([place[concept.group] for concept in concepts])
        self.by_text = _Tfidf([f"{concept.label} . {concept.label} . {concept.group} . {concept.definition}" for concept in concepts])
        self.weight_of = self.by_text.weight_of()
        if embedder is not None:
            texts = [concept.label for concept in concepts] + [f"{concept.label}. {concept.definition}" for concept in concepts] + self.groups
            vectors = vectors_for(texts, embedder, cache_path)[0].astype(np.float64)
            self.names, self.definitions, self.group_names = np.split(vectors, [len(concepts), 2 * len(concepts)])

    def _units(self, text: str) -> list[str]:
        """The statement and each of its clauses without brackets, opening and manner."""
        units = [text]
        for clause in clauses(text):
            bare = _OPENING.sub("", _QUALIFIER.sub("", clause).strip(" ,.;"))
            units += [unit for unit in (bare, _MANNER.sub("", bare).strip(" ,.;")) if unit.count(" ") >= 1]
        return list(dict.fromkeys(units))

    def scores(self, text: str) -> tuple[np.ndarray, np.ndarray | None]:
        """One score per skill, of the statement's units the best, and one cosine per group's name (None without the model)."""
        units = self._units(text)
        lexical = 0.5 * self.by_text.cosines(units)
        if self.embedder is None:
            return lexical.max(axis=0), None
        vectors = self.embedder.embed(units).astype(float)
        dense = 0.5 * (vectors @ self.names.T) + 0.5 * (vectors @ self.definitions.T)
        return (lexical + dense).max(axis=0), (vectors @ self.group_names.T).max(axis=0)

    def decide(self, text: str, scores: np.ndarray, by_group_name: np.ndarray | None, first: int, exact: bool) -> tuple[str | None, ...]:
        """(reason, level, link): the skill, only its group, or nothing.

        A skill needs a score of SKILL_AT, SKILL_MARGIN more than any skill of another group, SKILL_COVERED of its own words (by weight) in the statement, which
        keeps "Dispose of electronic equipment" from any statement on waste, and its verb among the first SKILL_LEADS words of a clause: "Maintain furniture
        design records" is no link to "Design furniture". A group needs evidence pooled over its skills: its best skill, the mean of its POOL_TOP best and its
        name.
        """
        import numpy as np

        if exact:
            return (None, "skill", self.concepts[first].label)
        if by_group_name is None:
            return ("without the sentence model no band is calibrated", "none", None)
        best = np.full(len(self.groups), -1.0)
        np.maximum.at(best, self.group_of, scores)
        own = self.group_of[first]
        others = np.delete(best, own)
        margin = float(scores[first] - others.max()) if len(others) else math.inf
        said, wanted = set(_stems(text)), _stems(self.concepts[first].label)
        weight = {term: self.weight_of.get(term, 0.0) for term in wanted}
        covered = sum(weight[term] for term in wanted if term in said) / (sum(weight[term] for term in wanted) or 1.0)
        sure = scores[first] >= SKILL_AT and margin >= SKILL_MARGIN and covered >= SKILL_COVERED
        if sure and any(stem(normalise(self.concepts[first].label).split()[0]) in _leading(unit) for unit in self._units(text)):
            return (None, "skill", self.concepts[first].label)
        pooled = np.round(best + POOL_MEAN * self._mean_of_best(scores) + POOL_NAME * by_group_name, DIGITS)
        group = int(np.argmax(pooled))
        if pooled[group] >= GROUP_AT:
            return (None, "group", self.groups[group])
        return ("no group reached its threshold", "none", None)

    def _mean_of_best(self, scores: np.ndarray) -> np.ndarray:
        import numpy as np

        means = np.zeros(len(self.groups))
        for group in range(len(self.groups)):
            own = np.sort(scores[self.group_of == group])[-POOL_TOP:]
            means[group] = own.mean()
        return means


def link_texts(texts: Iterable[str], linker: Linker, top: int = 10) -> Iterator[Linked]:
    """Each text linked, one result per text, in order, as they come."""
    for text in texts:
        yield linker.link(text, top)
