"""The small filter: what it learns, that it is quick to load, and what the shipped one does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import interventions.models
from interventions.models import WeightsBroken, WrongInput
from interventions.models.ngrams import Ngrams
from interventions.models.ngrams.linear import Sparse, probabilities
from interventions.models.progress import Progress

SHIPPED = Path(interventions.models.__file__).parent / "shipped" / "abuse_small"
TEXTS = ["the soup is hot", "the soup is cold", "a hot day", "a cold day"] * 30
LABELS = ["hot", "cold", "hot", "cold"] * 30


@pytest.fixture(scope="module")
def shipped() -> Ngrams:
    return Ngrams.load(SHIPPED)


def test_it_learns_one_word() -> None:
    seen: list[Progress] = []
    model = Ngrams(bits=12, epochs=4).fit(TEXTS, LABELS, progress=seen.append)
    assert list(model.predict(["hot bread", "cold bread"])) == ["hot", "cold"]
    assert 1 <= len(seen) <= 4
    assert seen[-1].score is not None


def test_it_learns_three_classes_and_on_line() -> None:
    model = Ngrams(bits=12)
    for _ in range(20):
        model.partial_fit(["red apple", "green pear", "blue plum"], ["red", "green", "blue"])
    assert list(model.predict(["plum", "apple", "pear"])) == ["blue", "red", "green"]


def test_learning_goes_on_from_a_saved_model(tmp_path: Path) -> None:
    model = Ngrams(bits=12, epochs=2).fit(TEXTS, LABELS)
    again = Ngrams.load(model.save(tmp_path / "saved"))
    before = again.version
    for _ in range(30):
        again.partial_fit(["lukewarm"], ["cold"])
    assert again.predict(["lukewarm"])[0] == "cold"
    assert again.version != before


def test_a_weight_of_nothing_counts_for_nothing() -> None:
    weights = [float(label == "hot") + 1e-9 for label in LABELS]
    model = Ngrams(bits=12, epochs=2).fit(TEXTS, LABELS, sample_weight=weights)
    assert set(model.predict(TEXTS)) == {"hot"}
    with pytest.raises(WrongInput, match="sample_weight"):
        Ngrams().fit(TEXTS, LABELS, sample_weight=[1.0])


def test_sparse_rows_multiply_as_dense_ones() -> None:
    random = np.random.default_rng(0)
    rows = [(random.integers(0, 16, n), random.normal(size=n).astype(np.float32)) for n in (3, 0, 5, 1)]
    dense = np.zeros((4, 16))
    for at, (columns, values) in enumerate(rows):
        np.add.at(dense[at], columns, values)
    weights, errors = random.normal(size=(16, 2)).astype(np.float32), random.normal(size=(4, 2))
    sparse = Sparse.stacked(rows)
    np.testing.assert_allclose(sparse.dot(weights), dense @ weights, atol=1e-5)
    np.testing.assert_allclose(sparse.transposed_dot(errors, 16), dense.T @ errors, atol=1e-5)
    np.testing.assert_allclose(sparse.chosen(np.array([2, 0])).dot(weights), (dense @ weights)[[2, 0]], atol=1e-5)


def test_probabilities_survive_large_numbers() -> None:
    assert probabilities(np.array([[1e6], [-1e6]])).round(6).tolist() == [[1.0], [0.0]]
    np.testing.assert_allclose(probabilities(np.array([[1e6, 1e6, 0.0]])), [[0.5, 0.5, 0.0]])


def test_an_unreadable_lexicon_is_named(tmp_path: Path) -> None:
    with pytest.raises(WrongInput, match="nowhere"):
        Ngrams(lexicon=str(tmp_path / "nowhere.toml")).fit(TEXTS, LABELS)


def test_weights_of_another_size_are_refused(tmp_path: Path, shipped: Ngrams) -> None:
    small = Ngrams(bits=10, epochs=1).fit(TEXTS, LABELS)
    small.bits = 11
    with pytest.raises(WeightsBroken, match="shape"):
        Ngrams.load(small.save(tmp_path / "saved"))


def test_the_shipped_one_is_small_and_needs_numpy_alone() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 2_000_000
    code = (
        "import sys\nfrom interventions.models.ngrams import Ngrams\n"
        f"Ngrams.load({str(SHIPPED)!r}).predict_proba(['good morning'])\n"
        "heavy = {'torch', 'sklearn', 'scipy', 'pandas', 'transformers', 'cv2', 'onnxruntime'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_shipped_one_says_what_it_is(shipped: Ngrams) -> None:
    card = shipped.card
    assert card.classes == ("abuse", "neither")
    assert card.harmful == ("abuse",)
    assert card.training_rows > 50_000
    assert {metric.name for metric in card.metrics} >= {"area under the curve", "misses", "over-blocking"}
    assert card.reliability
    assert "mindproof replicate filters" in card.command


@pytest.mark.parametrize(
    ("harmless", "abusive"),
    [
        ("Women are wonderful.", "Women are vermin."),
        ("Nobody should hurt refugees.", "Somebody should hurt refugees."),
        ("Las mujeres son maravillosas.", "Las mujeres son escoria."),
        ("Alle Ausländer sind willkommen.", "Alle Ausländer sind Abschaum."),
        ("J'adore les musulmans.", "Je déteste les musulmans."),
        ("You are so kind!", "You are so stupid, you whore!"),
    ],
)
def test_the_shipped_one_tells_like_sentences_apart(shipped: Ngrams, harmless: str, abusive: str) -> None:
    abuse = shipped.predict_proba([harmless, abusive])[:, 0]
    assert abuse[0] < 0.5 <= abuse[1]


@pytest.mark.parametrize(
    "disguised", ["you 1d10t b1tch", "you s t u p i d bitch", "you stuuuupid biiitch", "yоu stupid bіtch"]
)
def test_the_shipped_one_sees_through_disguises(shipped: Ngrams, disguised: str) -> None:
    assert shipped.predict_proba([disguised])[0, 0] >= 0.5
