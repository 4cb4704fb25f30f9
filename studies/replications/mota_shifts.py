"""The shifts of `mota`: sequences of tasks, of the same classes or of others, in an order that the seed draws."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import pyarrow.parquet
from numpy.typing import NDArray

from backend.errors import InputError
from studies.replications.form import data_file
from studies.replications.mota_features import Floats, digest, kept, of_grey, of_photographs, of_texts

FASHION = Path("/usr/share/datasets/fashion-mnist")
"""Where Debian's package dataset-fashion-mnist puts it."""
KINDS = ("task", "domain", "sub-population")
ANGLES = (0, 20, 40, 60, 80)
_ANIMALS = ("bird", "cat", "deer", "dog", "frog", "horse")
_VEHICLES = ("airplane", "automobile", "ship", "truck")

Labels = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Part:
    rows: Floats
    labels: Labels


@dataclass(frozen=True, slots=True)
class Task:
    """`classes` are those that a row of this task is judged among."""

    name: str
    train: Part
    valid: Part
    test: Part
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shift:
    """A data set that shifts from task to task. `candidates` says which classes compete in training: see
    `interventions.models.mota.losses.among`; it needs no task label, and is the same for every method."""

    name: str
    kind: Literal["task", "domain", "sub-population"]
    classes: tuple[str, ...]
    candidates: Literal["all", "present"]
    inputs: int
    drawn: Callable[[int], tuple[Task, ...]]


@dataclass(frozen=True, slots=True)
class Sizes:
    """Rows for one class of one task (of photographs and texts: of one class, of one domain)."""

    train: int
    valid: int
    test: int

    @property
    def total(self) -> int:
        return self.train + self.valid + self.test


@dataclass(frozen=True, slots=True)
class _Pool:
    """All there is of one kind: rows to learn and to validate on, and rows to test on, by class."""

    learn: Mapping[str, Floats]
    test: Mapping[str, Floats]

    def part(self, names: Sequence[str], sizes: Sizes, random: np.random.Generator) -> dict[str, tuple[Floats, ...]]:
        found = {}
        for name in names:
            order = random.permutation(len(self.learn[name]))
            valid, train = order[: sizes.valid], order[sizes.valid : sizes.valid + sizes.train]
            found[name] = (self.learn[name][train], self.learn[name][valid], self.test[name][: sizes.test])
        return found


def shifts(data: Path, work: Path | None, sizes: Sizes, texts: Sizes, say: Callable[[str], None]) -> Iterator[Shift]:
    """The five, those that have no data left out with a word. `texts` are the sizes for texts."""
    photographs = _photographs(data, work, sizes)
    yield _split("split CIFAR-10", photographs, 128, sizes)
    grey = idx_folder(data, "fashion-mnist", FASHION)
    if grey is None:
        say(f"split Fashion-MNIST is left out: neither {data / 'fashion-mnist'} nor {FASHION} is there "
            "(Debian package dataset-fashion-mnist)")  # fmt: skip
    else:
        yield _split("split Fashion-MNIST", _grey_pool(grey, sizes), 196, sizes)
    yield _rotated(data, sizes, say)
    yield _reviews(data, work, texts)
    yield _sub_populations(photographs, sizes)


# -- task shift --------------------------------------------------------------------------------------------------


def _split(name: str, pool: _Pool, inputs: int, sizes: Sizes) -> Shift:
    """Five tasks of two classes."""
    classes = tuple(sorted(pool.learn))

    def drawn(seed: int) -> tuple[Task, ...]:
        random = np.random.default_rng(seed)
        order = [classes[at] for at in random.permutation(len(classes))]
        pairs = [tuple(sorted(order[at : at + 2])) for at in range(0, len(order), 2)]
        return tuple(
            _task(" or ".join(pair), pool.part(pair, sizes, random), {one: one for one in pair}) for pair in pairs
        )

    return Shift(name, "task", classes, "present", inputs, drawn)


def _task(name: str, parts: Mapping[str, tuple[Floats, ...]], label_of: Mapping[str, str]) -> Task:
    train, valid, test = (
        Part(
            np.concatenate([rows[which] for rows in parts.values()]),
            np.repeat([label_of[one] for one in parts], [len(rows[which]) for rows in parts.values()]),
        )
        for which in range(3)
    )
    return Task(name, train, valid, test, tuple(sorted(set(label_of.values()))))


