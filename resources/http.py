"""HTTP to publishers: one session, polite and bounded.

Belongs here: how a request is made, limited, paced, retried and classified. Does not belong here: any publisher's
addresses or formats, and any memory of past releases (archive.py has it).

Failure classes: 429, 5xx, time-outs and cut connections are transient and repeated with jitter (Retry-After is
obeyed); every other 4xx, a forbidden host and an oversized body are permanent; a 200 that is not the file asked for
(HTML, nothing) is an UnexpectedPayload, because repeating it at once gives the same page.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import hashlib
import json
import os
import random
import threading
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, urljoin, urlsplit

from resources.errors import PermanentFetchError, TransientFetchError, UnexpectedPayload

if TYPE_CHECKING:
    import requests

    from resources.settings import Settings

DOCUMENT_LIMIT = 32 * 1024**2  # the largest JSON document known is Nomis's dataset list, 4.5 MB
CHUNK = 1024 * 1024
ASK_AGAIN = "it is asked again by itself; if it lasts, see the publisher's status page"
MAX_REDIRECTS = 5
# A host's turn is the process's, not the client's: nine data sets of one host are nine clients.
_TURNS: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
_LAST_REQUEST: dict[str, float] = {}
KEPT_HEADERS = ("content-type", "content-length", "content-encoding", "etag", "last-modified", "date", "content-disposition", "retry-after")


@dataclass(frozen=True)
class Download:
    """What a download brought. ``not_modified`` means the publisher answered 304 and nothing was written."""

    url: str
    status: int
    headers: Mapping[str, str]
    sha256: str
    size: int
    retrieved_at: dt.datetime

    @property
    def not_modified(self) -> bool:
        return self.status == 304


class HttpClient:
    """A session to the publishers' hosts.

    Args:
        settings: user agent, limits, base addresses.
        allowed_hosts: hosts that may be asked or redirected to (every dataset declares its own).
        headers, parameters: credentials, added to each request as it is sent, so that no address or message holds them.
        sleep: replaced in tests that must not wait.
    """

    def __init__(
        self,
        settings: Settings,
        allowed_hosts: Collection[str],
        *,
        headers: Mapping[str, str] | None = None,
        parameters: Mapping[str, str] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        import requests

        self.settings = settings
        self.allowed_hosts = frozenset(allowed_hosts)
        self.downloads = 0  # bodies fetched in full, for the run's report
        self._sleep = sleep
        self._session = requests.Session()
        # A proxy from the environment must not stand between us and the loopback publisher.
        self._session.trust_env = settings.profile == "live"
        self._session.headers.update({"User-Agent": settings.user_agent, "Accept-Encoding": "gzip", **(headers or {})})
        self._parameters = dict(parameters or {})
        self._secrets = [secret for secret in {*(headers or {}).values(), *self._parameters.values()} if secret]

    def close(self) -> None:
        self._session.close()

    def get_json(self, url: str, *, timeout: float | None = None) -> Any:
        """The JSON document at ``url`` (at most 32 MB). Raises UnexpectedPayload if it is not JSON."""
        return self._json("GET", url, None, timeout)

    def post_json(self, url: str, document: Any, *, timeout: float | None = None) -> Any:
        """The JSON answer to a JSON question; as ``get_json``. Only for queries, since it is repeated when it fails."""
        return self._json("POST", url, json.dumps(document), timeout)

    def _json(self, method: str, url: str, posted: str | None, timeout: float | None) -> Any:
        def read() -> Any:
            with self._request(method, url, timeout=timeout, headers={"Accept": "application/json"}, posted=posted) as response:
                body = b"".join(self._chunks(url, response, DOCUMENT_LIMIT))
            _refuse_html(url, body)
            try:
                return json.loads(body.decode("utf-8-sig"))
            except ValueError as error:
                raise UnexpectedPayload(
                    f"{url} did not answer with JSON",
                    rule="json",
                    expected="a JSON document",
                    found=body[:200].decode("utf-8", "replace"),
                    action="open the address; if the publisher changed its API, the publisher's client needs an update",
                ) from error

        return self._attempts(read)

    def get_page(self, url: str) -> str:
        """The web page at ``url`` (at most 32 MB), for publishers whose list of files is a page for people and nothing else."""

        def read() -> str:
            with self._request("GET", url) as response:
                return b"".join(self._chunks(url, response, DOCUMENT_LIMIT)).decode("utf-8", "replace")

        return self._attempts(read)

    def head(self, url: str) -> Mapping[str, str]:
        """Response headers of ``url``, names in lower case."""

        def read() -> Mapping[str, str]:
            with self._request("HEAD", url) as response:
                return {name.lower(): value for name, value in response.headers.items()}

        return self._attempts(read)

    def download(
        self,
        url: str,
        destination: Path,
        *,
        starts_with: Sequence[bytes] = (),
        posted: str | None = None,
        etag: str | None = None,
        last_modified: str | None = None,
    ) -> Download:
        """Stream a body to ``destination``, or learn that it has not changed.

        Args:
            url: the publisher's own address.
            destination: file written; its folder exists. Nothing is left there on failure.
            starts_with: prefixes one of which the body must have.
            posted: JSON text to POST; None asks with GET.
            etag, last_modified: of the copy already held, for a conditional request.

        Raises:
            TransientFetchError, PermanentFetchError, UnexpectedPayload.
        """
        conditional = {}
        if etag:
            conditional["If-None-Match"] = etag
        if last_modified:
            conditional["If-Modified-Since"] = last_modified

        def read() -> Download:
            partial = destination.with_name(destination.name + ".part")
            try:
                method = "GET" if posted is None else "POST"
                with self._request(method, url, headers=conditional, timeout=self.settings.read_timeout_seconds, posted=posted) as response:
                    kept = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
                    now = dt.datetime.now(dt.timezone.utc)
                    if response.status_code == 304:
                        return Download(url, 304, kept, "", 0, now)
                    digest, size, first = hashlib.sha256(), 0, b""
                    with partial.open("wb") as file:
                        for chunk in self._chunks(url, response, self.settings.max_body_bytes):
                            if len(first) < 512:
                                first += chunk[:512]
                            digest.update(chunk)
                            size += len(chunk)
                            file.write(chunk)
                        file.flush()
                        os.fsync(file.fileno())
                _check_beginning(url, first, size, starts_with)
                os.replace(partial, destination)
                self.downloads += 1
                return Download(url, 200, kept, digest.hexdigest(), size, now)
            finally:
                partial.unlink(missing_ok=True)

        return self._attempts(read)

    def _attempts(self, read: Callable[[], Any]) -> Any:
        import tenacity

        def wait(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = error.retry_after if isinstance(error, TransientFetchError) else None
            backoff = self.settings.backoff_seconds * 2 ** (state.attempt_number - 1)
            return asked if asked is not None else random.uniform(backoff / 2, backoff * 1.5)

        def again(error: BaseException) -> bool:
            return isinstance(error, TransientFetchError) and (error.retry_after or 0) <= self.settings.max_retry_after_seconds

        return tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self.settings.fetch_attempts),
            wait=wait,
            retry=tenacity.retry_if_exception(again),
            sleep=self._sleep,
            reraise=True,
        )(read)

    @contextmanager
    def _request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, timeout: float | None = None, posted: str | None = None
    ) -> Iterator[requests.Response]:
        import requests
        import urllib3

        try:
            response = self._follow(method, url, headers, timeout or self.settings.read_timeout_seconds, posted)
            try:
                _raise_for_status(url, response)
                yield response
            finally:
                response.close()
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:  # not OSError: a full disk is not the publisher's fault
            raise TransientFetchError(
                f"{url} did not answer in full",
                rule="connection",
                expected="a complete answer",
                found=self._without_secrets(f"{type(error).__name__}: {error}"),
                action=ASK_AGAIN,
            ) from (None if self._secrets else error)  # a chained message would show the address as sent

    def _without_secrets(self, message: str) -> str:
        for secret in self._secrets:
            for written in (secret, quote(secret), quote_plus(secret)):
                message = message.replace(written, "***")
        return message

    def _follow(self, method: str, url: str, headers: Mapping[str, str] | None, timeout: float, posted: str | None) -> requests.Response:
        asked = url
        if posted is not None:
            headers = {**(headers or {}), "Content-Type": "application/json"}
        for _ in range(MAX_REDIRECTS + 1):
            host = urlsplit(url).netloc
            if host not in self.allowed_hosts:
                raise PermanentFetchError(
                    f"{host} is not a host this dataset may ask",
                    rule="allowed_hosts",
                    expected=sorted(self.allowed_hosts),
                    found=url,
                    action="if the publisher moved, add the host to the dataset's `hosts` after checking that it is theirs",
                )
            address = self.settings.address(url)
            self._wait_for_turn(host, address)
            response = self._session.request(
                method,
                address,
                params=self._parameters,
                headers=headers,
                data=posted,
                timeout=(self.settings.connect_timeout_seconds, timeout),
                stream=True,
                allow_redirects=False,
            )
            if not response.is_redirect:
                return response
            response.close()
            # Joined to the publisher's own address, not to where the profile asked, so that a relative redirect stays with the publisher.
            target = urljoin(url, response.headers["location"])
            if urlsplit(url).scheme == "https" != urlsplit(target).scheme:
                raise PermanentFetchError(f"{asked} redirects away from https", rule="redirects", expected="https", found=target)
            url = target
        raise PermanentFetchError(
            f"{asked} redirects too often",
            rule="redirects",
            expected=f"at most {MAX_REDIRECTS} redirects",
            found=f"{MAX_REDIRECTS + 1}, the last to {url}",
            action="open the address and mend the dataset's URL",
        )

    def _wait_for_turn(self, host: str, address: str) -> None:
        if urlsplit(address).hostname in ("127.0.0.1", "localhost", "::1"):
            return
        with _TURNS[host]:
            wait = _LAST_REQUEST.get(host, 0.0) + self.settings.seconds_between_requests - time.monotonic()
            if wait > 0:
                self._sleep(wait)
            _LAST_REQUEST[host] = time.monotonic()

    def _chunks(self, url: str, response: requests.Response, limit: int) -> Iterator[bytes]:
        # Read timeouts only see silence; a body that trickles is stopped by this deadline. So each read takes what is there:
        # stream() would wait until a whole CHUNK has come, however long that takes.
        deadline = time.monotonic() + self.settings.body_deadline_seconds
        size = 0
        for chunk in _decoded(url, response):
            size += len(chunk)
            if size > limit:
                raise PermanentFetchError(
                    f"{url} sends more than this observatory accepts",
                    rule="max_body_bytes",
                    expected=f"at most {limit:,} bytes",
                    found=f"{size:,} bytes and more",
                    action="if the file has really grown, raise OBSERVATORY_MAX_BODY_BYTES",
                )
            if time.monotonic() > deadline:
                raise TransientFetchError(
                    f"{url} was still sending after {self.settings.body_deadline_seconds:g} s",
                    rule="body_deadline",
                    expected="a body within the deadline",
                    found=f"{size:,} bytes so far",
                    action="it is asked again; raise OBSERVATORY_BODY_DEADLINE_SECONDS on a slow line",
                )
            yield chunk


def _decoded(url: str, response: requests.Response) -> Iterator[bytes]:
    """The body as it arrives, gunzipped in pieces of at most CHUNK; urllib3's own decoder takes a gzip cut short for a whole one."""
    encoding = response.headers.get("content-encoding", "identity").lower()
    if encoding not in ("identity", "gzip", ""):
        raise UnexpectedPayload(f"{url} answered in an encoding not asked for", rule="content_encoding", expected="gzip or none", found=encoding)
    decoder = zlib.decompressobj(zlib.MAX_WBITS | 16) if encoding == "gzip" else None
    while raw := response.raw.read1(CHUNK, decode_content=False):
        if decoder is None:
            yield raw
            continue
        try:
            while raw:
                yield decoder.decompress(raw, CHUNK)  # nothing, too, so that the deadline sees a stream that trickles
                raw = decoder.unconsumed_tail
        except zlib.error as error:
            raise TransientFetchError(f"{url} sent broken gzip", rule="gzip_whole", expected="a gzip stream", found=str(error), action=ASK_AGAIN) from error
        if decoder.unused_data:  # a second stream would be lost, and junk without end would count towards no limit
            found = f"more after it: {decoder.unused_data[:40]!r}"
            raise TransientFetchError(f"{url} sent more than its gzip", rule="gzip_whole", expected="one gzip stream", found=found, action=ASK_AGAIN)
    if decoder is not None and not decoder.eof:
        raise TransientFetchError(f"{url} sent gzip that stops short", rule="gzip_whole", expected="the stream's end", found="none", action=ASK_AGAIN)


