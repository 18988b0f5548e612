"""Telling people of failed runs, and pruning old ones."""

from __future__ import annotations

import datetime as dt
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import dagster as dg
import pytest

from observatory_assets.maintenance import KEEP_DAYS, maintenance
from resources.notifier import Notifier
from resources.settings import Settings
from sensors.failures import failure_text


@dg.op
def refused() -> None:
    raise dg.Failure("[aps_employment] release 2026-10: 1 of 8 checks failed; the last good release stays in use", allow_retries=False)


@dg.op
def crashed() -> None:
    raise KeyError("a column nobody expected")


@dg.job
def failing() -> None:
    refused()
    crashed()


def test_a_failed_run_is_told_with_the_reasons_its_errors_give() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        result = failing.execute_in_process(instance=instance, raise_on_error=False, tags={"observatory/datasets": "aps_employment"})
        context = dg.build_run_status_sensor_context(
            sensor_name="failures", dagster_instance=instance, dagster_run=result.dagster_run, dagster_event=result.get_run_failure_event()
        ).for_run_failure()
        text = failure_text(context)
    assert "aps_employment) failed" in text
    assert "refused: [aps_employment] release 2026-10: 1 of 8 checks failed" in text
    assert "a column nobody expected" in text
    assert len(text) <= 1500


@pytest.mark.parametrize(("status", "taken"), [(200, True), (500, False)])
def test_a_webhook_gets_the_message_as_json_and_its_failure_fails_nothing(status: int, taken: bool) -> None:
    got = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the test's output quiet."""

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        assert Notifier(Settings(webhook=f"http://127.0.0.1:{server.server_port}/hook")).tell("a run failed") is taken
    assert got == [{"text": "a run failed"}]


def test_without_a_webhook_the_message_is_only_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert Notifier(Settings()).tell("a run failed") is False
    assert "a run failed" in caplog.text


def test_maintenance_deletes_the_logs_of_old_ended_runs_only(monkeypatch: pytest.MonkeyPatch) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        old = failing.execute_in_process(instance=instance, raise_on_error=False).run_id
        assert maintenance.execute_in_process(instance=instance).output_for_node("prune_runs") == 0
        later = dt.datetime.now(dt.timezone.utc) + dt.timedelta(days=KEEP_DAYS + 1)

        class Later(dt.datetime):
            @classmethod
            def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
                return later

        monkeypatch.setattr("observatory_assets.maintenance.dt.datetime", Later)
        assert maintenance.execute_in_process(instance=instance).output_for_node("prune_runs") == 2
        assert instance.get_run_by_id(old) is None
