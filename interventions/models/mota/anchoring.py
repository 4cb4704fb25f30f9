"""Steps that are held back where what was learnt would suffer.

A step of length eta along a gradient g, with the pull of an anchor taken implicitly:

    theta+ = argmin  g . theta + |theta - theta_now|^2 / (2 eta) + strength / 2 (theta - anchor)^T F (theta - anchor)

which, unlike a step along the gradient of the same penalty, cannot overshoot however strong the anchor is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from interventions.models.mota.curvature import INPUTS, OUTPUTS
from interventions.models.mota.modes import Modes


def held_by_diagonal(
    reached: Mapping[str, Tensor], anchor: Mapping[str, Tensor], fisher: Mapping[str, Tensor], pull: float
) -> Modes:
    """theta+ for a diagonal F: (theta + pull F anchor) / (1 + pull F), with `pull` = eta * strength and `reached` the
    modes after the plain step. What `fisher` does not name is free."""
    return {
        name: (mode + pull * fisher[name] * anchor[name]) / (1 + pull * fisher[name]) if name in fisher else mode
        for name, mode in reached.items()
    }


@dataclass(frozen=True)
class Axes:
    """The eigenvectors (columns) and eigenvalues of A and of G for one layer, ``(1 or N, ..)``."""

    of_inputs: Tensor
    input_values: Tensor
    of_outputs: Tensor
    output_values: Tensor


def axes(curvature: Mapping[str, Tensor]) -> dict[str, Axes]:
    """The axes of every layer whose factors are in `curvature`."""
    found = {}
    for name, inputs in curvature.items():
        if name.endswith(INPUTS):
            layer = name.removesuffix(INPUTS)
            input_values, of_inputs = torch.linalg.eigh(inputs)
            output_values, of_outputs = torch.linalg.eigh(curvature[layer + OUTPUTS])
            found[layer] = Axes(of_inputs, input_values.clamp_min(0), of_outputs, output_values.clamp_min(0))
    return found


def held_by_factors(
    reached: Mapping[str, Tensor], anchor: Mapping[str, Tensor], layers: Mapping[str, Axes], pull: float
) -> Modes:
    """theta+ for F = A (x) G: along the eigenvectors u of G and v of A the way D from the anchor shrinks by
    1 / (1 + pull lambda_u lambda_v). Parameters in none of `layers` are as `reached`."""
    held = dict(reached)
    for layer, one in layers.items():
        weight, bias = f"{layer}.weight", f"{layer}.bias"
        origin = torch.cat([anchor[weight], anchor[bias][..., None]], dim=-1)
        way = torch.cat([reached[weight], reached[bias][..., None]], dim=-1) - origin
        turned = one.of_outputs.mT @ way @ one.of_inputs
        shrunk = turned / (1 + pull * one.output_values[..., :, None] * one.input_values[..., None, :])
        joint = origin + one.of_outputs @ shrunk @ one.of_inputs.mT
        held[weight], held[bias] = joint[..., :-1], joint[..., -1]
    return held
