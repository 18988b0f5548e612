"""Reviewers' decisions on uncertain matches: the CSV they are asked with, the reading of what they answered, and the seed the answers are kept in.

Belongs here: the file's columns, what is refused of it, how decisions are appended to ksb_override.csv. Does not belong here: which matches are uncertain and
how much rests on them (the mart ksb_review_queue), or what the matcher makes of a decision.
"""

from __future__ import annotations

import csv
import datetime as dt
import fcntl
import io
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from observatory_assets.ksb.taxonomy import ACTIONS, KINDS, Taxonomy, instant, load_overrides
from observatory_assets.ksb.text import clean, text_sha256
from resources.errors import ObservatoryError
from resources.files import write_bytes

ASKED = (
    "text_sha256", "text", "kind", "current_ksb_id", "current_label", "method", "score", "runner_up_id", "runner_up_label",
    "influence", "demand_influence", "supply_influence", "units", "used_in", "why_uncertain",
)  # fmt: skip
ANSWERED = ("action", "ksb_id", "reviewer", "reason")
NO_KSB = "NONE"

# A spreadsheet takes such a cell for a formula; an apostrophe before it says that it is text. One already there gets another, so that none is lost.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


@dataclass(frozen=True)
class Decision:
    """One answered row. ``ksb_id`` is the area accepted, put in its place or rejected; None: the text is no KSB. ``line`` is that of the file."""

    line: int
    text_sha256: str
    kind: str | None
    action: str
    ksb_id: str | None
    reviewer: str
    reason: str


def questions(queue: Iterable[Mapping[str, Any]], taxonomy: Taxonomy) -> str:
    """The CSV reviewers fill in: one row a text, in the order given, with empty columns for the answer.

    Args:
        queue: rows of the mart ksb_review_queue.
        taxonomy: for the labels.
    """
    labels = {ksb_id: area.label for ksb_id, area in taxonomy.by_id.items()}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")  # RFC 4180, as spreadsheets write it
    writer.writerow([*ASKED, *ANSWERED])
    for row in queue:
        asked = {
            **row,
            "kind": row["kind_given"],
            "current_ksb_id": row["ksb_id"],
            "current_label": labels.get(row["ksb_id"]),
            "runner_up_label": labels.get(row["runner_up_id"]),
            "why_uncertain": row["reason"] or "near its threshold",
        }
        writer.writerow([_guarded(asked[name]) for name in ASKED] + [""] * len(ANSWERED))
    return out.getvalue()


def answers(path: Path, taxonomy: Taxonomy) -> list[Decision]:
    """The decisions in a filled-in CSV, in its order; rows whose answer is empty are left for another day.

    action accept keeps the current area (ksb_id may be left empty), replace puts ksb_id in its place (NONE: the text is no KSB), reject bars ksb_id (empty:
    the current area) and leaves the rest to the matcher.

    Raises:
        ObservatoryError: not UTF-8 CSV or a column is missing; or naming every row that is wrong, with its line. Nothing of such a file is to be imported.
    """
    rows = _rows(path)
    decisions: list[Decision] = []
    wrong: list[str] = []
    first: dict[tuple[str, str | None], Decision] = {}
    for line, row in rows:
        if not any(row[name] for name in ANSWERED):
            continue
        problems = list(_problems(row, taxonomy))
        if problems:
            wrong += [f"line {line}: {problem}" for problem in problems]
            continue
        decision = _decision(line, row)
        earlier = first.setdefault((decision.text_sha256, decision.kind), decision)
        if earlier is decision:
            decisions.append(decision)
        elif _content(earlier) != _content(decision):
            wrong.append(f"line {line}: line {earlier.line} decides otherwise on the same text")
    if wrong:
        count = len({one.split(":")[0] for one in wrong})
        raise ObservatoryError(
            f"{count} {'row' if count == 1 else 'rows'} of {path.name} cannot be imported, so nothing was\n    " + "\n    ".join(wrong),
            rule="review",
            action="correct these rows, leave the exported columns as they are, and import the file again",
        )
    return decisions


