"""The errors a run can end in, each saying what was expected, what was found and what to do.

Belongs here: exception classes shared by every layer. Does not belong here: any handling of them.
"""

from __future__ import annotations


class ObservatoryError(Exception):
    """Base of every expected failure.

    Args:
        problem: one sentence naming what went wrong.
        dataset: slug of the dataset concerned, if one is.
        release: release id or marker concerned, if one is known.
        rule: short machine-readable name of the rule that was broken.
        expected: what should have been there.
        found: what was there instead.
        action: what the reader should do next.
    """

    def __init__(
        self,
        problem: str,
        *,
        dataset: str | None = None,
        release: str | None = None,
        rule: str | None = None,
        expected: object = None,
        found: object = None,
        action: str | None = None,
    ) -> None:
        self.problem, self.dataset, self.release, self.rule = problem, dataset, release, rule
        self.expected, self.found, self.action = expected, found, action
        super().__init__(problem)

    def about(self, dataset: str, release: str | None = None) -> ObservatoryError:
        """Fill in dataset and release where the raiser did not know them; returns self."""
        self.dataset = self.dataset or dataset
        self.release = self.release or release
        return self

    def __str__(self) -> str:
        where = " ".join(
            part
            for part in (
                f"[{self.dataset}]" if self.dataset else "",
                f"release {self.release}:" if self.release else "",
            )
            if part
        )
        lines = [f"{where} {self.problem}".strip()]
        if self.rule:
            lines.append(f"  rule:     {self.rule}")
        if self.expected is not None:
            lines.append(f"  expected: {_short(self.expected)}")
        if self.found is not None or self.expected is not None:
            lines.append(f"  found:    {'nothing' if self.found is None else _short(self.found)}")
        if self.action:
            lines.append(f"  do:       {self.action}")
        return "\n".join(lines)


def _short(value: object, limit: int = 600) -> str:
    # Publishers' bodies reach these messages; 600 characters is about eight terminal lines.
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= limit else text[:limit] + f"… ({len(text):,} characters)"


class TransientFetchError(ObservatoryError):
    """The publisher may answer if asked again: 429, 5xx, time-outs, connections cut. ``retry_after`` is the wait it asks for, in seconds."""

    retry_after: float | None = None


class NotSetUp(ObservatoryError):
    """The operator has not given what the dataset needs (a key, an address, a file): it is skipped, saying so, and nothing failed."""


class PermanentFetchError(ObservatoryError):
    """Asking again gives the same answer: 4xx, a body over the size limit, a host not allowed.

    ``http_status`` and the beginning of the ``body`` are those of a refusal by the publisher, which may say what it wants.
    """

    http_status: int | None = None
    body: str = ""


class UnexpectedPayload(ObservatoryError):
    """The answer was 200 but is not the file asked for: HTML, nothing, a broken archive."""


class SchemaDrift(ObservatoryError):
    """The file's layout is not the contract's: a column renamed, a header moved, a sheet gone."""


class AuditFailed(ObservatoryError):
    """The release was read but broke a blocking expectation; it is quarantined."""


class GateFailed(ObservatoryError):
    """A mart broke a rule of publication; the last published build stays."""


class WarehouseBusy(ObservatoryError):
    """Another process is the warehouse's single writer."""
