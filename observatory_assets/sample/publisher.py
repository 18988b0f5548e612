"""The bundled publisher: a loopback server that answers from a recording under /{host}/{path}, phase by phase, and misbehaves when asked.

Belongs here: choosing the recorded answer, conditional requests, faults, the phase and its file. Does not belong here: what the answers say,
or any knowledge of a dataset. Run in the foreground: ``python -m observatory_assets.sample.publisher FOLDER --port 8801 --state-file F``.
"""

from __future__ import annotations

import argparse
import ipaddress
import json
import os
import signal
import socket
import struct
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Request, Response
from werkzeug.wsgi import wrap_file

from observatory_assets.sample.recording import FAULTS, Recorded, read_recording
from resources.errors import ObservatoryError

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER on, 0 seconds: close() sends RST instead of FIN
_FILLER = b"A publisher's answer, cut short or stretched. " * 24  # where a fault is asked of a path that has no body
_PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


class Concerned(NamedTuple):
    """The requests an injected fault answers: of a host, whose path begins so, of that method and with these parameters; None is any."""

    host: str
    path_prefix: str | None = None
    method: str | None = None
    query: frozenset[tuple[str, str]] = frozenset()


class Served(NamedTuple):
    """One request as answered; ``status`` 0 and ``bytes`` 0 when nothing was, ``bytes`` is the size of the body meant."""

    method: str
    host: str
    path: str
    query: dict[str, str]
    status: int
    bytes: int
    conditional: bool


