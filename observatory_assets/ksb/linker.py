"""Any text onto any list of skills: the candidates of a taxonomy in order, and for a taxonomy with groups how far a link may go.

Belongs here: candidates in order, the scores of lists of labels and their weights. Does not belong here: taxonomies with groups (grouped.py), the survey's
KSB areas (matcher.py), where a taxonomy's files lie (observatory_assets.linking), common wordings (wording.py).
Every text is scored by itself, in float64, rounded, ties in order of the labels: neither company, order nor threads change a result.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from observatory_assets.ksb.concepts import QUALIFIER, Concept, exact_names, look
from observatory_assets.ksb.grouped import DIGITS, Grouped, Verdict
from observatory_assets.ksb.lexical import Tfidf
from observatory_assets.ksb.model import Embedder, vectors_for
from observatory_assets.ksb.text import clean, normalise
from observatory_assets.ksb.wording import names, other_names, without_introductions
from resources.errors import ObservatoryError

if TYPE_CHECKING:
    import numpy as np

LINKER_VERSION = "1"

# Weights of the parts of a score, set by hand to round numbers on the validation parts of House and Tech and 300 sentences of SkillSkape's development set.
# 40% more or less of any one but `wording` moves the mean R-Precision@5 of the three by at most 1.3 points.
# whole: cosine of text and label; spans: the best cosine of 1, 2 and 3 neighbouring words in their context, the mean of the three; label, alternatives,
# characters: TF-IDF cosines; wording: nearness to what the text's wordings are called in taxonomies; words: minus per log of the label's words, because of
# two labels equally near the shorter is the more general, and adverts name general skills. R-Precision@5 on House, Tech and 170 sentences of SkillSkape:
# 75, 86 and 47; without `wording` 58, 75 and 43. Its table was written after reading what was missed in House and Tech, so their gain is no forecast.
# On the 930 sentences of that set that no weight was set on it is 47.6, and no change of one weight by 40% gains more than 0.9 (standard error 0.4) there.
BY_LABEL = {"whole": 0.5, "spans": 0.3, "label": 0.3, "characters": 0.1, "wording": 0.22, "words": 0.08}
BY_DEFINITION = {"whole": 0.3, "definition": 0.35, "spans": 0.3, "label": 0.2, "alternatives": 0.25, "characters": 0.1, "wording": 0.22, "words": 0.06}
SPANS = (1, 2, 3)
CHUNK = 80  # words read by the model at once: it takes 128 tokens

_WORD = re.compile(r"[^\s,;:()•*/|]+")
_BOUNDARY = re.compile(r"[,;:()•*|]")


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
        grouped = all(concept.group for concept in self.concepts)
        self.scheme: Grouped | _Labelled = (Grouped if grouped else _Labelled)(self.concepts, embedder, cache_path)

    def link(self, text: str, top: int = 10) -> Linked:
        """Candidates of one text, at most ``top``; none, with the reason, for a text that says nothing."""
        return next(self.link_all([text], top))

    def link_all(self, texts: Iterable[str], top: int = 10) -> Iterator[Linked]:
        """The same for many texts, in order; with groups the fastest way, because texts of equal length share a run of the model."""
        rest = iter(texts)
        while block := list(islice(rest, self.scheme.at_once)):
            for text, verdict in zip(block, self.scheme.verdicts(list(map(clean, block)), read_all=True), strict=True):
                yield self._linked(text, verdict, top)

    def _linked(self, text: str, verdict: Verdict, top: int) -> Linked:
        import numpy as np

        decided = (verdict.method, verdict.reason, verdict.level, verdict.link)
        if verdict.scores is None:
            return Linked(text, (), *decided)
        # Ties in order of the list; an exact label goes before any that reaches its score.
        scores = verdict.scores
        order = np.lexsort((np.arange(len(scores)), np.arange(len(scores)) != verdict.first, -scores))[:top]
        return Linked(text, tuple(Candidate(self.concepts[row].label, float(scores[row]), self.concepts[row].group or None) for row in order), *decided)


class _Labelled:
    """A flat list of labels, with definitions and alternative labels where known."""

    at_once = 1  # each text is read word by word: company would not speed it up, and answers come as the lines do

    def __init__(self, concepts: Sequence[Concept], embedder: Embedder | None, cache_path: Path | None) -> None:
        import numpy as np

        self.embedder = embedder
        self.exact = exact_names(concepts)
        labels = [concept.label for concept in concepts]
        bare = [QUALIFIER.sub("", label).strip() or label for label in labels]
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
        self.by_label = Tfidf(rows)
        self.by_characters = Tfidf([normalise(name) for name in bare], analyzer="char_wb", ngram_range=(3, 5))
        if described:
            self.by_alternatives = Tfidf([" . ".join((concept.label, *concept.alternatives)) for concept in concepts])
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

    def verdicts(self, texts: Sequence[str], *, read_all: bool = True) -> Iterator[Verdict]:
        """One verdict per cleaned text, in order: scores, and no band, because what a score is worth depends on the list."""
        import numpy as np

        for text in texts:
            exact, why = look(text, self.exact)
            if why is not None:
                yield Verdict("none", why)
                continue
            scores = np.round(self._scores(text), DIGITS)
            if exact is not None:
                scores[exact] = max(1.0, float(scores.max()))
            method = "lexical" if self.embedder is None else "hybrid"
            yield Verdict(method if exact is None else "exact", scores=scores, first=int(scores.argmax()) if exact is None else exact)

    def _scores(self, text: str) -> np.ndarray:
        """One score per label."""
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
        return sum(self.weights[part] * values for part, values in parts.items())


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
