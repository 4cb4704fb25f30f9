"""The two networks that read text from pixels: PP-OCRv6 small, as packaged with RapidOCR.

RapidOCR's own post-processing turns network outputs into boxes and texts. Its drivers are passed over: they
enlarge small strips, pad every row of a batch to the widest, and start as many threads as there are cores
for each network.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.errors import ModelError
from interventions.sdk import Box, Pixels

_log = logging.getLogger(__name__)

_DETECTOR = "PP-OCRv6_det_small.onnx"
_RECOGNISER = "PP-OCRv6_rec_small.onnx"
_DETECTOR_STEP = 32
_ROW_HEIGHT = 48
_ROW_STEP = 16
_WIDEST_ROW = 2400
_FLAT = 16
"""Grey levels between the darkest and the lightest pixel below which nothing can be written in a place."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one row says, and how sure the network is, 0 to 1."""

    text: str
    confidence: float


class TextReader:
    """Finds rows of text in a picture and reads them. Safe to share between threads and phones.

    Rows are read one a call, at their own width, on `threads` single-threaded calls at a time: on a CPU
    that is a third faster than either a batch or one call with all threads.
    """

    def __init__(self, threads: int = 2) -> None:
        try:
            from rapidocr.ch_ppocr_det.utils import DBPostProcess
            from rapidocr.ch_ppocr_rec.utils import CTCLabelDecode
        except ImportError as error:
            raise ModelError(
                f"text cannot be read from pixels: {error}", "run: pip install rapidocr onnxruntime"
            ) from error
        self._threads = threads
        self._detector = _session(_DETECTOR, threads)
        self._recogniser = _session(_RECOGNISER, 1)
        characters = self._recogniser.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._decode: Any = CTCLabelDecode(character=characters)
        self._boxes: Any = DBPostProcess(
            thresh=0.3, box_thresh=0.5, max_candidates=1000, unclip_ratio=1.6, score_mode="fast", use_dilation=True
        )

    def detect(self, pixels: Pixels, scale: float) -> list[Box]:
        """Upright boxes around the rows of text in `pixels`, seen at `scale`; boxes in the pixels of `pixels`."""
        height, width = pixels.shape[:2]
        step = _DETECTOR_STEP
        rows, columns = (max(1, -(-int(side * scale) // step)) * step for side in (height, width))
        small = cv2.resize(
            pixels, (max(1, int(width * scale)), max(1, int(height * scale))), interpolation=cv2.INTER_AREA
        )
        if int(small.max()) - int(small.min()) < _FLAT:
            return []
        small = cv2.copyMakeBorder(
            small, 0, rows - small.shape[0], 0, columns - small.shape[1], borderType=cv2.BORDER_REPLICATE
        )
        output = self._detector.run(None, {self._detector.get_inputs()[0].name: _normalised(small)})[0]
        corners, _ = self._boxes(output, (round(rows / scale), round(columns / scale)))
        found = (
            Box(int(box[:, 0].min()), int(box[:, 1].min()), int(box[:, 0].max()) + 1, int(box[:, 1].max()) + 1)
            for box in corners
        )
        return [box for box in (each.clipped((width, height)) for each in found) if box]

    def read(self, rows: Sequence[Pixels], squeeze: float = 1.0) -> list[Reading]:
        """What each crop of one row says. `squeeze` narrows a row before it is read, to save time."""
        if len(rows) < 2 or self._threads < 2:
            return [self._read(row, squeeze) for row in rows]
        with ThreadPoolExecutor(self._threads, thread_name_prefix="ocr") as pool:
            return list(pool.map(lambda row: self._read(row, squeeze), rows))

    def _read(self, row: Pixels, squeeze: float) -> Reading:
        height, width = row.shape[:2]
        wanted = width * _ROW_HEIGHT / height * squeeze
        columns = min(_WIDEST_ROW, max(1, round(wanted / _ROW_STEP)) * _ROW_STEP)
        method = cv2.INTER_AREA if columns < width and height > _ROW_HEIGHT else cv2.INTER_LINEAR
        shaped = cv2.resize(row, (columns, _ROW_HEIGHT), interpolation=method)
        output = self._recogniser.run(None, {"x": _normalised(shaped)})[0]
        (text, confidence), *_ = self._decode(output)[0]
        return Reading(str(text).strip(), float(confidence))


_loading = threading.Lock()


def shared_reader(threads: int) -> TextReader:
    """The one reader of this process; loaded at first use. Raises ModelError where the packaged weights are missing."""
    with _loading:
        return _loaded(threads)


@cache
def _loaded(threads: int) -> TextReader:
    return TextReader(threads)


def _session(name: str, threads: int) -> Any:
    import onnxruntime

    path = files("rapidocr") / "models" / name
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own exceptions share no base
        raise ModelError(
            f"the text network {name} cannot be loaded: {error}", "reinstall it: pip install --force-reinstall rapidocr"
        ) from error


def _normalised(pixels: NDArray[Any]) -> NDArray[np.float32]:
    """``(height, width, 3)`` RGB to the networks' ``(1, 3, height, width)`` BGR in -1..1."""
    planes = np.ascontiguousarray(pixels[..., ::-1].transpose(2, 0, 1)[None]).astype(np.float32)
    planes *= np.float32(1 / 127.5)
    planes -= np.float32(1)
    return planes