class Publisher:
    """A recording served over HTTP on a thread, from construction until ``close`` (or the end of ``with``).

    Args:
        folder: the recording.
        phase: phase to start in; a phase already in ``state_file`` wins.
        host, port: where to listen; loopback unless told otherwise, port 0 picks a free one.
        state_file: file holding the phase number, read at each request, so that it outlives restarts and another process can move it on.

    Attributes:
        address: base address, e.g. http://127.0.0.1:8801.
        requests: every request so far, as Served.
        faults: what ``inject`` asked for, {Concerned: [fault, times left or None]}; ``faults.clear()`` heals all.
        oversized_bytes: how much ``oversized`` sends before it gives up.
        silence_seconds: how long ``timeout`` keeps a connection open at most.

    Raises:
        ObservatoryError: the recording is malformed or the port is taken.
    """

    oversized_bytes = 64 * 1024**2
    silence_seconds = 120.0
    slow_pause_seconds = 0.05
    slow_pieces = 40  # with the pause: a slow body takes 2 s

    def __init__(self, folder: Path, *, phase: int = 1, host: str = "127.0.0.1", port: int = 0, state_file: Path | None = None) -> None:
        recording = read_recording(folder)
        self.synthetic, self.last_phase = recording.synthetic, recording.last_phase
        self._entries: dict[tuple[str, str], list[Recorded]] = {}
        for entry in recording.entries:
            self._entries.setdefault((entry.host, unquote(entry.path)), []).append(entry)
        self.requests: list[Served] = []
        self.faults: dict[Concerned, list[Any]] = {}
        self._lock, self._closing = threading.Lock(), threading.Event()
        self._phase, self._state_file = phase, Path(state_file) if state_file else None
        if self._state_file and not self._state_file.exists():
            write_phase(self._state_file, phase)
        try:
            listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=128)
        except OSError as error:
            raise ObservatoryError(
                f"the bundled publisher cannot listen on {host}:{port}",
                rule="publisher_port",
                expected="a free port",
                found=error.strerror,
                action="stop what is listening there or choose another port",
            ) from error
        with listener:
            self.port: int = listener.getsockname()[1]
            self._server = _Server(host, self.port, self._application, _QuietHandler, fd=listener.fileno())
        self.address = f"http://{f'[{host}]' if ':' in host else host}:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="publisher", daemon=True)
        self._thread.start()

    def __enter__(self) -> Publisher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening; answers under way are dropped."""
        self._closing.set()
        self._server.shutdown()
        self._thread.join()

    @property
    def phase(self) -> int:
        return read_phase(self._state_file) if self._state_file else self._phase

    @phase.setter
    def phase(self, phase: int) -> None:
        self._phase = phase
        if self._state_file:
            write_phase(self._state_file, phase)

    def inject(
        self, host: str, path_prefix: str | None, fault: str, times: int | None = None, *, method: str | None = None, query: Mapping[str, str] | None = None
    ) -> None:
        """Answer a host's requests with a fault from now on.

        Args:
            host: publisher's host.
            path_prefix: beginning of the paths concerned, None for all.
            fault: one of recording.FAULTS.
            times: how many requests, None for all until ``faults`` is cleared.
            method: only requests of this method, so that a file's HEAD answers while its GET does not.
            query: only requests with these parameters, so that one page of a list fails and its count does not.
        """
        if not FAULTS.fullmatch(fault):
            raise ObservatoryError("unknown fault", rule="recording_format", expected=FAULTS.pattern, found=fault, action="use a known fault")
        with self._lock:
            self.faults[Concerned(host, path_prefix, method, frozenset((query or {}).items()))] = [fault, times]

    def _application(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        if request.path == "/__phase":
            return self._control(request)(environ, start_response)
        host, _, rest = request.path[1:].partition("/")
        host, path = host.lower(), "/" + rest
        query = request.args.to_dict()
        conditional = bool(request.headers.get("If-None-Match") or request.headers.get("If-Modified-Since"))
        entry = self._find(request, host, path)
        fault = self._injected(request, host, path) or (entry.fault if entry else None)
        if fault in ("down", "timeout") or (fault == "reset" and request.method == "HEAD"):
            self.requests.append(Served(request.method, host, path, query, 0, 0, conditional))
            if fault == "timeout":
                self._keep_silent(environ["werkzeug.socket"])
            raise _drop(environ["werkzeug.socket"])
        if fault:
            response = self._faulty(fault, entry, environ["werkzeug.socket"])
        elif entry:
            response = _whole(entry, environ)
            if entry.status == 200:
                response.make_conditional(environ)
        else:
            response = _json({"error": "not in the recording", "host": host, "path": path, "query": query, "phase": self.phase}, 404)
        size = 0 if request.method == "HEAD" or response.status_code == 304 else response.content_length or 0
        self.requests.append(Served(request.method, host, path, query, response.status_code, size, conditional))
        return response(environ, start_response)

    def _find(self, request: Request, host: str, path: str) -> Recorded | None:
        """The answer of the latest phase reached, of those that name the most of the request's parameters."""
        phase = self.phase
        posted = request.get_json(silent=True) if request.method == "POST" else None
        posted = posted if isinstance(posted, dict) else {}

        def answers(entry: Recorded) -> bool:
            return (
                entry.phase <= phase
                and (entry.method == request.method or (entry.method, request.method) == ("GET", "HEAD"))
                and all(value in request.args.getlist(name) for name, value in entry.query.items())
                and all(name in posted and posted[name] == value for name, value in entry.body_matches.items())
            )

        def rank(entry: Recorded) -> tuple[int, int, bool]:
            return len(entry.query) + len(entry.body_matches), entry.phase, entry.method == request.method

        return max(filter(answers, self._entries.get((host, path), ())), key=rank, default=None)

    def _injected(self, request: Request, host: str, path: str) -> str | None:
        asked = {(name, value) for name in request.args for value in request.args.getlist(name)}
        with self._lock:
            for of, rule in self.faults.items():
                concerned = of.host == host and path.startswith(of.path_prefix or "/") and of.method in (None, request.method) and of.query <= asked
                if concerned and rule[1] != 0:
                    if rule[1] is not None:
                        rule[1] -= 1
                    return rule[0]
        return None

    def _control(self, request: Request) -> Response:
        if not ipaddress.ip_address(request.remote_addr or "::").is_loopback:  # an unknown caller is not loopback
            return _json({"error": "the phase is shown and moved from this machine only"}, 403)
        if request.method == "POST":
            body = request.get_json(silent=True)
            phase = body.get("phase") if isinstance(body, dict) else None
            if type(phase) is not int or phase < 1:
                return _json({"error": 'expected {"phase": a whole number from 1}'}, 400)
            self.phase = phase
        return _json({"phase": self.phase, "last_phase": self.last_phase}, 200)

    def _keep_silent(self, connection: socket.socket) -> None:
        """Return when the client hangs up, the publisher closes or ``silence_seconds`` are over."""
        connection.settimeout(0.1)
        for _ in range(int(self.silence_seconds / 0.1)):
            try:
                if self._closing.is_set() or not connection.recv(1, socket.MSG_PEEK):
                    return
                self._closing.wait(0.1)  # unread bytes of the request would make this spin
            except TimeoutError:
                continue

    def _faulty(self, fault: str, entry: Recorded | None, connection: socket.socket) -> Response:
        if fault.startswith("http:"):
            code, _, retry_after = fault[5:].partition(":retry-after=")
            response = _json({"error": f"asked to answer {code}"}, int(code))
            if retry_after:
                response.headers["Retry-After"] = retry_after
            return response
        if fault.startswith("redirect"):
            target = fault.partition(":")[2] or "http://elsewhere.invalid/"
            return Response(status=302, headers={"Location": target})
        if fault == "html_200":
            return Response(b"<!DOCTYPE html>\n<html><body><h1>Service unavailable</h1></body></html>\n", mimetype="text/html")
        if fault == "wrong_type":
            return Response(_PDF, mimetype="application/pdf")
        headers = _headers(entry)
        if fault == "empty":
            return Response(b"", headers=headers)
        body = entry.body.read_bytes() if entry and entry.body else _FILLER
        if fault == "oversized":
            return Response(self._flood(body), headers=headers)
        headers.append(("Content-Length", str(len(body))))
        parts = {"truncate": self._half, "reset": self._half, "slow": self._trickle}[fault](body)
        return Response(_then_reset(parts, connection) if fault == "reset" else parts, headers=headers)

    def _flood(self, body: bytes) -> Iterator[bytes]:
        yield body
        piece = b" " * 1024**2
        for _ in range(self.oversized_bytes // len(piece)):
            if self._closing.is_set():
                return
            yield piece

    def _half(self, body: bytes) -> Iterator[bytes]:
        yield body[: len(body) // 2]

    def _trickle(self, body: bytes) -> Iterator[bytes]:
        step = -(-len(body) // self.slow_pieces)
        for start in range(0, len(body), step):
            if self._closing.wait(self.slow_pause_seconds):
                return
            yield body[start : start + step]


def read_phase(state_file: Path) -> int:
    """The phase a state file holds; 1 if there is no file yet.

    Raises:
        ObservatoryError: it holds something else.
    """
    try:
        text = Path(state_file).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return 1
    if not text.isdecimal() or int(text) < 1:
        raise ObservatoryError(
            "the publisher's phase cannot be read",
            rule="publisher_phase",
            expected="a whole number from 1",
            found=text,
            action=f"write 1 to {state_file}, or delete it",
        )
    return int(text)


def write_phase(state_file: Path, phase: int) -> None:
    """Put a phase in a state file, so that a reader sees the old or the new one."""
    state_file = Path(state_file)
    state_file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{state_file.name}-", dir=state_file.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"{phase}\n")
    os.replace(name, state_file)


class _QuietHandler(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        """Say nothing: a request is in Publisher.requests, an error still goes to the log."""

    def connection_dropped(self, *_: object) -> None:
        self.close_connection = True  # else it would wait for the next request of a kept-alive connection


class _Server(ThreadedWSGIServer):
    daemon_threads = True

    def shutdown_request(self, request: Any) -> None:
        # The inherited method sends FIN before it closes, which hides a reset from the client.
        if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(_RESET)) == _RESET:
            self.close_request(request)
        else:
            super().shutdown_request(request)


def _drop(connection: socket.socket) -> ConnectionError:
    """Make the connection end in RST; raising what is returned ends it (the server passes over connection errors silently)."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    return ConnectionAbortedError("dropped on purpose")


def _then_reset(parts: Iterator[bytes], connection: socket.socket) -> Iterator[bytes]:
    yield from parts
    raise _drop(connection)


def _headers(entry: Recorded | None) -> list[tuple[str, str]]:
    own = ("content-length", "transfer-encoding", "connection", "date", "server")  # this server's to say
    return [(name, value) for name, value in (entry.headers if entry else {"Content-Type": "text/plain"}).items() if name.lower() not in own]


def _whole(entry: Recorded, environ: dict[str, Any]) -> Response:
    if entry.body is None:
        return Response(b"", status=entry.status, headers=_headers(entry))
    headers = [*_headers(entry), ("Content-Length", str(entry.body.stat().st_size))]
    return Response(wrap_file(environ, entry.body.open("rb")), status=entry.status, headers=headers, direct_passthrough=True)


def _json(document: dict[str, Any], status: int) -> Response:
    return Response(json.dumps(document) + "\n", status=status, mimetype="application/json")


def main(argv: Sequence[str] | None = None) -> int:
    """Serve a recording in the foreground until SIGINT or SIGTERM.

    Returns:
        0, or 2 with the reason on stderr.
    """
    parser = argparse.ArgumentParser(prog="python -m observatory_assets.sample.publisher", description="Serve a recording of publishers' answers.")
    parser.add_argument("folder", type=Path, help="folder with index.json and bodies/")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=8801, help="port (default 8801, 0 picks a free one)")
    parser.add_argument("--phase", type=int, default=1, help="phase to start in, unless the state file has one")
    parser.add_argument("--state-file", type=Path, help="file that keeps the phase")
    arguments = parser.parse_args(argv)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        with Publisher(arguments.folder, phase=arguments.phase, host=arguments.host, port=arguments.port, state_file=arguments.state_file) as publisher:
            print(f"publisher: {publisher.address}, phase {publisher.phase} of {publisher.last_phase}", flush=True)
            while not stop.wait(1.0):  # a wait without end cannot be interrupted on every platform
                pass
    except ObservatoryError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
