"""BLOOM as transformers runs it, and as we pack it, against a forward pass in numpy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from safetensors.numpy import load_file  # noqa: E402

from interventions.models.bloom.alibi import slopes  # noqa: E402
from interventions.models.bloom.language_model import Query  # noqa: E402
from interventions.models.bloom.local import LocalLanguageModel  # noqa: E402
from tests.models.bloom_reference import alibi_slopes, bloom_logits, save_bloom  # noqa: E402


@pytest.mark.parametrize("heads", [4, 6, 12])
def test_scores_follow_from_the_papers_equations(heads: int, tmp_path: Path) -> None:
    """ALiBi for any number of heads, fused query, key and value, layer-norm behind the embedding, tied head."""
    save_bloom(tmp_path, heads=heads, seed=heads)
    assert "lm_head.weight" not in load_file(tmp_path / "model.safetensors"), "the head is the embedding"
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path)
    labels, contexts = [" very good", " very bad", " yes"], ["Text: the sea\nAnswer:", "Text: nobody knows it\nAnswer:"]
    expected = np.zeros((2, 3))
    for row, context in enumerate(contexts):
        start = len(tokenizer(context)["input_ids"])
        for column, label in enumerate(labels):
            tokens = tokenizer(context + label)["input_ids"]
            logits = bloom_logits(tmp_path, tokens)
            logits -= logits.max(-1, keepdims=True)
            steps = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
            expected[row, column] = sum(steps[at - 1, tokens[at]] for at in range(start, len(tokens)))

    model = LocalLanguageModel(str(tmp_path))
    queries = [Query("", item, "\nAnswer:") for item in ("the sea", "nobody knows it")]
    scores = model.score("Text: ", queries, labels)

    assert model.packed
    np.testing.assert_allclose(scores.logprob, expected, atol=1e-4)


@pytest.mark.parametrize("heads", [1, 2, 3, 4, 6, 7, 8, 12, 16, 24, 112])
def test_slopes_hold_for_any_number_of_heads(heads: int) -> None:
    np.testing.assert_allclose(slopes(heads), alibi_slopes(heads), rtol=1e-9)
