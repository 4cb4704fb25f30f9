"""Networks that share a budget of parameters among N modes."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from interventions.models.errors import WrongInput

Factory = Callable[[int, int, int], nn.Module]
"""``factory(inputs, outputs, parameters)``: a network of rows ``(n, inputs)`` to logits ``(n, outputs)`` with at most
`parameters` parameters. It is always used as in ``eval()``: what only trains (drop-out, statistics) stands still."""


def perceptron(inputs: int, outputs: int, parameters: int) -> nn.Module:
    """The widest network with one hidden layer that `parameters` parameters allow.

    Raises:
        WrongInput: when they do not allow a single hidden unit.
    """
    width = (parameters - outputs) // (inputs + 1 + outputs)
    if width < 1:
        fewest = inputs + 1 + 2 * outputs
        raise WrongInput(
            f"a network of {inputs} inputs and {outputs} outputs needs at least {fewest} parameters, not {parameters}",
            "give a larger `budget`, or fewer `modes`",
        )
    return nn.Sequential(nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, outputs))


def parameter_count(network: nn.Module) -> int:
    """The number of trainable numbers."""
    return sum(parameter.numel() for parameter in network.parameters())
