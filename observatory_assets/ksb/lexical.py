"""Words of texts compared with words of labels: stems, British ones where spelling varies, and TF-IDF cosines.

Belongs here: spelling, stems, vocabularies. Does not belong here: what a cosine is worth (matcher.py, linker.py, grouped.py, occupations.py, bridge.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from observatory_assets.ksb.text import normalise, stem

if TYPE_CHECKING:
    import numpy as np


@lru_cache(maxsize=1)
def stop_words() -> frozenset[str]:
    """English words that say nothing by themselves."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return frozenset(ENGLISH_STOP_WORDS)


def stems_of(text: str) -> list[str]:
    """British stems of the words that say something, in order."""
    return [_stem_of(word) for word in normalise(text).split() if word not in stop_words()]


def plain_stems_of(text: str) -> list[str]:
    """The same, as the words are spelled."""
    return [stem(word) for word in normalise(text).split() if word not in stop_words()]


def with_pairs(stems: list[str]) -> list[str]:
    """Stems, and pairs of neighbouring ones."""
    return stems + [f"{left} {right}" for left, right in zip(stems, stems[1:], strict=False)]


@lru_cache(maxsize=50_000)
def _stem_of(word: str) -> str:
    return stem(_british(word))


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
    return with_pairs(stems_of(text))


class Tfidf:
    """TF-IDF of documents; vocabulary and weights are theirs alone, so a query's cosines do not depend on other queries."""

    def __init__(self, documents: Sequence[str], **options: Any) -> None:
        """Learn the documents' words.

        Args:
            options: of scikit-learn's vectorizer, such as an analyzer; without any, British stems and their pairs.
        """
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
