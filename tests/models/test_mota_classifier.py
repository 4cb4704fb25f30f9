"""`MotaClassifier` and what it is compared with, as estimators that go on learning."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from interventions.models import NotFitted, WrongInput  # noqa: E402
from interventions.models.mota import ContinualBaseline, MotaClassifier  # noqa: E402

BASELINES = ("finetuning", "ewc", "lwf", "si", "coscl")


def task(number: int, n: int = 200, seed: int = 0):
    """Rows whose class is told by column `number`; by nothing else."""
    random = np.random.default_rng(seed + number)
    truth = random.integers(0, 2, n)
    rows = random.normal(size=(n, 6))
    rows[:, number] = 3.0 * truth - 1.5 + 0.5 * random.normal(size=n)
    rows[:, [c for c in range(3) if c != number]] *= 0.1
    return rows, np.array(["fine", "harm"])[truth]


def learner(name: str):
    common = {"budget": 400, "rate": 0.3, "passes": 8, "standardise": False, "settle": 0}
    if name in BASELINES:
        more = {"modes": 3, "cooperation": 0.1} if name == "coscl" else {}
        return ContinualBaseline(
            name, strength={"si": 0.1, "ewc": 10.0, "coscl": 10.0}.get(name, 1.0), **common, **more
        )
    return MotaClassifier(allocation=name, anchoring=3.0 if name == "curvature" else 0.01, **common)


def through_three_tasks(model) -> float:
    """Mean accuracy on all three after the last."""
    for number in range(3):
        model.begin_task()
        model.partial_fit(*task(number), classes=("harm", "fine"))
    return float(
        np.mean([(model.predict(rows) == truth).mean() for rows, truth in (task(n, seed=9) for n in range(3))])
    )


@pytest.mark.parametrize("name", ["curvature", "backtracking", "none", *BASELINES])
def test_every_way_learns_three_tasks_through_one_interface(name):
    model = learner(name)
    assert through_three_tasks(model) > 0.6
    modes = 1 if name in BASELINES and name != "coscl" else 3
    assert model.parameters_ <= 400
    assert model.allocation_.shape == (3, modes)
    assert model.mode_distances_.shape == (modes, modes)
    assert np.isfinite(model.allocation_).all()
    assert (model.memory_ == 0) == (name == "finetuning")


def test_the_anchored_modes_forget_less_than_fine_tuning():
    def kept(model) -> float:
        for number in range(3):
            model.begin_task()
            model.partial_fit(*task(number), classes=("harm", "fine"))
        rows, truth = task(0, seed=9)
        return float((model.predict(rows) == truth).mean())

    assert kept(learner("curvature")) > kept(learner("finetuning")) - 0.02


def test_modes_are_pushed_apart_on_the_first_task():
    near, far = (
        MotaClassifier(budget=400, diversity=diversity, standardise=False).fit(*task(0)) for diversity in (0.0, 5.0)
    )
    upper = np.triu_indices(3, 1)
    assert far.mode_distances_[upper].mean() > near.mode_distances_[upper].mean()


def test_backtracking_takes_no_more_than_a_whole_step_and_something():
    model = learner("backtracking")
    through_three_tasks(model)
    assert model.allocation_.max() <= 1
    assert model.allocation_.sum() > 0


def test_a_great_anchoring_keeps_every_mode_where_it_was():
    model = MotaClassifier(budget=400, anchoring=1e9, standardise=False).fit(*task(0))
    rows, _ = task(0)
    before = model.predict_proba(rows)
    model.partial_fit(*task(0, seed=3))
    np.testing.assert_allclose(model.predict_proba(rows), before, atol=1e-2)
    assert model.allocation_[-1].max() < 0.5


def test_no_task_needs_to_be_told():
    model = MotaClassifier(budget=400, settle=5)
    for number in range(3):
        model.partial_fit(*task(number), classes=("harm", "fine"))
    assert len(model.allocation_) > 3, "what was learnt was settled now and then"
    assert model.memory_ > 0


def test_begin_task_before_anything_is_learnt_does_nothing():
    model = MotaClassifier(budget=400).begin_task().begin_task()
    model.partial_fit(*task(0), classes=("harm", "fine"))
    assert len(model.allocation_) == 1 + 7 // 32


def test_the_mean_of_parameters_is_another_way_to_predict():
    model = MotaClassifier(budget=400).fit(*task(0))
    rows, _ = task(0)
    by_softmaxes = model.predict_proba(rows)
    by_parameters = model.set_params(predict_by="parameters").predict_proba(rows)
    assert not np.allclose(by_softmaxes, by_parameters)
    np.testing.assert_allclose(by_parameters.sum(1), 1)


def test_one_mode_predicts_the_same_either_way():
    model = MotaClassifier(modes=1, budget=400).fit(*task(0))
    rows, _ = task(0)
    np.testing.assert_allclose(
        model.predict_proba(rows), model.set_params(predict_by="parameters").predict_proba(rows), atol=1e-6
    )


def test_averaged_modes_lag_behind_but_a_first_correction_counts_at_once():
    still, averaged = (MotaClassifier(budget=400, averaging=kept, settle=0).fit(*task(0)) for kept in (0.0, 0.9))
    rows, truth = task(0)
    averaged.partial_fit(rows[:8], truth[:8])
    assert averaged._mean is not averaged._modes
    np.testing.assert_array_equal(averaged._mean["0.weight"], averaged._modes["0.weight"])
    averaged.partial_fit(rows, truth)
    assert not torch.equal(averaged._mean["0.weight"], averaged._modes["0.weight"])
    averaged.begin_task()
    assert torch.equal(averaged._mean["0.weight"], averaged._modes["0.weight"]), "it settled at the mean"
    still.partial_fit(rows, truth)
    assert torch.equal(still._mean["0.weight"], still._modes["0.weight"])


def deep(inputs: int, outputs: int, parameters: int) -> nn.Module:
    """Two hidden layers, one without a bias, and a norm with running statistics."""
    width = parameters // (2 * (inputs + outputs + 16))
    return nn.Sequential(
        nn.Linear(inputs, width, bias=False), nn.BatchNorm1d(width), nn.ReLU(), nn.Linear(width, 8), nn.Tanh(),
        nn.Dropout(0.5), nn.Linear(8, outputs),
    )  # fmt: skip


@pytest.mark.parametrize("name", ["curvature", "backtracking"])
def test_any_network_can_be_its_modes(name, tmp_path):
    model = learner(name).set_params(factory=deep, budget=1500)
    assert through_three_tasks(model) > 0.6
    rows, _ = task(0)
    np.testing.assert_array_equal(model.predict_proba(rows), model.predict_proba(rows))
    with pytest.raises(WrongInput, match="factory"):
        model.save(tmp_path / "model")


def test_a_saved_model_goes_on_like_one_that_was_not(tmp_path):
    model = MotaClassifier(budget=400).fit(*task(0))
    model.partial_fit(*task(1))
    model.begin_task()
    loaded = MotaClassifier.load(model.save(tmp_path / "model"))
    np.testing.assert_array_equal(loaded.allocation_, model.allocation_)
    assert loaded.memory_ == model.memory_
    rows, _ = task(2)
    model.set_params(rate=model.rate)  # begins the random numbers anew, as loading does
    for one in (model, loaded):
        one.partial_fit(*task(2))
    np.testing.assert_array_equal(loaded.predict_proba(rows), model.predict_proba(rows))


def test_no_row_is_kept():
    """Not in what is saved, nor anywhere else in the model."""
    model = MotaClassifier(budget=400, standardise=False).fit(*task(0, n=333))
    sizes = {tensor.shape for part in model._way.memory.values() for tensor in part.values()}
    assert not any(333 in shape for shape in sizes)


# -- what people give --------------------------------------------------------------------------------------------


def test_the_first_partial_fit_names_its_classes_or_has_items_of_each():
    rows, truth = task(0)
    with pytest.raises(WrongInput, match="classes"):
        MotaClassifier(budget=400).partial_fit(rows[:3], ["harm"] * 3)
    assert MotaClassifier(budget=400).partial_fit(rows[:3], ["harm"] * 3, classes=("fine", "harm")).classes_ == (
        "fine",
        "harm",
    )
    assert MotaClassifier(budget=400).partial_fit(rows, truth).classes_ == ("fine", "harm")


@pytest.mark.parametrize("name", ["curvature", "backtracking", *BASELINES])
def test_odd_teaching_is_taken(name):
    """One class alone, the same item with both labels, one item, none, ten thousand."""
    model = learner(name).set_params(passes=1, batch=500)
    model.fit(*task(0))
    rows, _ = task(1)
    model.partial_fit(rows, ["harm"] * len(rows))
    model.partial_fit(np.repeat(rows[:1], 2, axis=0), ["harm", "fine"])
    model.partial_fit(rows[:1], ["fine"])
    model.partial_fit(rows[:0], [])
    many, truth = task(2, n=10_000)
    model.partial_fit(many, truth)
    assert np.isfinite(model.predict_proba(rows)).all()


def test_what_is_refused_changes_nothing():
    model = MotaClassifier(budget=400).fit(*task(0))
    rows, truth = task(1)
    before = (model.version, model.allocation_.copy())
    for X, y in (
        (rows[:, :3], truth),
        (rows, truth[:-1]),
        (rows[:1], ["martian"]),
        (np.full((1, 6), np.nan), ["harm"]),
    ):
        with pytest.raises(WrongInput):
            model.partial_fit(X, y)
    assert model.version == before[0]
    np.testing.assert_array_equal(model.allocation_, before[1])


def test_a_run_that_diverges_says_so_and_changes_nothing():
    model = MotaClassifier(budget=400, allocation="none", anchoring=1.0, passes=200).fit(*task(0))
    before, usual = model.version, model.rate
    model.set_params(rate=1e6)
    with pytest.raises(WrongInput, match="rate"):
        model.partial_fit(*task(1))
    model.set_params(rate=usual)
    assert model.version == before


def test_parameters_that_are_not_known_are_named():
    for model in (MotaClassifier(allocation="best"), ContinualBaseline("replay")):
        with pytest.raises(WrongInput, match="is not known"):
            model.fit(*task(0))
    with pytest.raises(WrongInput, match="parameters"):
        MotaClassifier(budget=10).fit(*task(0))


def test_what_has_not_begun_has_no_allocation():
    with pytest.raises(NotFitted):
        MotaClassifier().allocation_  # noqa: B018
