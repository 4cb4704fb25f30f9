"""What the core leaves out, and how to have it after all."""

from __future__ import annotations

from typing import Literal

Extra = Literal["models", "ray"]

LIBRARIES: dict[Extra, tuple[str, ...]] = {
    "models": (
        "torch", "sklearn", "scipy", "transformers", "tokenizers", "accelerate", "gguf", "jinja2", "pyarrow", "openai",
    ),
    "ray": ("ray",),
}  # fmt: skip
"""The libraries that each extra brings, as they are imported."""
_PINNED: dict[Extra, tuple[str, ...]] = {"models": ("models.txt", "models-nodeps.txt"), "ray": ("ray.txt",)}


def extra_of(library: str) -> Extra | None:
    """The extra that brings a library; None for one of the core, or a stranger's."""
    return next((extra for extra, libraries in LIBRARIES.items() if library in libraries), None)


def how_to_install(extra: Extra) -> str:
    """What to type."""
    files = " ".join(f"-r requirements/{file}" for file in _PINNED[extra])
    return f"install the extra `{extra}`: .venv/bin/pip install --no-deps {files}"
