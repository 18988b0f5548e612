"""Statement text: what is left of a publisher's wording once its wrapping is off, and how it is cut into clauses.

Belongs here: cleaning, folding for comparison, clause splitting, hashing and the test of what is no statement at all.
Does not belong here: meaning (taxonomy, cues, vectors) or any file format.
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from functools import lru_cache
from typing import Any


def words(text: str) -> frozenset[str]:
    """The set of blank-separated words: how word lists are written here."""
    return frozenset(text.split())


# The longest of the 3,549 statements published in 2021 has 732 characters; ten times that is a document, not a statement.
LONGEST_STATEMENT = 8_000
MOST_CLAUSES = 12

_TAG = re.compile(r"<!--.*?-->|<(script|style)\b[^<]*(?:<(?!/\1)[^<]*)*</\1\s*>|</?[a-zA-Z][^<>]{0,500}>", re.S | re.I)
_BREAK = re.compile(r"<(?:br|/p|/li|/div)\b[^<>]{0,100}>", re.I)
_SPACE = re.compile(r"\s+")
_BULLET = re.compile(r"[\u2022\u25cf\u25aa\u25e6\u00b7\uf0b7]")
_STRAIGHT = str.maketrans({"’": "'", "‘": "'", "`": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-", "‐": "-", "−": "-"})
_NOT_WORD = re.compile(r"[^a-z0-9+#]+")
_NOT_ID = re.compile(r"[^a-z0-9]+")
_CLAUSE = re.compile(r"(?<=[a-z0-9)\"'])[.!?]\s+(?=[A-Z\"'(])|\s*;\s*|\s*:\s+|\s+-\s+|\s*\|\s*")
_ONLY_EXAMPLES = re.compile(r"^(?:for example|e\.?g\.?|such as|including|i\.?e\.?)\b", re.I)

_ENGLISH = words(
    """the of and to in for with on by at from is are be as or an that this their its your you how what which when who where why own using use not can able
    all any a it has have will must should our we they work working"""
)
# Frequent words of French, German, Spanish, Italian, Portuguese, Dutch, Polish, Welsh, the Scandinavian languages, Romanian, Turkish, Hungarian and Czech. The
# first are no word, name or abbreviation of English and tell alone, the others two at a time ("La" starts names; "van", "EU", "DEI" are left out).
_UNMISTAKABLE = words(
    """und nicht für einen einer werden durch zur zum oder nach über avec dans aux être sont leur votre notre delle della degli nella gli não uma wordt naar
    voor zijn jest przez oraz dla przy się nie gyda ei'n a'r i'r och för på att ikke și pentru için nebo při savoir"""
)
_FOREIGN = words(
    """le la les des du une et est pour sur il elle qui que ses ces au der das ist ein eine mit von zu auf im dem den sich los las una del con por para sobre
    como es su sus al che di lo nel sono os um com dos da het een te w na ze yn yr mae gan wrth med din som til za bir ile az egy bij aan"""
)
_BORROWED = words(
    "à café cafés canapé canapés sauté purée façade façades décor crème naïve résumé résumés cliché clichés première entrée entrées pâté vis-à-vis"
)
# How words of the trade begin or end in other languages, and in English never.
_TELLING = re.compile(
    r"^(?:kenntnis|erfahrung|arbeit|fähig|zuverl|verantwort|bericht|kunden|maschinen|schwei(?:ß|ss)|sicherheit|wartung|connaiss|travaill|compéten|ma[iî]tris"
    r"|sécurit|rédig|gérer|gestion(?:ar|e)?\b|conocim|trabaj|habilidad|segurid|redact(?:ar|ado)|atenci|conoscen|lavor(?:o|are|azione)\b|capacità|sicurezza|conhecim"
    r"|trabalh|kennis|ervaring|samenwerk|vaardig|veilig|klanten|znajomo|umiej|obsług|spawan|prac(?:a|y|ować|ownik)|wiedz|klient(?:a|ów)|gwybodaeth"
    r"|gweith|iechyd|diogelwch|ysgrif|kunskap|arbeta|säkerhet|cunoa|lucr(?:ul|ări)|çalış|bilgisi|ismeret|znalost|bezpečn)"
    r"|(?:.{4}(?:keit|schaft|ieren|ungen|lichen|ischen)|[^-]{6}ung|.{3}(?:owanie|ywanie|ości|ość|ność|nych|skiego|zione|zioni|amento|mente|miento|ción"
    r"|ciones|ção|ções|eiten|aient|lijk|heden))$"
)
_OTHER_LETTER = re.compile(r"[ąćęłńśźżşğıőűșțřěůčšžđơưßõãåæœ]|[\u1e00-\u1eff]")


