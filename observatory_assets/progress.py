"""A Dagster logger that shows a person what a run is doing, one line a step.

Belongs here: turning Dagster's events into lines. Does not belong here: any other output of `observatory`.
"""

from __future__ import annotations

import logging
import sys
import time

import dagster as dg


class _Lines(logging.Handler):
    """Prints steps as they start, end and fail, and what they say of themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.started: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        event = (getattr(record, "dagster_meta", None) or {}).get("dagster_event")
        if event is None:
            if record.levelno >= logging.INFO:
                _say(f"      {record.dagster_meta['orig_message'] if hasattr(record, 'dagster_meta') else record.getMessage()}")
            return
        step = event.step_key
        if event.event_type == dg.DagsterEventType.STEP_START:
            self.started[step] = time.monotonic()
            _say(f"    … {step}")
        elif event.event_type == dg.DagsterEventType.STEP_SUCCESS:
            _say(f"    ✓ {step}  {time.monotonic() - self.started.get(step, time.monotonic()):.1f} s")
        elif event.event_type == dg.DagsterEventType.STEP_FAILURE:
            _say(f"    ✗ {step}\n" + "\n".join(f"        {line}" for line in failure_reason(event).splitlines()))
        elif event.event_type == dg.DagsterEventType.STEP_SKIPPED:
            _say(f"    – {step}  skipped: an input failed")


def failure_reason(event: dg.DagsterEvent) -> str:
    """Why a step failed, in its own words: the Failure's description, or the innermost error without Dagster's wrapping."""
    data = event.event_specific_data
    if data.user_failure_data and data.user_failure_data.description:
        return data.user_failure_data.description.strip()
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return error.message.strip() if error else "failed"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@dg.logger(description="One line a step, for people at a terminal.")
def progress_logger(_: dg.InitLoggerContext) -> logging.Logger:
    """The logger `observatory refresh` runs jobs with."""
    logger = logging.Logger("observatory.progress", level=logging.DEBUG)
    logger.addHandler(_Lines())
    return logger
