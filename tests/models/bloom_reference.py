"""References for the tests of classification by prompt, written without the code they check."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import BloomConfig, BloomForCausalLM, PreTrainedTokenizerFast

torch.set_num_threads(1)

SENTENCES = [
    "The sea was calm and the boat went home before the evening.",
    "Nobody knows the answer, but everybody asks the question again.",
    "Der Hund schläft, und die Katze sitzt daneben; das Wetter ist schön.",
    "¿Quién sabe la respuesta? Nadie, pero todos preguntan otra vez.",
    "اللغة العربية جميلة وفيها كلمات كثيرة",
    "good bad very good very bad positive negative yes no maybe 😀 12345",
]


def save_tokenizer(folder: Path, size: int = 420) -> Any:
    """A byte-level BPE tokenizer, trained on a few sentences."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=["<unk>", "<s>", "</s>", "<pad>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES * 3, trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="<unk>", bos_token="<s>", eos_token="</s>", pad_token="<pad>"
    )
    fast.save_pretrained(folder)
    return fast


def save_bloom(folder: Path, heads: int = 6, seed: int = 0, context: int = 256, **saving: Any) -> Path:
    """A small BLOOM with weights large enough that every part of it shows in its answers."""
    tokenizer = save_tokenizer(folder)
    torch.manual_seed(seed)
    model = BloomForCausalLM(
        BloomConfig(vocab_size=len(tokenizer) + 4, hidden_size=8 * heads, n_layer=2, n_head=heads, seq_length=context)
    )
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "norm" not in name and "ln_f" not in name:
                weight.normal_(0, 0.25)
            else:
                weight.add_(torch.randn_like(weight) * 0.1)
    model.save_pretrained(folder, **saving)
    return folder


def brute_force(model: Any, tokenizer: Any, context: str, labels: Sequence[str]) -> tuple[list[float], list[int]]:
    """Log-probability and number of tokens of each label after `context`: one text at a time, no padding, no cache,
    all logits. The label's tokens begin where the texts part, or at the first token that holds a label's character."""
    texts = [tokenizer(context + label, add_special_tokens=False)["input_ids"] for label in labels]
    start = 0
    while all(len(text) > start + 1 for text in texts) and len({tuple(text[: start + 1]) for text in texts}) == 1:
        if not _is_within(tokenizer, texts[0][: start + 1], context):
            break
        start += 1
    found = []
    for text in texts:
        with torch.inference_mode():
            logits = model(torch.tensor([text])).logits[0].double()
        steps = torch.log_softmax(logits, dim=-1)
        found.append(sum(float(steps[at - 1, text[at]]) for at in range(start, len(text))))
    return found, [len(text) - start for text in texts]


def _is_within(tokenizer: Any, tokens: Sequence[int], context: str) -> bool:
    """Whether `tokens`, byte for byte, are a beginning of `context`."""
    alphabet = {character: byte for byte, character in _bytes_to_characters().items()}
    spelt = "".join(tokenizer.convert_ids_to_tokens(list(tokens)))
    return context.encode().startswith(bytes(alphabet[character] for character in spelt))


def _bytes_to_characters() -> dict[int, str]:
    """How byte-level BPE spells bytes (GPT-2's table)."""
    plain = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in plain]
    return {byte: chr(byte) for byte in plain} | {byte: chr(256 + i) for i, byte in enumerate(others)}


def bloom_logits(folder: Path, tokens: Sequence[int]) -> np.ndarray:
    """BLOOM's forward pass in numpy, float64, from the file's tensors by name: logits ``(tokens, vocabulary)``.

    From the paper's description: word embedding and a layer-norm right behind it; blocks of layer-norm, attention with
    ALiBi, layer-norm, and a feed-forward of four times the width with GELU (by tanh), each added to the residual; a
    last layer-norm; logits by the embedding again. Query, key and value of a head lie side by side in one matrix.
    """
    from safetensors.numpy import load_file

    weights = {name.removeprefix("transformer."): w.astype(np.float64)
               for name, w in load_file(folder / "model.safetensors").items()}  # fmt: skip
    config = json.loads((folder / "config.json").read_text())
    heads, layers, width = config["n_head"], config["n_layer"], config["hidden_size"]

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + config["layer_norm_epsilon"])
        return scaled * weights[name + ".weight"] + weights[name + ".bias"]

    def linear(x: np.ndarray, name: str) -> np.ndarray:
        return x @ weights[name + ".weight"].T + weights[name + ".bias"]

    n = len(tokens)
    distance = np.arange(n)[None, :] - np.arange(n)[:, None]
    x = norm(weights["word_embeddings.weight"][list(tokens)], "word_embeddings_layernorm")
    for layer in range(layers):
        block = f"h.{layer}."
        fused = linear(norm(x, block + "input_layernorm"), block + "self_attention.query_key_value")
        q, k, v = np.moveaxis(fused.reshape(n, heads, 3, width // heads), 2, 0)
        mixed = np.zeros((n, heads, width // heads))
        for head, slope in enumerate(alibi_slopes(heads)):
            scores = q[:, head] @ k[:, head].T / math.sqrt(width // heads) + slope * distance
            scores[distance > 0] = -np.inf
            chances = np.exp(scores - scores.max(-1, keepdims=True))
            mixed[:, head] = chances / chances.sum(-1, keepdims=True) @ v[:, head]
        x = x + linear(mixed.reshape(n, width), block + "self_attention.dense")
        inner = linear(norm(x, block + "post_attention_layernorm"), block + "mlp.dense_h_to_4h")
        gelu = 0.5 * inner * (1 + np.tanh(math.sqrt(2 / math.pi) * (inner + 0.044715 * inner**3)))
        x = x + linear(gelu, block + "mlp.dense_4h_to_h")
    return norm(x, "ln_f") @ weights["word_embeddings.weight"].T


def alibi_slopes(heads: int) -> list[float]:
    """Slopes as the ALiBi paper's own program computes them, recursively."""

    def of_power(n: int) -> list[float]:
        start = 2 ** (-(2 ** -(math.log2(n) - 3)))
        return [start * start**i for i in range(n)]

    if math.log2(heads).is_integer():
        return of_power(heads)
    lower = 2 ** math.floor(math.log2(heads))
    return of_power(lower) + alibi_slopes(2 * lower)[0::2][: heads - lower]