def clean(text: str | None) -> str:
    """Plain text of a statement: entities decoded twice (publishers escape twice), tags gone, white space folded.

    Args:
        text: as published; None counts as empty.

    Returns:
        One line of NFC text without tags, control characters or no-break spaces; "" if nothing is left.
    """
    if not text:
        return ""
    for _ in range(2):
        text = html.unescape(text)
    text = _TAG.sub(" ", _BREAK.sub(" ; ", text)) if "<" in text else text
    text = unicodedata.normalize("NFC", text)
    if not (text.isascii() and text.isprintable()):
        text = "".join(_plain(character) for character in text)
    return _SPACE.sub(" ", text).strip(" ;")


def _plain(character: str) -> str:
    category = unicodedata.category(character)
    return " " if category in ("Zs", "Zl", "Zp", "Cc") else "" if category in ("Cf", "Cs", "Co", "Cn") else character


def fold(text: str) -> str:
    """Lower-case text with straight quotes and hyphens: what cue patterns are matched on. Length may change."""
    return text.translate(_STRAIGHT).lower()


def normalise(text: str) -> str:
    """Letters, digits, + and # separated by single spaces: what exact matches compare."""
    return _NOT_WORD.sub(" ", fold(text).replace("'", "").replace("&", " and ")).strip()


def slug(label: str) -> str:
    """A label as part of an id, as dbt's macro of that name makes it: a-z, 0-9 and single underscores."""
    return _NOT_ID.sub("_", label.lower().replace("+", " plus ").replace("#", " sharp ")).strip("_")


def clauses(text: str) -> list[str]:
    """Cut a cleaned statement into the skills it names, in order.

    Sentences, semicolons, colons, bullets and spaced dashes separate; commas do not, because lists share a verb.
    A piece of fewer than two words, or that only opens with examples, stays with its neighbour.

    Returns:
        1 to MOST_CLAUSES texts; an uncut statement comes back alone.
    """
    pieces: list[str] = []
    for piece in _CLAUSE.split(_BULLET.sub(";", text.translate(_STRAIGHT))):
        piece = piece.strip(" .,;")
        if not piece:
            continue
        if pieces and (_ONLY_EXAMPLES.match(piece) or piece.count(" ") < 1 or len(pieces) == MOST_CLAUSES):
            pieces[-1] += f", {piece}"
        else:
            pieces.append(piece)
    return pieces or [text]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """English (Snowball) stem of one lower-case word."""
    return _stemmer().stemWord(word)


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


def text_sha256(text: str) -> str:
    """Hex SHA-256 of the cleaned text in UTF-8: a statement's identity across sources and runs."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@lru_cache(maxsize=50_000)
def _tells(word: str) -> bool:
    return word in _UNMISTAKABLE or bool(_TELLING.search(word) or _OTHER_LETTER.search(word))


def not_a_statement(text: str) -> str | None:
    """Why a cleaned text cannot be matched at all, or None if it can.

    Cheap tests, no language model: no letters, too long, not Latin script, or more foreign than English function words.
    """
    if not text:
        return "empty after cleaning"
    if len(text) > LONGEST_STATEMENT:
        return f"too long: {len(text):,} characters, at most {LONGEST_STATEMENT:,}"
    letters = sum(map(str.isalpha, text))
    if letters < 2:
        return "no words"
    if not text.isascii() and sum(c.isalpha() and c > "\u024f" for c in text) > 0.2 * letters:
        return "not English: script is not Latin"
    tokens = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", fold(text))
    english = sum(word in _ENGLISH for word in tokens)
    telling = sum(map(_tells, tokens))
    others = len({word for word in tokens if word in _FOREIGN or not (word.isascii() or word in _BORROWED)} - _UNMISTAKABLE)
    if (telling + others > max(english, 1)) or (telling and not english and 6 * telling >= len(tokens)):
        return "not English: words of another language"
    return None