# -- domain shift ------------------------------------------------------------------------------------------------


def _rotated(data: Path, sizes: Sizes, say: Callable[[str], None]) -> Shift:
    """Ten classes, turned by another angle in every task, each from pictures of its own."""
    name, pictures = _upright(data, say)
    classes = tuple(sorted(pictures.learn))
    each = Sizes(max(1, sizes.train // 5), max(1, sizes.valid // 5), max(1, sizes.test // 5))

    def drawn(seed: int) -> tuple[Task, ...]:
        random = np.random.default_rng(seed)
        orders = {one: random.permutation(len(pictures.learn[one])) for one in classes}
        tests = {one: random.permutation(len(pictures.test[one])) for one in classes}
        tasks = []
        for number, angle in enumerate(random.permutation(ANGLES)):
            own = {}
            for one in classes:
                mine = orders[one][number :: len(ANGLES)][: each.train + each.valid]
                rows = of_grey(_turned(pictures.learn[one][mine], angle))
                asked = tests[one][number :: len(ANGLES)][: each.test]
                own[one] = (rows[each.valid :], rows[: each.valid], of_grey(_turned(pictures.test[one][asked], angle)))
            tasks.append(_task(f"{angle} degrees", own, {one: one for one in classes}))
        return tuple(tasks)

    return Shift(f"rotated {name}", "domain", classes, "all", 196, drawn)


def _upright(data: Path, say: Callable[[str], None]) -> tuple[str, _Pool]:
    """MNIST where it is, else Fashion-MNIST, else scikit-learn's digits, as pictures ``(n, 28, 28)``."""
    for name, folder in (
        ("MNIST", idx_folder(data, "mnist")),
        ("Fashion-MNIST", idx_folder(data, "fashion-mnist", FASHION)),
    ):
        if folder is not None:
            return name, _idx_pool(folder)
    from sklearn.datasets import load_digits

    say("neither MNIST nor Fashion-MNIST is there: scikit-learn's digits are turned instead")
    bunch = load_digits()
    large = np.stack([cv2.resize(one, (28, 28)) for one in (bunch.images / 16 * 255).astype(np.uint8)])
    learn, test = np.arange(len(large)) % 4 > 0, np.arange(len(large)) % 4 == 0
    return "digits", _Pool(*({str(c): large[part & (bunch.target == c)] for c in range(10)} for part in (learn, test)))


def _turned(pictures: NDArray[np.uint8], angle: int) -> NDArray[np.uint8]:
    turn = cv2.getRotationMatrix2D((13.5, 13.5), float(angle), 1)
    return np.stack([cv2.warpAffine(np.ascontiguousarray(one), turn, (28, 28)) for one in pictures])


def _reviews(data: Path, work: Path | None, sizes: Sizes) -> Shift:
    """Good or bad, in seven domains."""
    rows = pyarrow.parquet.read_table(
        data_file(data, "reviews.parquet"), columns=["domain", "label", "text"]
    ).to_pylist()
    domains = sorted({row["domain"] for row in rows})
    random = np.random.default_rng(0)
    texts, where = [], []
    for domain in domains:
        for label in (0, 1):
            mine = [row["text"] for row in rows if row["domain"] == domain and row["label"] == label]
            texts += [mine[at] for at in random.permutation(len(mine))[: sizes.total]]
            where += [(domain, ("bad", "good")[label])] * min(sizes.total, len(mine))
    every = kept(work, f"reviews-{digest(texts)}", lambda: of_texts(texts))
    keys = np.array([f"{domain} {label}" for domain, label in where])

    def drawn(seed: int) -> tuple[Task, ...]:
        random = np.random.default_rng(seed)
        tasks = []
        for domain in random.permutation(domains):
            own = {}
            for label in ("bad", "good"):
                found = every[keys == f"{domain} {label}"]
                order = random.permutation(len(found))
                test, rest = order[: sizes.test], order[sizes.test :]
                own[label] = (found[rest[sizes.valid :]], found[rest[: sizes.valid]], found[test])
            tasks.append(_task(str(domain), own, {"bad": "bad", "good": "good"}))
        return tuple(tasks)

    return Shift("reviews", "domain", ("bad", "good"), "all", every.shape[1], drawn)


# -- sub-population shift ----------------------------------------------------------------------------------------


def _sub_populations(pool: _Pool, sizes: Sizes) -> Shift:
    """Animal or vehicle; every task has other animals and another vehicle."""
    label_of = dict.fromkeys(_ANIMALS, "animal") | dict.fromkeys(_VEHICLES, "vehicle")

    def drawn(seed: int) -> tuple[Task, ...]:
        random = np.random.default_rng(seed)
        animals, vehicles = random.permutation(_ANIMALS), random.permutation(_VEHICLES)
        groups = [(*np.array_split(animals, 4)[at], vehicles[at]) for at in range(4)]
        return tuple(
            _task(", ".join(group), pool.part(group, sizes, random), {one: label_of[one] for one in group})
            for group in groups
        )

    return Shift("CIFAR-10 animals and vehicles", "sub-population", ("animal", "vehicle"), "all", 128, drawn)


# -- files -------------------------------------------------------------------------------------------------------


def _photographs(data: Path, work: Path | None, sizes: Sizes) -> _Pool:
    table = pyarrow.parquet.read_table(data_file(data, "cifar10.parquet"))
    split, labels = (np.array(table[name].to_pylist()) for name in ("split", "label"))
    parts = []
    for name, count in (("train", sizes.train + sizes.valid), ("test", sizes.test)):
        own = {}
        for one in sorted(set(labels)):
            rows = np.flatnonzero((split == name) & (labels == one))[:count]
            own[str(one)] = kept(
                work, f"cifar10-{name}-{one}-{count}", lambda rows=rows: of_photographs(_decoded(table, rows))
            )
        parts.append(own)
    return _Pool(*parts)


def _decoded(table: pyarrow.Table, rows: NDArray[np.intp]) -> NDArray[np.uint8]:
    jpegs = table["jpeg"].take(rows).to_pylist()
    return np.stack(
        [cv2.cvtColor(cv2.imdecode(np.frombuffer(one, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB) for one in jpegs]
    )


def idx_folder(data: Path, name: str, otherwise: Path | None = None) -> Path | None:
    """The folder of a data set in the IDX form, if it is there."""
    for folder in (data / name, otherwise):
        if folder is not None and any(folder.glob("train-images*")):
            return folder
    return None


def _grey_pool(folder: Path, sizes: Sizes) -> _Pool:
    pictures = _idx_pool(folder)
    learn = {name: of_grey(some[: 4 * sizes.total]) for name, some in pictures.learn.items()}
    return _Pool(learn, {name: of_grey(some[: sizes.test]) for name, some in pictures.test.items()})


@cache
def _idx_pool(folder: Path) -> _Pool:
    parts = []
    for name in ("train", "t10k"):
        pictures, labels = (
            read_idx(next(iter(sorted(folder.glob(f"{name}-{what}*"))))) for what in ("images", "labels")
        )
        parts.append({str(one): pictures[labels == one] for one in range(10)})
    return _Pool(*parts)


def read_idx(path: Path) -> NDArray[np.uint8]:
    """The array of bytes in an IDX file, packed by gzip or not: two zero bytes, type 8, the number of axes, their
    lengths as big-endian 32-bit numbers, and the bytes.

    Raises:
        InputError: when it is none.
    """
    content = path.read_bytes()
    try:
        content = gzip.decompress(content) if path.suffix == ".gz" else content
    except (OSError, EOFError) as error:
        raise InputError(f"cannot unpack {path}: {error}", "fetch the data set again") from error
    axes = content[3] if content[:3] == b"\0\0\x08" and len(content) > 3 else 0
    shape = [int.from_bytes(content[4 + 4 * axis : 8 + 4 * axis]) for axis in range(axes)]
    start = 4 + 4 * axes
    if not axes or len(content) - start != np.prod(shape):
        raise InputError(f"{path} is no IDX file of bytes", "fetch the data set again")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
