"""The arithmetic of large models: it counts what transformers counts, and fits what is published."""

from __future__ import annotations

from pathlib import Path

import pytest

from interventions.models.bloom.memory import GB, PUBLISHED, BloomShape, cards, seconds_a_verdict, table

DOCUMENT = Path(__file__).parents[2] / "docs" / "large-models.md"


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("bloom-560m", 559_214_592), ("bloom-7b1", 7_069_016_064), ("bloom (176b)", 176_247_271_424)],
)
def test_parameters_are_those_published(name, parameters):
    assert PUBLISHED[name].parameters == parameters


@pytest.mark.parametrize("shape", [BloomShape(2, 24, 3, 300), BloomShape(5, 192, 6, 2048)])
def test_parameters_and_cache_are_what_transformers_makes_of_the_shape(shape):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    config = transformers.BloomConfig(
        vocab_size=shape.vocabulary, hidden_size=shape.width, n_layer=shape.layers, n_head=shape.heads
    )
    model = transformers.BloomForCausalLM(config).to(torch.bfloat16)
    assert sum(parameter.numel() for parameter in model.parameters()) == shape.parameters
    assert sum(p.numel() * p.element_size() for p in model.parameters()) == shape.weight_bytes("bf16")
    cache = model(torch.tensor([[1, 2, 3]]), use_cache=True).past_key_values
    held = sum(part.numel() * part.element_size() for layer in cache.layers for part in (layer.keys, layer.values))
    assert held == 3 * shape.cache_bytes


def test_the_largest_fits_where_it_is_said_to():
    large = PUBLISHED["bloom (176b)"]
    assert large.weight_bytes("bf16") / 2**30 == pytest.approx(329, abs=1), "the paper's 329 GB are 2^30 bytes each"
    assert 0.5 < large.weight_bytes("int8") / large.weight_bytes("bf16") < 0.52
    assert large.heads % cards(large, "bf16") == 0
    assert cards(large, "bf16") * 80 * GB * 0.9 > large.weight_bytes("bf16") + 8 * 2048 * large.cache_bytes
    assert cards(PUBLISHED["bloom-560m"], "bf16") == 1


def test_a_verdict_costs_in_proportion_to_prompt_and_labels():
    large = PUBLISHED["bloom (176b)"]
    one = seconds_a_verdict(large, 100, 2, 8, 989e12, 0.4)
    assert seconds_a_verdict(large, 300, 2, 8, 989e12, 0.4) == pytest.approx(3 * one)
    assert seconds_a_verdict(large, 100, 4, 8, 989e12, 0.4) == pytest.approx(2 * one)


def test_the_document_has_the_table_as_it_is_computed():
    assert table() in DOCUMENT.read_text(encoding="utf-8")
