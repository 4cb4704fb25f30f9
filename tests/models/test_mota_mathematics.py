"""The mathematics under MOTA: each function against its equation, its gradient, or a property it must have."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from torch import nn  # noqa: E402

from interventions.models import WrongInput  # noqa: E402
from interventions.models.mota import curvature  # noqa: E402
from interventions.models.mota.allocation import backtracked, first_lower, lengths  # noqa: E402
from interventions.models.mota.anchoring import axes, held_by_diagonal, held_by_factors  # noqa: E402
from interventions.models.mota.losses import among, apart, chance_of_truth, replaced, together  # noqa: E402
from interventions.models.mota.modes import build, cosines, distances, drift, likeness, mean_mode, moved  # noqa: E402
from interventions.models.mota.networks import parameter_count, perceptron  # noqa: E402

small = settings(max_examples=25, deadline=None)


def modes_of(count: int, seed: int = 0, doubled: bool = True):
    network, modes = build(perceptron, count, 3, 2, count * 40, seed)
    return network, {name: mode.double() for name, mode in modes.items()} if doubled else modes


def rows_of(n: int, seed: int = 0, doubled: bool = True):
    random = torch.Generator().manual_seed(seed)
    rows = torch.randn(n, 3, generator=random, dtype=torch.double)
    truth = torch.randint(0, 2, (n,), generator=random)
    return (rows if doubled else rows.float()), truth


# -- modes -------------------------------------------------------------------------------------------------------


@small
@given(inputs=st.integers(1, 60), outputs=st.integers(2, 12), budget=st.integers(0, 5000))
def test_a_perceptron_is_the_widest_that_its_parameters_allow(inputs, outputs, budget):
    one_more = inputs + 1 + outputs
    if budget < one_more + outputs:
        with pytest.raises(WrongInput):
            perceptron(inputs, outputs, budget)
    else:
        count = parameter_count(perceptron(inputs, outputs, budget))
        assert budget - one_more < count <= budget


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_modes_share_the_budget(count):
    _, modes = build(perceptron, count, 16, 4, 2000, 0)
    assert sum(mode.numel() for mode in modes.values()) <= 2000
    assert {mode.shape[0] for mode in modes.values()} == {count}


def test_a_factory_that_exceeds_its_share_is_refused():
    with pytest.raises(WrongInput, match="budget"):
        build(lambda inputs, outputs, _: nn.Linear(inputs, outputs), 3, 10, 2, 30, 0)


def test_a_factory_of_another_shape_is_refused():
    with pytest.raises(WrongInput, match="turns"):
        build(lambda inputs, outputs, _: nn.Linear(inputs, outputs + 1), 2, 4, 2, 300, 0)


def test_logits_of_all_modes_are_those_of_each():
    network, modes = modes_of(3)
    rows, _ = rows_of(5)
    together_ = network.logits(modes, rows)
    for number in range(3):
        alone = nn.Sequential(
            nn.Linear(3, modes["0.weight"].shape[1]), nn.ReLU(), nn.Linear(modes["0.weight"].shape[1], 2)
        )
        alone.double().load_state_dict({name: mode[number] for name, mode in modes.items()})
        torch.testing.assert_close(together_[number], alone(rows))


def test_the_seed_makes_the_modes_and_leaves_the_world_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, second = modes_of(2, seed=1)[1], modes_of(2, seed=1)[1]
    torch.testing.assert_close(torch.rand(3), expected)
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not torch.equal(first["0.weight"][0], first["0.weight"][1])


@small
@given(count=st.integers(2, 5), seed=st.integers(0, 100), scale=st.floats(0.1, 10))
def test_likeness_is_a_share_that_no_scale_changes(count, seed, scale):
    _, modes = modes_of(count, seed)
    value = likeness(modes)
    assert 0 <= float(value) <= 1 + 1e-9
    torch.testing.assert_close(likeness({name: scale * mode for name, mode in modes.items()}), value)


def test_likeness_is_one_for_equal_modes_and_nought_at_right_angles_or_alone():
    assert float(likeness({"w": torch.ones(3, 4)})) == pytest.approx(1)
    assert float(likeness({"w": torch.eye(3)})) == 0
    assert float(likeness({"w": torch.ones(1, 4)})) == 0


def test_gradients_of_likeness_and_drift():
    _, modes = modes_of(3)
    names, values = list(modes), [mode.requires_grad_() for mode in modes.values()]
    anchor = {name: mode.detach() + 0.3 for name, mode in modes.items()}
    assert torch.autograd.gradcheck(lambda *free: likeness(dict(zip(names, free, strict=True))), values)
    assert torch.autograd.gradcheck(lambda *free: drift(dict(zip(names, free, strict=True)), anchor), values)


def test_lowering_likeness_pushes_modes_apart():
    _, modes = modes_of(2)
    modes = {name: mode[:1].repeat(2, *[1] * (mode.ndim - 1)) + 0.01 * mode for name, mode in modes.items()}
    before, near = float(likeness(modes)), distances(modes)[0, 1]
    for _ in range(20):
        free = {name: mode.detach().requires_grad_() for name, mode in modes.items()}
        found = torch.autograd.grad(likeness(free), list(free.values()))
        modes = moved(modes, dict(zip(free, found, strict=True)), torch.full((2,), 2.0, dtype=torch.double))
    assert float(likeness(modes)) < before / 2
    assert distances(modes)[0, 1] > near


def test_distances_drift_and_the_mean_mode():
    modes = {"a": torch.tensor([[0.0, 0], [3, 0]]), "b": torch.tensor([[[0.0]], [[4]]])}
    torch.testing.assert_close(distances(modes), torch.tensor([[0.0, 5], [5, 0]]))
    torch.testing.assert_close(drift(modes, {name: 0 * mode for name, mode in modes.items()}), torch.tensor([0.0, 25]))
    torch.testing.assert_close(mean_mode(modes)["a"], torch.tensor([[1.5, 0]]))
    assert cosines({"w": torch.eye(2)}).tolist() == [[1, 0], [0, 1]]


# -- losses and allocation ---------------------------------------------------------------------------------------


def test_a_mixture_of_one_mode_is_that_mode():
    network, modes = modes_of(1)
    rows, truth = rows_of(6)
    logits = network.logits(modes, rows)
    torch.testing.assert_close(together(logits, truth, torch.ones(1, dtype=torch.double)), apart(logits, truth)[0])
    torch.testing.assert_close(apart(logits, truth)[0], nn.functional.cross_entropy(logits[0], truth))


def test_only_classes_that_are_present_compete_where_that_is_asked():
    logits = torch.zeros(1, 2, 4)
    present = among(logits, torch.tensor([1, 2]), "present").softmax(-1)
    torch.testing.assert_close(present[0, 0], torch.tensor([0.0, 0.5, 0.5, 0]))
    assert among(logits, torch.tensor([1, 2]), "all") is logits


@small
@given(seed=st.integers(0, 50))
def test_a_replaced_mode_gives_the_mixture_with_it_in_place(seed):
    network, modes = modes_of(3, seed)
    rows, truth = rows_of(4, seed)
    _, others = modes_of(3, seed + 1)
    shares = torch.tensor([0.2, 0.5, 0.3], dtype=torch.double)
    logits, trials = network.logits(modes, rows), network.logits(others, rows)
    found = replaced(chance_of_truth(logits, truth), chance_of_truth(trials, truth)[:, None], shares)
    for number in range(3):
        mixed = logits.clone()
        mixed[number] = trials[number]
        torch.testing.assert_close(found[number, 0], together(mixed, truth, shares))


def test_the_first_step_that_lowers_is_taken_else_none():
    steps = lengths(0.8, 2)
    assert steps.tolist() == pytest.approx([0.8, 0.4, 0.2])
    trials = torch.tensor([[1.0, 0.5, 0.1], [2, 2, 2], [0, 0, 0]])
    assert first_lower(trials, torch.tensor([0.8, 1, 1]), steps).tolist() == pytest.approx([0.4, 0, 0.8])


@small
@given(seed=st.integers(0, 50), anchoring=st.sampled_from([0.0, 0.01, 1.0]), rate=st.floats(0.01, 100))
def test_a_mode_that_moves_by_backtracking_lowers_the_objective_by_itself(seed, anchoring, rate):
    network, modes = modes_of(3, seed)
    _, anchor = modes_of(3, seed + 1)
    rows, truth = rows_of(8, seed)
    shares = torch.tensor([0.2, 0.5, 0.3], dtype=torch.double)

    def objective(free):
        return together(network.logits(free, rows), truth, shares) + anchoring * drift(free, anchor).sum()

    free = {name: mode.detach().requires_grad_() for name, mode in modes.items()}
    found = dict(zip(free, torch.autograd.grad(objective(free), list(free.values())), strict=True))
    steps = lengths(rate, 3).double()
    after, taken = backtracked(network, modes, found, anchor, rows, truth, shares, steps, anchoring)
    for number in range(3):
        alone = {name: mode.clone() for name, mode in modes.items()}
        for name in alone:
            alone[name][number] = after[name][number]
        if taken[number]:
            assert float(taken[number]) in steps.tolist()
            assert objective(alone) < objective(modes)
        else:
            assert all(torch.equal(after[name][number], modes[name][number]) for name in modes)


# -- curvature and anchoring -------------------------------------------------------------------------------------


def fisher_by_rows(network, modes, rows, labels):
    """E[g g^T] of each mode, a gradient a row, for the first layer with its bias appended, and its diagonal."""
    found = []
    for number in range(labels.shape[0]):
        gradients = []
        for row, label in zip(rows, labels[number], strict=True):
            free = {name: mode[number : number + 1].detach().requires_grad_() for name, mode in modes.items()}
            loss = nn.functional.cross_entropy(network.logits(free, row[None])[0], label[None])
            weight, bias = torch.autograd.grad(loss, [free["0.weight"], free["0.bias"]])
            gradients.append(torch.cat([weight[0], bias[0][:, None]], 1))
        found.append(torch.stack(gradients))
    return torch.stack(found)


def test_the_diagonal_of_the_fisher_information_is_the_mean_squared_gradient():
    network, modes = modes_of(2)
    rows, truth = rows_of(6)
    labels = curvature.drawn_labels(network, modes, rows, truth, "all", torch.Generator().manual_seed(0))
    traces = curvature.traces(network, modes, rows, truth, labels, "all")
    expected = fisher_by_rows(network, modes, rows, labels).square().mean(1)
    found = curvature.diagonal(traces)
    torch.testing.assert_close(found["0.weight"], expected[..., :-1])
    torch.testing.assert_close(found["0.bias"], expected[..., -1])
    assert curvature.other_diagonal(network, modes, rows, truth, labels, "all") == {}


def test_factors_give_the_exact_information_of_one_row():
    network, modes = modes_of(2)
    rows, truth = rows_of(1)
    labels = curvature.drawn_labels(network, modes, rows, truth, "all", torch.Generator().manual_seed(0))
    found = curvature.factors(curvature.traces(network, modes, rows, truth, labels, "all"))
    gradient = fisher_by_rows(network, modes, rows, labels)[:, 0]
    exact = torch.einsum("nij,nkl->nikjl", gradient, gradient)
    kronecker = torch.einsum("nik,njl->nikjl", found["0|outputs"], found["0|inputs"].expand(2, -1, -1))
    torch.testing.assert_close(kronecker, exact)


def test_parameters_outside_of_linear_layers_have_their_diagonal_too():
    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale, self.linear = nn.Parameter(torch.ones(3)), nn.Linear(3, 2)

        def forward(self, rows):
            return self.linear(rows * self.scale)

    network, modes = build(lambda *_: Scaled(), 2, 3, 2, 100, 0)
    rows, truth = rows_of(5, doubled=False)
    labels = curvature.drawn_labels(network, modes, rows, truth, "all", torch.Generator().manual_seed(0))
    found = curvature.other_diagonal(network, modes, rows, truth, labels, "all")
    assert set(found) == {"scale"}
    for number in range(2):
        squares = []
        for row, label in zip(rows, labels[number], strict=True):
            free = {name: mode[number : number + 1].detach().requires_grad_() for name, mode in modes.items()}
            loss = nn.functional.cross_entropy(network.logits(free, row[None])[0], label[None])
            squares.append(torch.autograd.grad(loss, free["scale"])[0][0].square())
        torch.testing.assert_close(found["scale"][number], torch.stack(squares).mean(0))


def curved(seed: int, count: int = 2):
    """Modes, an anchor, and random factors for their first layer."""
    _, modes = modes_of(count, seed)
    _, anchor = modes_of(count, seed + 1)
    random = torch.Generator().manual_seed(seed)
    width = modes["0.weight"].shape[1]
    one = torch.randn(1, 4, 4, generator=random, dtype=torch.double)
    other = torch.randn(count, width, width, generator=random, dtype=torch.double)
    return modes, anchor, {"0|inputs": one @ one.mT, "0|outputs": other @ other.mT}


@small
@given(seed=st.integers(0, 50), pull=st.floats(0.001, 1e4))
def test_a_held_step_solves_its_equation(seed, pull):
    """theta+ - reached + pull F (theta+ - anchor) = 0, with F = G (x) A on rows of [weight | bias]."""
    modes, anchor, found = curved(seed)
    after = held_by_factors(modes, anchor, axes(found), pull)

    def joint(of):
        return torch.cat([of["0.weight"], of["0.bias"][..., None]], -1)

    residue = joint(after) - joint(modes)
    residue = residue + pull * found["0|outputs"] @ (joint(after) - joint(anchor)) @ found["0|inputs"]
    scale = 1 + pull * float(found["0|outputs"].norm() * found["0|inputs"].norm())
    assert float(residue.abs().max()) < 1e-9 * scale
    assert torch.equal(after["2.weight"], modes["2.weight"])


def test_no_pull_holds_nothing_and_a_great_one_holds_all():
    modes, anchor, found = curved(0)
    torch.testing.assert_close(held_by_factors(modes, anchor, axes(found), 0.0), modes)
    held = held_by_factors(modes, anchor, axes(found), 1e12)
    torch.testing.assert_close(held["0.weight"], anchor["0.weight"], atol=1e-5, rtol=0)


def test_a_step_held_by_a_diagonal_solves_its_equation():
    modes, anchor, _ = curved(3)
    fisher = {name: torch.rand_like(mode) for name, mode in modes.items() if name != "2.bias"}
    after = held_by_diagonal(modes, anchor, fisher, 7.0)
    for name, one in fisher.items():
        torch.testing.assert_close(after[name] - modes[name] + 7 * one * (after[name] - anchor[name]), 0 * one)
    assert after["2.bias"] is modes["2.bias"]
    assert np.isfinite(float(after["0.weight"].sum()))
