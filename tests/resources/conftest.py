"""A publisher of a few small answers, and clients that ask it without waiting."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from observatory_assets.sample.publisher import Publisher
from observatory_assets.sample.recording import Entry, write_recording
from resources.http import HttpClient
from resources.settings import Settings

HOST, OTHER = "www.publisher.test", "files.publisher.test"
BODY = b"name,value\n" + b"".join(b"row %d,%d\n" % (number, number) for number in range(5000))
MODIFIED = "Thu, 01 Jan 2026 00:00:00 GMT"
BOMB = gzip.compress(bytes(3 * 1024**2), mtime=0)  # 3 MB of zeros in 3 KB


@pytest.fixture(scope="session")
def small_recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_recording(
        tmp_path_factory.mktemp("recordings") / "small",
        {
            1: [
                Entry(HOST, "/data.csv", BODY),
                Entry(HOST, "/dated.csv", BODY, headers={"ETag": None, "Last-Modified": MODIFIED}),
                Entry(HOST, "/data.json", b'\xef\xbb\xbf{"value": [1, 2]}'),
                Entry(HOST, "/broken.json", b'{"value": [1, 2'),
                Entry(HOST, "/page.json", b"\n <!doctype HTML><title>Sorry</title>"),
                Entry(HOST, "/packed.csv", gzip.compress(BODY, mtime=0), headers={"Content-Encoding": "gzip"}),
                Entry(HOST, "/bomb.csv", BOMB, headers={"Content-Encoding": "gzip"}),
                Entry(HOST, "/bomb.json", BOMB, headers={"Content-Encoding": "gzip"}),
                Entry(HOST, "/not_packed.csv", BODY, headers={"Content-Encoding": "gzip"}),
                Entry(HOST, "/accepted.csv", b"come back later", status=202),
                Entry(HOST, "/lost", b"", status=302),
                Entry(HOST, "/relative", b"", status=302, headers={"Location": "data.csv"}),
                Entry(HOST, "/rooted", b"", status=301, headers={"Location": "/data.csv"}),
                Entry(HOST, "/moved", b"", status=301, headers={"Location": f"https://{OTHER}/data.csv"}),
                Entry(HOST, "/away", b"", status=302, headers={"Location": "https://elsewhere.example/data.csv"}),
                Entry(HOST, "/round", b"", status=302, headers={"Location": "/round"}),
                Entry(OTHER, "/data.csv", b"name,value\nmoved,1\n"),
            ]
        },
        synthetic=True,
        description="A few answers.",
    )


@pytest.fixture
def small(small_recording: Path) -> Iterator[Publisher]:
    with Publisher(small_recording) as running:
        yield running


@pytest.fixture
def client(small: Publisher, tmp_path: Path) -> Iterator[Callable[..., HttpClient]]:
    """Makes clients of ``small`` whose waits are written to ``client.waits`` instead of waited."""
    made: list[HttpClient] = []

    def make(hosts: tuple[str, ...] = (HOST, OTHER), **settings: object) -> HttpClient:
        given = {"home": tmp_path / "home", "profile": "sample", "publisher_address": small.address, "backoff_seconds": 0.0, **settings}
        made.append(HttpClient(Settings(**given), hosts, sleep=make.waits.append))
        return made[-1]

    make.waits = []
    yield make
    for one in made:
        one.close()
