"""An encoder with its head as one ONNX graph: tokens in, class probabilities out.

Needs PyPI ``onnx`` (extra `models`). With `int8` the weights of matrix products and of the embeddings are kept in eight
bits (onnxruntime's dynamic quantisation), a quarter of the size.
"""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from interventions.models.minilm.encoder import pooled

INPUTS = ("input_ids", "token_type_ids", "attention_mask")
"""All ``(n, tokens)`` int64; the output is ``probabilities``, ``(n, classes)``."""

_FAR = -1e4


class _Whole(nn.Module):
    def __init__(self, encoder: nn.Module, weight: NDArray[Any], bias: NDArray[Any]) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(weight.shape[1], weight.shape[0])
        self.head.weight.data = torch.from_numpy(weight.astype(np.float32))
        self.head.bias.data = torch.from_numpy(bias.astype(np.float32))

    def forward(self, input_ids: Tensor, token_type_ids: Tensor, attention_mask: Tensor) -> Tensor:
        # The encoder would make this mask itself, in a way that the exporter cannot follow.
        mask = (1.0 - attention_mask[:, None, None, :].float()) * _FAR
        hidden = self.encoder(input_ids=input_ids, token_type_ids=token_type_ids, attention_mask=mask).last_hidden_state
        return torch.softmax(self.head(pooled(hidden, attention_mask)), dim=1)


def write_graph(encoder: nn.Module, weight: NDArray[Any], bias: NDArray[Any], path: Path, int8: bool) -> Path:
    """Write the graph to `path`.

    Raises:
        OSError: when it cannot be written.
    """
    ids = torch.tensor([[101, 2023, 102], [101, 2003, 102]])
    example = (ids, torch.zeros_like(ids), torch.ones_like(ids))
    axes = {name: {0: "texts", 1: "tokens"} for name in INPUTS} | {"probabilities": {0: "texts"}}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own tracing; the tests compare the results
        plain = Path(folder) / "plain.onnx" if int8 else path
        torch.onnx.export(
            _Whole(encoder, weight, bias).eval(), example, str(plain), input_names=list(INPUTS),
            output_names=["probabilities"], dynamic_axes=axes, opset_version=17, dynamo=False,
        )  # fmt: skip
        if int8:
            from onnxruntime.quantization import QuantType, quantize_dynamic

            quantize_dynamic(plain, path, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul", "Gather"])
    return path