def record(decisions: Sequence[Decision], seeds: Path, taxonomy: Taxonomy, at: dt.datetime) -> tuple[int, int]:
    """Append decisions to ksb_override.csv, whose bytes so far stay as they are; one at a time, in one step or not at all.

    A decision that is the latest on its text already is not written again, so importing a file twice adds nothing.

    Args:
        decisions: as ``answers`` gave them.
        seeds: folder of the seed.
        taxonomy: the areas.
        at: when they were decided, with a time zone.

    Returns:
        How many were written and how many were there already.

    Raises:
        ObservatoryError: a decision was recorded once and superseded since, and would come back unnoticed (an old file imported again).
    """
    path = seeds / "ksb_override.csv"
    with _alone(seeds):
        load_overrides(seeds, taxonomy)  # a seed that is broken already is not added to
        body = path.read_bytes()
        history = list(csv.DictReader(io.StringIO(body.decode("utf-8"), newline="")))
        columns = body.decode("utf-8").splitlines()[0].split(",")
        # No two decisions on a text may share an instant: the latest counts.
        at = max([at, *(instant(row["decided_at"]) + dt.timedelta(microseconds=1) for row in history)])
        new, known, returning = [], 0, []
        for decision in decisions:
            about = sorted((row for row in history if _concerns(row, decision)), key=lambda row: instant(row["decided_at"]))
            if about and _content_of(about[-1]) == _content(decision):
                known += 1
            elif any(_content_of(row) == _content(decision) for row in about):
                returning.append(f"line {decision.line}: decided so before and otherwise at {about[-1]['decided_at']} by {about[-1]['reviewer']}")
            else:
                new.append({**_content(decision), "decided_at": at.isoformat(), "supersedes": about[-1]["decided_at"] if about else ""})
        if returning:
            raise ObservatoryError(
                "decisions that were superseded would come back, so nothing was imported\n    " + "\n    ".join(returning),
                rule="review",
                action="if this is an old file, leave it; to return to a decision, give it a reason of its own",
            )
        if new:
            out = io.StringIO()
            csv.DictWriter(out, columns, lineterminator="\n").writerows(new)
            write_bytes(path, body + (b"" if body.endswith(b"\n") else b"\n") + out.getvalue().encode())
    return len(new), known


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, restval="", strict=True)
            rows = [(reader.line_num, {name: _bare((value or "").strip()) for name, value in row.items() if name is not None}) for row in reader]
            columns = reader.fieldnames or ()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ObservatoryError(
            f"{path.name} cannot be read as a review",
            rule="review",
            expected="the CSV that `observatory review export` wrote, filled in and kept as CSV in UTF-8",
            found=str(error),
            action="save it again as 'CSV UTF-8 (comma delimited)'",
        ) from error
    wanted = ("text_sha256", "text", "kind", "current_ksb_id", *ANSWERED)
    if missing := [name for name in wanted if name not in columns]:
        raise ObservatoryError(
            f"{path.name} is no review",
            rule="review",
            expected=f"the columns {', '.join(wanted)}",
            found=f"no {', '.join(missing)}; there are {', '.join(columns) or 'none'}",
            action="fill in the file that `observatory review export` wrote; commas must separate its columns",
        )
    return rows


def _problems(row: Mapping[str, str], taxonomy: Taxonomy) -> Iterator[str]:
    action, kind, area = row["action"].lower(), row["kind"] or None, row["ksb_id"] or row["current_ksb_id"]
    if row["text_sha256"] not in (text_sha256(row["text"]), text_sha256(clean(row["text"]))):
        yield "text_sha256 is not that of the text: one of them was changed"
    if kind not in (*KINDS, None):
        yield f"kind {kind!r} is none of {', '.join(KINDS)}"
    if not row["reviewer"]:
        yield "no reviewer"
    if action not in ACTIONS:
        yield f"action {row['action']!r} is none of {', '.join(ACTIONS)}" if action else f"no action ({', '.join(ACTIONS)})"
        return
    if action == "replace" and not row["ksb_id"]:
        yield f"replace needs the ksb_id to put in its place ({NO_KSB}: the text is no KSB)"
    elif action != "replace" and not area:
        yield f"there is no current area to {action}; replace names one"
    elif action == "accept" and row["ksb_id"] not in ("", row["current_ksb_id"]):
        yield f"accept keeps {row['current_ksb_id'] or 'nothing'}; to choose {row['ksb_id']} say replace"
    elif area == NO_KSB and action == "replace":
        return
    elif area not in taxonomy.by_id:
        yield f"unknown ksb_id {area!r}"
    elif kind in KINDS and taxonomy.by_id[area].kind != kind:
        yield f"{area} is of kind {taxonomy.by_id[area].kind}, the text is {kind}"


def _decision(line: int, row: Mapping[str, str]) -> Decision:
    area = row["ksb_id"] or row["current_ksb_id"]
    one_line = {name: " ".join(row[name].split()) for name in ("reviewer", "reason")}
    return Decision(line, row["text_sha256"], row["kind"] or None, row["action"].lower(), None if area == NO_KSB else area, **one_line)


def _content(decision: Decision) -> dict[str, str]:
    return {"text_sha256": decision.text_sha256, "ksb_id": decision.ksb_id or "", "action": decision.action, "reviewer": decision.reviewer,
            "reason": decision.reason}  # fmt: skip


def _content_of(row: Mapping[str, str]) -> dict[str, str]:
    return {name: row[name] for name in ("text_sha256", "ksb_id", "action", "reviewer", "reason")}


def _concerns(row: Mapping[str, str], decision: Decision) -> bool:
    """Whether an earlier decision is about the same question: the same text, and a KSB of its kind or none."""
    return row["text_sha256"] == decision.text_sha256 and (not decision.kind or not row["ksb_id"] or row["ksb_id"].startswith(f"{decision.kind}."))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder of seeds against another import; the kernel lets go of it when its holder dies."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _guarded(value: Any) -> str:
    text = "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
    return f"'{text}" if _FORMULA.match(text) else text


def _bare(cell: str) -> str:
    return cell[1:] if _GUARDED.match(cell) else cell
