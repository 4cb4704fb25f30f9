"""A language model behind an endpoint: it answers as the same model here does, and its server's faults stay clear."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("openai")
sys.path.insert(0, str(Path(__file__).parent))

from completions_server import CompletionsServer, failure, reply  # noqa: E402

from interventions.models.bloom import small  # noqa: E402
from interventions.models.bloom.classifier import BloomClassifier  # noqa: E402
from interventions.models.bloom.completions import KEY_VARIABLE, ServerFault, ServerUnusable  # noqa: E402
from interventions.models.bloom.language_model import LanguageModel, Query  # noqa: E402
from interventions.models.bloom.local import LocalLanguageModel  # noqa: E402
from interventions.models.bloom.remote import PartlyAnswered, RemoteLanguageModel  # noqa: E402
from interventions.models.errors import WrongInput  # noqa: E402

TEXTS = ["the sea is calm and the pier is empty", "you are a fool and a liar", "what a lovely morning it was", "ça va"]
PREFIX = "Say what the line is.\n\nLine: the tide goes out\nIt is: calm\n\n"
QUERIES = [Query("Line: ", text, "\nIt is:") for text in ("the sea at night 🌊 naïve", "you liar", "a", "Ἀθῆναι")]
LABELS = [" calm", " rude and foolish", " calm and empty"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """An untrained BLOOM with a tokenizer of its own, and the folder it is saved in."""
    torch.set_num_threads(1)
    tokenizer = small.train_tokenizer([*TEXTS * 5, PREFIX, *LABELS], 400)
    model = small.new_model(small.Shape(2, 3, 24, 400, 64), tokenizer, 5).eval()
    with torch.no_grad():  # larger than it begins: differences between tokens must show
        for parameter in model.parameters():
            parameter.mul_(3)
    return model, tokenizer, small.save(model, tokenizer, tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def server(tiny):
    model, tokenizer, _ = tiny
    with CompletionsServer(model, tokenizer) as server:
        yield server


@pytest.fixture
def remote(server, monkeypatch):
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    model = RemoteLanguageModel(server.url, timeout_s=10, retries=2)
    yield model
    model.close()


# -- the same answers ------------------------------------------------------------------------------


def test_remote_and_local_scores_agree(tiny, remote):
    expected = LocalLanguageModel(str(tiny[2])).score(PREFIX, QUERIES, LABELS)
    found = remote.score(PREFIX, QUERIES, LABELS)
    assert isinstance(remote, LanguageModel)
    np.testing.assert_allclose(found.logprob, expected.logprob, atol=1e-4)
    assert (found.tokens == expected.tokens).all()
    assert not found.truncated.any()


def test_texts_cut_into_tokens_here_give_the_same(tiny, server):
    expected = LocalLanguageModel(str(tiny[2])).score(PREFIX, QUERIES, [" ça", " Ἀθ", " 🌊"])
    model = RemoteLanguageModel(server.url, tokenizer=str(tiny[2]))
    found = model.score(PREFIX, QUERIES, [" ça", " Ἀθ", " 🌊"])
    model.close()
    np.testing.assert_allclose(found.logprob, expected.logprob, atol=1e-4)
    assert all(isinstance(asked["prompt"], list) for asked in server.asked)


def test_a_token_that_reaches_over_the_boundary_counts_as_the_labels(tiny, remote):
    queries, labels = [Query("", "the sea is c", "")], ["alm", "old"]
    expected = LocalLanguageModel(str(tiny[2])).score(PREFIX, queries, labels)
    found = remote.score(PREFIX, queries, labels)
    np.testing.assert_allclose(found.logprob, expected.logprob, atol=1e-4)
    assert (found.tokens == expected.tokens).all()


def test_a_server_that_puts_a_token_in_front_moves_no_label(tiny, server, remote):
    """``<s>`` is counted into the offsets, and is not in the text."""
    _, tokenizer, _ = tiny
    expected = remote.score(PREFIX, QUERIES[:1], LABELS).tokens

    def with_front(asked):
        ids = [tokenizer.bos_token_id, *tokenizer(asked["prompt"], add_special_tokens=False).input_ids]
        return server.complete({**asked, "prompt": ids})

    server.always = with_front
    other = RemoteLanguageModel(server.url)
    assert (other.score(PREFIX, QUERIES[:1], LABELS).tokens == expected).all()
    other.close()


def test_a_server_that_must_write_a_token_is_asked_for_one_which_is_dropped(server, remote):
    expected = remote.score(PREFIX, QUERIES[:1], LABELS)
    server.always = lambda asked: failure(400, "max_tokens must be at least 1") if not asked["max_tokens"] else None
    other = RemoteLanguageModel(server.url)
    found = other.score(PREFIX, QUERIES[:1], LABELS)
    other.close()
    np.testing.assert_allclose(found.logprob, expected.logprob, atol=1e-6)
    assert (found.tokens == expected.tokens).all()


def test_the_classifier_takes_an_address_for_its_model(tiny, server, monkeypatch):
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    labels = {"calm": "calm", "rude": "rude and foolish"}
    here = BloomClassifier(str(tiny[2]), "any/plain.en", labels).predict_proba(TEXTS)
    there = BloomClassifier(f"{server.url}#tiny", "any/plain.en", labels).predict_proba(TEXTS)
    np.testing.assert_allclose(there, here, atol=1e-4)


def test_a_classifier_that_asks_a_server_is_saved_and_opened_again(server, monkeypatch, tmp_path):
    monkeypatch.setenv(KEY_VARIABLE, "sk-very-secret")
    labels = {"calm": "calm", "rude": "rude and foolish"}
    made = BloomClassifier(server.url, "any/plain.en", labels, shots=2)
    made.fit(TEXTS[:3], ["calm", "rude", "calm"]).save(tmp_path / "large")
    opened = BloomClassifier.load(tmp_path / "large")
    np.testing.assert_allclose(opened.predict_proba(TEXTS), made.predict_proba(TEXTS), atol=1e-6)
    assert not any("sk-very-secret" in path.read_text() for path in (tmp_path / "large").iterdir())


# -- too long --------------------------------------------------------------------------------------


@pytest.mark.parametrize("tells", [True, False], ids=["with numbers", "without"])
def test_a_long_item_loses_its_middle_and_never_the_instruction(server, remote, tells):
    server.context = 140
    if not tells:
        server.always = lambda asked: (
            failure(400, "the prompt is too long") if len(server.tokenizer(asked["prompt"]).input_ids) > 140 else None
        )
    long = Query("Line: ", "the first word. " + "a wave and a wave " * 60 + "the last word.", "\nIt is:")
    scores = remote.score(PREFIX, [long, QUERIES[1]], LABELS)
    assert scores.truncated.tolist() == [True, False]
    taken = [a["prompt"] for a in server.asked if len(server.tokenizer(a["prompt"]).input_ids) <= 140]
    kept = [text for text in taken if "…" in text]
    assert len(kept) == len(LABELS)
    for text in kept:
        assert text.startswith(PREFIX + "Line: the first")
        assert "word.\nIt is:" in text
        assert len(server.tokenizer(text).input_ids) > 100, "no more is cut than must be"


def test_an_instruction_beyond_the_context_is_refused(server, remote):
    server.context = 20
    with pytest.raises(WrongInput, match="instruction and the demonstrations alone"):
        remote.score(PREFIX, QUERIES[:1], LABELS)


# -- trouble ---------------------------------------------------------------------------------------


def test_a_busy_or_failing_server_is_asked_again(server, remote):
    server.faults.extend(
        [
            lambda asked: failure(429, "slow down", retry_after_ms="20"),
            lambda asked: failure(500, "worker died", retry_after_ms="20"),
            lambda asked: failure(503, "starting", retry_after_ms="20"),
        ]
    )
    assert np.isfinite(remote.score(PREFIX, QUERIES, LABELS).logprob).all()
    assert len(server.asked) == len(QUERIES) * len(LABELS) + 3


def test_what_was_answered_is_kept_and_what_was_not_is_named(server, remote):
    refused = [True]

    def picky(asked):
        return failure(500, "no", retry_after_ms="5") if refused[0] and "you liar" in asked["prompt"] else None

    server.always = picky
    with pytest.raises(PartlyAnswered, match=r"1 of 4 items were not judged \(items 1\).*failed \(500\)") as caught:
        remote.score(PREFIX, QUERIES, LABELS)
    assert sorted(caught.value.judged) == [0, 2, 3]
    refused[0] = False
    server.asked.clear()
    scores = remote.score(PREFIX, QUERIES, LABELS)
    assert len(server.asked) == len(LABELS), "only the item that failed is asked about again"
    assert scores.logprob[0].tolist() == list(caught.value.judged[0].logprob)


def test_a_server_that_falls_silent_costs_the_timeout_and_one_clear_error(server):
    server.always = lambda asked: (server.released.wait(20), reply({}))[1]
    model = RemoteLanguageModel(f"{server.url}#tiny", timeout_s=0.2, retries=0)
    with pytest.raises(ServerFault, match=r"did not answer within 0\.2 s"):
        model.score(PREFIX, QUERIES[:1], LABELS[:1])
    server.released.set()
    model.close()


@pytest.mark.parametrize(
    "body",
    [b"<html>bad gateway</html>", b"[]", b"{}", b'{"choices": []}', b'{"choices": [{"index": 0, "text": ""}]}', b""],
    ids=["html", "list", "empty", "no choice", "no text", "nothing"],
)
def test_half_an_answer_is_no_answer(server, body):
    server.always = lambda asked: (200, {"Content-Type": "application/json"}, body)
    model = RemoteLanguageModel(f"{server.url}#tiny", timeout_s=5, retries=0)
    with pytest.raises(ServerFault, match=r"127\.0\.0\.1"):
        model.score(PREFIX, QUERIES[:1], LABELS)
    model.close()


def test_an_answer_cut_off_on_its_way_is_asked_for_again(server, remote):
    whole = server.complete

    def cut(asked):
        status, headers, body = whole(asked)
        return status, {**headers, "cut": "40"}, body

    server.faults.append(cut)
    assert np.isfinite(remote.score(PREFIX, QUERIES[:1], LABELS).logprob).all()


def _without_probabilities(server):
    def answer(asked):
        status, headers, body = server.complete(asked)
        return status, headers, body.replace(b'"logprobs": {', b'"logprobs_": {')

    return answer


def test_a_server_without_probabilities_of_the_prompt_says_what_to_do(server, remote):
    server.always = _without_probabilities(server)
    with pytest.raises(ServerUnusable, match="no log-probabilities of the text it is given") as caught:
        remote.score(PREFIX, QUERIES, LABELS)
    assert "vllm serve" in caught.value.remedy
    assert len(server.asked) < len(QUERIES) * len(LABELS), "once that is clear no more is asked"


def test_a_server_that_refuses_echo_says_the_same(server, remote):
    server.always = lambda asked: failure(400, "echo is not supported with this model")
    with pytest.raises(ServerUnusable, match="refuses to tell log-probabilities"):
        remote.score(PREFIX, QUERIES[:1], LABELS)


def test_nobody_there_is_one_clear_error(monkeypatch):
    model = RemoteLanguageModel("http://127.0.0.1:1/v1#tiny", retries=0)
    with pytest.raises(ServerUnusable, match="cannot be reached"):
        model.score(PREFIX, QUERIES, LABELS)
    model.close()


def test_no_more_is_asked_at_once_than_allowed(server):
    model = RemoteLanguageModel(server.url, concurrency=2)
    model.score(PREFIX, QUERIES, LABELS)
    model.close()
    assert server.most_at_once <= 2


# -- the key ---------------------------------------------------------------------------------------


def test_the_key_comes_from_the_environment_and_shows_nowhere(server, monkeypatch, caplog):
    monkeypatch.setenv(KEY_VARIABLE, "sk-very-secret")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-another-server")
    caplog.set_level(logging.DEBUG)
    model = RemoteLanguageModel(server.url, retries=0)
    model.score(PREFIX, QUERIES[:1], LABELS)
    assert server.headers[0]["authorization"] == "Bearer sk-very-secret"
    assert not any("org-of-another-server" in str(headers) for headers in server.headers)
    server.always = lambda asked: failure(401, "sk-very-secret is wrong")
    with pytest.raises(ServerUnusable, match="refuses the key") as caught:
        model.score(PREFIX, QUERIES[1:], LABELS)
    model.close()
    assert KEY_VARIABLE in caught.value.remedy
    told = " ".join(
        [
            str(caught.value),
            caught.value.message,
            caught.value.remedy,
            model.name,
            model.version,
            repr(model),
            caplog.text,
        ]
    )
    assert "sk-very-secret" not in told


@pytest.mark.parametrize("address", ["http://", "https:///v1", "http://host:port/v1", "ftp://host/v1"])
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(WrongInput, match="not the address of a server"):
        RemoteLanguageModel(address)


def test_an_address_with_a_password_is_refused_without_repeating_it():
    with pytest.raises(WrongInput) as caught:
        RemoteLanguageModel("http://me:hunter2@host/v1")
    assert "hunter2" not in f"{caught.value.message} {caught.value.remedy}"