def _raise_for_status(url: str, response: requests.Response) -> None:
    status = response.status_code
    if status in (200, 304):
        return
    found = f"HTTP {status} {response.reason}"
    if status in (408, 425, 429) or status >= 500:
        error = TransientFetchError(
            f"{url} is not answering now", rule="http_status", expected="HTTP 200", found=found, action="it is asked again later by itself"
        )
        error.retry_after = _retry_after(response.headers.get("Retry-After"))
        raise error
    refusal = PermanentFetchError(
        f"{url} does not give what was asked",
        rule="http_status",
        expected="HTTP 200",
        found=found,
        action="403 usually means the User-Agent is blocked, 404 that the address moved: check OBSERVATORY_USER_AGENT and the dataset's resolver",
    )
    # Some refusals say what would be accepted (Ofqual's largest page); 2,000 bytes hold any such sentence.
    refusal.http_status = status
    refusal.body = response.raw.read(2_000, decode_content=True).decode("utf-8", "replace")
    raise refusal


def _retry_after(value: str | None) -> float | None:
    if not value:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        at = email.utils.parsedate_to_datetime(value)
        at = at if at.tzinfo else at.replace(tzinfo=dt.timezone.utc)  # "-0000" is UTC that names no zone
    except (ValueError, OverflowError):
        return None
    return max(0.0, (at - dt.datetime.now(dt.timezone.utc)).total_seconds())


def _refuse_html(url: str, beginning: bytes) -> None:
    if beginning.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower().startswith((b"<!doctype html", b"<html")):
        raise UnexpectedPayload(
            f"{url} answered 200 with a web page",
            rule="not_html",
            expected="the data file",
            found=beginning[:120].decode("utf-8", "replace"),
            action="publishers do this for wrong queries and during maintenance; it is asked again at the next tick",
        )


def _check_beginning(url: str, first: bytes, size: int, starts_with: Sequence[bytes]) -> None:
    if size == 0:
        raise UnexpectedPayload(
            f"{url} answered with nothing",
            rule="not_empty",
            expected="a body",
            found="0 bytes",
            action="Nomis does this for an unknown dimension: check the query; otherwise it is asked again at the next tick",
        )
    _refuse_html(url, first)
    if starts_with and not first.startswith(tuple(starts_with)):
        raise UnexpectedPayload(
            f"{url} is not the kind of file expected",
            rule="starts_with",
            expected=[prefix.decode("latin-1") for prefix in starts_with],
            found=first[:80].decode("utf-8", "replace"),
            action="open the address; if the format changed, the dataset's parser needs an update",
        )
