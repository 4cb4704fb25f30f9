"""Nude figures in the manner of a sculptor's model: solids under studio light, computed, no person ever in front of
a camera.

They are here because interventions must have something to find: detectors of nudity answer to them as they do to
photographs."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from device_agent.virtual_phone.window.pictures.noise import Field, finish

OUTSIDE = -9.0
SKIN = (((238, 192, 164), (176, 118, 86)), ((226, 208, 190), (196, 168, 146)))
GROUNDS = ((70, 84, 92), (120, 96, 84), (150, 140, 128), (44, 44, 52), (84, 92, 76))


def _join(a: Field, b: Field, soft: float) -> Field:
    """The higher of two surfaces, blended where they meet (Quilez's polynomial smooth maximum)."""
    h = np.clip(0.5 + 0.5 * (a - b) / soft, 0, 1)
    return b + (a - b) * h + soft * h * (1 - h)


def _solid(
    x: Field,
    y: Field,
    centre: tuple[float, float],
    radii: tuple[float, float, float],
    depth: float = 0,
    turn: float = 0,
) -> Field:
    """Height of the front of an ellipsoid above the picture's plane."""
    c, s = np.cos(turn), np.sin(turn)
    dx, dy = x - centre[0], y - centre[1]
    u, v = (c * dx + s * dy) / radii[0], (c * dy - s * dx) / radii[1]
    q = 1 - u * u - v * v
    return np.where(q > 0, depth + radii[2] * np.sqrt(np.maximum(q, 0)), OUTSIDE).astype(np.float32)


def _body(x: Field, y: Field, breast: float, apart: float) -> Field:
    body = _solid(x, y, (0, 0.05), (0.38, 0.5, 0.26))
    body = _join(body, _solid(x, y, (0, 0.62), (0.31, 0.55, 0.22)), 0.1)
    body = _join(body, _solid(x, y, (0, 1.14), (0.43, 0.46, 0.26)), 0.14)
    body = _join(body, _solid(x, y, (0, -0.42), (0.125, 0.3, 0.12)), 0.08)
    body = _join(body, _solid(x, y, (0, -0.82), (0.2, 0.28, 0.22), 0.05), 0.06)
    for side in (-1, 1):
        body = _join(body, _solid(x, y, (side * 0.27, -0.25), (0.25, 0.15, 0.15), 0, side * 0.3), 0.12)
        body = _join(body, _solid(x, y, (side * 0.5, 0.12), (0.11, 0.44, 0.12), -0.04, -side * 0.13), 0.09)
        body = _join(body, _solid(x, y, (side * 0.59, 0.74), (0.085, 0.38, 0.1), -0.05, -side * 0.02), 0.08)
        chest = _solid(x, y, (side * apart, 0.14), (breast, breast * 1.06, breast * 0.9), 0.14)
        body = _join(body, chest, 0.05)
        tip = np.hypot(x - side * (apart + 0.03), y - 0.175)
        body = body + 0.02 * np.exp(-((tip / 0.02) ** 2))
    return body - 0.03 * np.exp(-((x / 0.03) ** 2 + ((y - 0.66) / 0.04) ** 2))


def _albedo(x: Field, y: Field, skin: Field, apart: float) -> Field:
    colour = np.broadcast_to(skin, (*x.shape, 3)).copy()
    for side in (-1, 1):
        far = np.hypot(x - side * (apart + 0.03), (y - 0.175) * 1.1)
        disc = (0.85 / (1 + np.exp(np.clip((far - 0.05) / 0.008, -40, 40))))[:, :, None]
        colour = colour * (1 - disc) + skin * np.array([0.74, 0.55, 0.52], np.float32) * disc
    return colour


def figure(seed: int, number: int, width: int, height: int) -> Image.Image:
    """Figure `number` (RGBA), from the neck to the hips."""
    random = np.random.default_rng((seed, number, 71))
    breast, apart = random.uniform(0.16, 0.2), random.uniform(0.175, 0.2)
    zoom = random.uniform(0.84, 1.0)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    shift = random.uniform(0.26, 0.34)
    x = (x / width - 0.5) * 2.07 * width / height * zoom + np.float32(random.uniform(-0.2, 0.2))
    y = (y / height - 0.5) * 2.07 * zoom + np.float32(shift)
    surface = _body(x, y, breast, apart)
    inside = surface > -1
    down, across = np.gradient(np.where(inside, surface, -0.4), y[1, 0] - y[0, 0], x[0, 1] - x[0, 0])
    normal = np.stack([-across, -down, np.ones_like(across)], -1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    lamp = np.array([random.choice([-1, 1]) * random.uniform(0.25, 0.6), -0.55, 0.75])
    lamp = (lamp / np.linalg.norm(lamp)).astype(np.float32)
    light = np.clip(normal @ lamp * 0.75 + 0.25, 0, 1)
    fill = np.clip(normal @ np.array([-lamp[0], 0.2, 0.6], np.float32), 0, 1) * 0.25
    half = lamp + np.array([0, 0, 1], np.float32)
    half /= np.linalg.norm(half)
    shine = np.clip(normal @ half, 0, 1) ** 28 * 36
    pale, deep = (np.array(c, np.float32) for c in SKIN[0 if random.random() < 0.7 else 1])
    skin = pale + (deep - pale) * np.float32(random.random())
    shade = (light + fill)[:, :, None] * (1.0, 0.97, 0.94) + (1 - light)[:, :, None] * (0.1, 0.04, 0.03)
    lit = _albedo(x, y, skin, apart) * shade + shine[:, :, None]
    ground = (
        np.array(GROUNDS[random.integers(len(GROUNDS))]) * np.clip(1.1 - 0.35 * np.hypot(x, y), 0.3, 1.1)[:, :, None]
    )
    mask = Image.fromarray((inside * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(1.2))
    part = (np.asarray(mask, np.float32) / 255)[:, :, None]
    return finish(random, (lit * part + ground * (1 - part)).astype(np.float32))
