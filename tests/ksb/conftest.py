"""Shared by the KSB tests: the real seeds, the real model if it is installed, and a table of statements from plain pairs."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from observatory_assets.ksb.model import load_embedder
from observatory_assets.ksb.taxonomy import load_taxonomy
from observatory_assets.ksb.text import clean, text_sha256

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def seeds():
    return PROJECT / "dbt_project" / "seeds"


@pytest.fixture(scope="session")
def taxonomy(seeds):
    return load_taxonomy(seeds)


@pytest.fixture(scope="session")
def embedder():
    embedder = load_embedder()
    if embedder is None:
        pytest.skip("the sentence model is not installed")
    return embedder


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    """One cache of vectors for the session: prototypes are embedded once, not once a test."""
    return tmp_path_factory.mktemp("ksb") / "vectors.parquet"


@pytest.fixture(scope="session")
def statements():
    def build(*pairs):
        texts = [clean(text) for _, text in pairs]
        columns = {"text_sha256": list(map(text_sha256, texts)), "kind": [kind for kind, _ in pairs], "text": [text for _, text in pairs]}
        return pa.table(columns, schema=pa.schema([(name, pa.string()) for name in columns]))

    return build
