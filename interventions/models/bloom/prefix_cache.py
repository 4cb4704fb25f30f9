"""What a model made of a prefix, kept: keys and values of every layer, shared by all rows that go on from there."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import torch
from transformers import DynamicCache
from transformers.cache_utils import Cache, DynamicLayer

from interventions.models.bloom.encoding import Tokens

Layers = list[tuple[torch.Tensor, torch.Tensor]]


class SharedLayer(DynamicLayer):  # type: ignore[misc]
    """One layer's keys and values of a prefix, ``(1, heads, tokens, head width)``, for a batch of any size.

    Keeps nothing of what it is given: a row's own keys are needed by the pass that makes them alone. So the prefix is
    repeated for one layer at a time, never for all of them.
    """

    def __init__(self, keys: torch.Tensor, values: torch.Tensor) -> None:
        super().__init__()
        self.lazy_initialization(keys, values)
        self.keys, self.values = keys, values

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: object, **kwargs: object
    ) -> tuple[torch.Tensor, torch.Tensor]:
        rows = key_states.shape[0]
        return (
            torch.cat([self.keys.expand(rows, -1, -1, -1), key_states], dim=-2),
            torch.cat([self.values.expand(rows, -1, -1, -1), value_states], dim=-2),
        )


class PrefixCache:
    """The last few prefixes. `run` reads tokens ``(1, n)`` into an empty cache."""

    def __init__(self, run: Callable[[Tokens, Cache], None], most: int = 4) -> None:
        self._run = run
        self._most = most
        self._kept: OrderedDict[Tokens, Layers] = OrderedDict()

    def layers(self, prefix: Tokens, length: int) -> Cache:
        """A cache for rows that go on from the first `length` tokens of `prefix`; the whole is read now unless it is
        kept, so that the next call finds it whatever its rows share of it."""
        if prefix in self._kept:
            self._kept.move_to_end(prefix)
        else:
            fresh = DynamicCache()
            self._run(prefix, fresh)
            self._kept[prefix] = [(layer.keys, layer.values) for layer in fresh.layers]
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        shared = self._kept[prefix]
        return Cache(layers=[SharedLayer(keys[:, :, :length], values[:, :, :length]) for keys, values in shared])
