"""lm-evaluation-harness on the texts of ``mindproof bench bloom``: run as a file by a Python that has lm-eval.

Reads ``{"model": folder, "contexts": [..], "answers": [..]}`` from its input; prints, as its last line,
``{"logprob": [[..] ..], "seconds": s}``. Only the scoring is timed, not the opening of the model.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any


def main() -> None:
    import lm_eval.models.huggingface as harness
    from lm_eval.api.instance import Instance

    request: dict[str, Any] = json.load(sys.stdin)
    model = harness.HFLM(pretrained=request["model"], device="cpu", dtype="float32", batch_size=32)
    pairs = [(context, answer) for context in request["contexts"] for answer in request["answers"]]
    asked = [
        Instance(request_type="loglikelihood", doc={}, arguments=pair, idx=number) for number, pair in enumerate(pairs)
    ]
    began = time.perf_counter()
    found = [logprob for logprob, _ in model.loglikelihood(asked, disable_tqdm=True)]
    seconds = time.perf_counter() - began
    width = len(request["answers"])
    rows = [found[start : start + width] for start in range(0, len(found), width)]
    print(json.dumps({"logprob": rows, "seconds": seconds}))


if __name__ == "__main__":
    main()
