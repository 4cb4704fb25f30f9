"""GGUF files, dequantised once and kept as safetensors: opening one directly takes a minute every time."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from interventions.models.errors import WeightsBroken

log = logging.getLogger(__name__)
_FORMAT = "1"
"""Part of the kept copy's name: raise it when what is written changes."""


def cache_folder() -> Path:
    """Where this user's programs keep what they can make again (XDG base directories)."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "mindproof" / "language-models"


def dequantised(source: Path) -> Path:
    """A folder with the model of the GGUF file `source` in float32, made if this content was not met before.

    The copy appears whole or not at all: it is written beside its place and renamed. Two processes that make the same
    one at once do no harm.

    Raises:
        WeightsBroken: the file cannot be read as GGUF, or holds no causal language model.
        OSError: the cache folder cannot be written.
    """
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    kept = cache_folder() / f"{source.stem}-{digest[:16]}-{_FORMAT}"
    if kept.is_dir():
        return kept
    log.info("dequantising %s once; the copy is kept in %s", source, kept)
    kept.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=f".{kept.name}-", dir=kept.parent))
    try:
        _write(source, making)
        try:
            making.rename(kept)
        except OSError:
            if not kept.is_dir():
                raise
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return kept


def _write(source: Path, folder: Path) -> None:
    import torch
    from safetensors.torch import save_file
    from transformers import AutoModelForCausalLM, AutoTokenizer

    named: dict[str, Any] = {"gguf_file": source.name, "local_files_only": True}
    try:
        model = AutoModelForCausalLM.from_pretrained(str(source.parent), dtype=torch.float32, **named)
        tokenizer = AutoTokenizer.from_pretrained(str(source.parent), **named)
    except (OSError, ValueError, KeyError, IndexError, RuntimeError, NotImplementedError, ImportError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise WeightsBroken(f"{source} is no GGUF file that can be read: {reason}", "copy the file again") from error
    del model.config.quantization_config
    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    if model.config.tie_word_embeddings:
        del weights["lm_head.weight"]
    model.config.architectures = [type(model).__name__]
    model.config.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
