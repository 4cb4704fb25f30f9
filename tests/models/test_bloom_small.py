"""The BLOOM that is trained here: any text is in its vocabulary, it learns, and a run cut off goes on unharmed."""

from __future__ import annotations

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from interventions.models.bloom import small  # noqa: E402
from interventions.models.bloom.small import Recipe, Shape, Training  # noqa: E402
from interventions.models.errors import WeightsBroken  # noqa: E402

TEXT = "the sea is calm and the pier is empty. what a lovely morning it was, said the old man. " * 40
SHAPE = Shape(layers=2, heads=3, width=24, vocabulary=300, context=16)
RECIPE = Recipe(steps=12, batch=2, rate=1e-2, warmup=3, evaluate_every=4, keep_every=4)


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def tokenizer():
    return small.train_tokenizer([TEXT], SHAPE.vocabulary)


def training(tokenizer, recipe=RECIPE, folder=None, seed=1) -> Training:
    tokens = np.array(tokenizer(TEXT).input_ids, dtype=np.int64)
    model = small.new_model(SHAPE, tokenizer, seed)
    lengths = small.byte_lengths(tokenizer)
    return Training(model, lambda epoch: np.roll(tokens, epoch), tokens[:200], lengths, SHAPE, recipe, folder)


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_comes_back_and_its_tokens_are_as_long_as_it(text):
    tokenizer = _shared()
    ids = tokenizer(text).input_ids
    assert tokenizer.decode(ids) == text
    assert small.byte_lengths(tokenizer)[ids].sum() == len(text.encode())


_TOKENIZERS = []


def _shared():
    if not _TOKENIZERS:
        _TOKENIZERS.append(small.train_tokenizer([TEXT], SHAPE.vocabulary))
    return _TOKENIZERS[0]


def test_the_rate_rises_then_falls_to_a_tenth():
    recipe = Recipe(steps=100, warmup=10, rate=1.0)
    rates = [small.rate_at(step, recipe) for step in range(101)]
    assert rates[:10] == sorted(rates[:10])
    assert max(rates) == pytest.approx(1.0)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[100] == pytest.approx(0.1)


def test_an_untrained_model_needs_as_many_bits_as_a_guess_and_a_trained_one_fewer(tokenizer):
    run = training(tokenizer)
    lengths = small.byte_lengths(tokenizer)
    guess = math.log2(len(tokenizer)) * (len(run.held_out) - 1) / lengths[run.held_out[1:]].sum()
    before = small.bits_per_byte(run.model, run.held_out, run.lengths, SHAPE.context, 2)
    assert before == pytest.approx(guess, rel=0.05)
    curve = run.run()
    assert [point.step for point in curve] == [4, 8, 12]
    assert curve[-1].tokens == 12 * 2 * SHAPE.context
    assert curve[-1].held_out < 0.8 * before


def test_a_run_that_was_cut_off_ends_as_if_it_had_not_been(tokenizer, tmp_path):
    whole = training(tokenizer)
    expected = whole.run()

    class CutOff(Exception):
        pass

    def cut(point):
        if point.step == 8:
            raise CutOff

    with pytest.raises(CutOff):
        training(tokenizer, folder=tmp_path).run(cut)
    assert small.run_of(tmp_path / "state.safetensors")["step"] == 4
    again = training(tokenizer, folder=tmp_path, seed=99)  # what it begins with does not matter any more
    assert again.run() == expected
    for one, other in zip(whole.model.parameters(), again.model.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)
    assert training(tokenizer, folder=tmp_path).run() == expected, "a finished run is not trained on"


def test_a_folder_of_another_run_is_refused(tokenizer, tmp_path):
    training(tokenizer, folder=tmp_path).run()
    other = Recipe(steps=13, batch=2, rate=1e-2, warmup=3, evaluate_every=4, keep_every=4)
    with pytest.raises(WeightsBroken, match="another shape or recipe"):
        training(tokenizer, other, tmp_path).run()


def test_it_is_a_bloom_of_the_shape_that_was_asked_for(tokenizer, tmp_path):
    model = small.new_model(Shape(), tokenizer, 1)
    config = model.config
    assert (config.model_type, config.n_layer, config.n_head, config.hidden_size) == ("bloom", 5, 6, 192)
    small.save(model, tokenizer, tmp_path)
    assert len(list(tmp_path.glob("model-*-of-*.safetensors"))) > 1
