"""A costly model to measure serving with: a stack of dense layers on the ONNX runtime."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from interventions.models import Card
from interventions.models.sessions import open_session

WIDTH, INNER, LAYERS = 384, 1536, 36
_FLOAT = 1


class Dense:
    """36 times from 384 to 1536 and back: 170 MB of weights, as a middling transformer has.

    It costs nearly as much for one text as for several: the weights have to pass through the processor once a batch,
    as with a language model that says a word, a graphics card, or a service far away. What it says means nothing.
    """

    classes_ = ("one", "other")
    version = "1"
    at_once = 1
    card = Card(
        family="dense", version="1", input="text", classes=classes_,
        intended_use="measuring the model host", limits="says nothing", source="made here", licence="MIT",
    )  # fmt: skip

    def __init__(self, seed: int) -> None:
        self._session = open_session(_graph(seed), Path("dense"), threads=1)

    def open_weights(self) -> Dense:
        return self

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Shape ``(len(texts), 2)``."""
        (state,) = self._session.run(None, {"0": np.stack([_embedded(text) for text in texts])})
        one = 1 / (1 + np.exp(-state[:, 0].astype(np.float64)))
        return np.stack([one, 1 - one], axis=1)


def _embedded(text: str) -> NDArray[np.float32]:
    row = np.ones(WIDTH, dtype=np.float32)
    for word in text.split():
        row[crc32(word.encode()) % WIDTH] += 1
    return row


# -- the graph, in protobuf's wire format (onnx.proto; its field numbers are beside their names) ------------


def _graph(seed: int) -> bytes:
    """``x + relu(x W) V``, layer on layer, from input "0"."""
    random = np.random.default_rng(seed)
    nodes, weights = list[bytes](), list[bytes]()
    for layer in range(LAYERS):
        x, w, v = str(layer), f"w{layer}", f"v{layer}"
        nodes += [
            _node("MatMul", [x, w], f"a{layer}"),
            _node("Relu", [f"a{layer}"], f"b{layer}"),
            _node("MatMul", [f"b{layer}", v], f"c{layer}"),
            _node("Add", [x, f"c{layer}"], str(layer + 1)),
        ]
        weights += [_tensor(random, w, WIDTH, INNER), _tensor(random, v, INNER, WIDTH)]
    graph = [_part(1, node) for node in nodes] + [_part(2, b"dense")] + [_part(5, one) for one in weights]  # node, name
    graph += [_part(11, _value("0")), _part(12, _value(str(LAYERS)))]  # input, output
    opset = _part(8, _number(2, 17))  # opset_import: version
    return _number(1, 8) + opset + _part(7, b"".join(graph))  # ir_version, graph


def _node(kind: str, inputs: Sequence[str], output: str) -> bytes:
    named = b"".join(_part(1, name.encode()) for name in inputs)
    return named + _part(2, output.encode()) + _part(4, kind.encode())  # input, output, op_type


def _tensor(random: np.random.Generator, name: str, rows: int, columns: int) -> bytes:
    values = random.standard_normal((rows, columns), dtype=np.float32) / (8 * rows**0.5)
    dims = _number(1, rows) + _number(1, columns)
    return dims + _number(2, _FLOAT) + _part(8, name.encode()) + _part(9, values.astype("<f4").tobytes())


def _value(name: str) -> bytes:
    dims = _part(1, _part(2, b"n")) + _part(1, _number(1, WIDTH))  # dim: dim_param, dim_value
    tensor = _number(1, _FLOAT) + _part(2, dims)  # elem_type, shape
    return _part(1, name.encode()) + _part(2, _part(1, tensor))  # name, type: tensor_type


def _part(field: int, content: bytes) -> bytes:
    return bytes(_varint(field << 3 | 2)) + bytes(_varint(len(content))) + content


def _number(field: int, value: int) -> bytes:
    return bytes(_varint(field << 3)) + bytes(_varint(value))


def _varint(value: int) -> Iterator[int]:
    while value > 0x7F:
        yield value & 0x7F | 0x80
        value >>= 7
    yield value
