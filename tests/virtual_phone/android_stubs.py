"""Android's public interface (API 36), read from its stubs, and what classes of the virtual phone's jar declare."""

from __future__ import annotations

import ast
import importlib.util
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from device_agent.virtual_phone.build import JAR

PUBLIC, PROTECTED, SYNTHETIC = 0x0001, 0x0004, 0x1000
PRIMITIVES = {
    "I": ("java.jint", "int"),
    "J": ("java.jlong", "int"),
    "S": ("java.jshort", "int"),
    "B": ("java.jbyte", "int"),
    "F": ("java.jfloat", "float"),
    "D": ("java.jdouble", "float"),
    "Z": ("java.jboolean", "bool"),
    "C": ("java.jchar", "str"),
}


@dataclass
class JavaClass:
    """What a class file declares: methods as (name, parameter types, return type), and public fields."""

    name: str
    public: bool
    superclass: str
    methods: list[tuple[str, list[str], str]] = field(default_factory=list)
    protected: list[tuple[str, list[str], str]] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)


@dataclass
class StubClass:
    """What a stub declares: methods as lists of (parameter annotations, return annotation)."""

    methods: dict[str, list[tuple[list[str], str]]] = field(default_factory=dict)
    fields: set[str] = field(default_factory=set)
    bases: list[str] = field(default_factory=list)


def read_class(data: bytes) -> JavaClass:
    """Parse a class file (JVM specification, chapter 4)."""
    at = 8
    (count,) = struct.unpack_from(">H", data, at)
    at += 2
    constants: list[object] = [None] * count
    index = 1
    while index < count:
        tag = data[at]
        if tag == 1:
            (length,) = struct.unpack_from(">H", data, at + 1)
            constants[index] = data[at + 3 : at + 3 + length].decode("utf-8", "surrogatepass")
            at += 3 + length
        elif tag in (7, 8, 16, 19, 20):
            constants[index] = struct.unpack_from(">H", data, at + 1)[0]
            at += 3
        elif tag == 15:
            at += 4
        elif tag in (5, 6):
            at += 9
            index += 1
        else:
            at += 5
        index += 1

    def name_of(number: int) -> str:
        text = constants[number]
        return str(constants[text] if isinstance(text, int) else text)

    access, this, above, interfaces = struct.unpack_from(">HHHH", data, at)
    at += 8 + 2 * interfaces
    found = JavaClass(name_of(this), bool(access & PUBLIC), name_of(above))
    for kind in ("fields", "methods"):
        (members,) = struct.unpack_from(">H", data, at)
        at += 2
        for _ in range(members):
            flags, name, descriptor, attributes = struct.unpack_from(">HHHH", data, at)
            at += 8
            for _ in range(attributes):
                at += 6 + struct.unpack_from(">I", data, at + 2)[0]
            if flags & SYNTHETIC or not flags & (PUBLIC | PROTECTED):
                continue
            if kind == "methods":
                methods = found.methods if flags & PUBLIC else found.protected
                methods.append((name_of(name), *_types(name_of(descriptor))))
            elif flags & PUBLIC:
                found.fields.append(name_of(name))
    return found


def _types(descriptor: str) -> tuple[list[str], str]:
    inside, result = descriptor[1:].split(")")
    parameters = []
    while inside:
        start = inside
        while inside.startswith("["):
            inside = inside[1:]
        inside = inside[inside.index(";") + 1 :] if inside[0] == "L" else inside[1:]
        parameters.append(start[: len(start) - len(inside)])
    return parameters, result


def stub_folder() -> Path:
    found = importlib.util.find_spec("android-stubs")
    if found is None or not found.submodule_search_locations:
        pytest.skip("chaquopy-stubs-android is not installed")
    return Path(found.submodule_search_locations[0])


@cache
def stub_module(package: str) -> dict[str, StubClass]:
    """The classes of one package's stub by their dotted name in it; type variables under the empty name."""
    path = stub_folder().joinpath(*package.split(".")[1:], "__init__.pyi")
    if not path.is_file():
        return {}
    classes: dict[str, StubClass] = {"": StubClass()}

    def visit(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef):
                stub = classes[prefix + node.name] = StubClass(bases=[ast.unparse(base) for base in node.bases])
                for item in node.body:
                    if isinstance(item, ast.FunctionDef):
                        static = any("staticmethod" in ast.unparse(d) for d in item.decorator_list)
                        arguments = [*item.args.posonlyargs, *item.args.args][0 if static else 1 :]
                        notes = [ast.unparse(a.annotation) if a.annotation else "" for a in arguments]
                        if item.args.vararg is not None:
                            notes.append("JavaArray")
                        result = ast.unparse(item.returns) if item.returns else ""
                        stub.methods.setdefault(item.name, []).append((notes, result))
                    elif isinstance(item, ast.AnnAssign):
                        stub.fields.add(ast.unparse(item.target))
                visit(node.body, f"{prefix}{node.name}.")
            elif isinstance(node, ast.Assign) and "TypeVar" in ast.unparse(node.value):
                classes[""].fields.update(ast.unparse(target) for target in node.targets)

    visit(ast.parse(path.read_text()).body, "")
    return classes


def stub_of(java_name: str) -> tuple[str, StubClass] | None:
    package, _, name = java_name.replace("/", ".").rpartition(".")
    found = stub_module(package).get(name.replace("$", "."))
    return (package, found) if found is not None else None


def lineage(java_name: str) -> Iterator[tuple[str, StubClass]]:
    """The stub of a class and of everything that it extends, as far as Android's stubs go."""
    start = stub_of(java_name)
    waiting = [start] if start is not None else []
    while waiting:
        package, stub = waiting.pop()
        yield package, stub
        for base in stub.bases:
            plain = base.split("[")[0]
            home = stub_module(package)
            if plain in home:
                waiting.append((package, home[plain]))
            else:
                for cut in range(plain.count("."), 0, -1):
                    parts = plain.split(".")
                    other = stub_module(".".join(parts[:cut])) if parts[0] == "android" else {}
                    if ".".join(parts[cut:]) in other:
                        waiting.append((".".join(parts[:cut]), other[".".join(parts[cut:])]))
                        break


def fits(descriptor: str, note: str, package: str, result: bool = False) -> bool:
    """Whether a type of a class file is the type of a stub's annotation."""
    if descriptor == "V":
        return note == "None"
    if descriptor.startswith("["):
        return "JavaArray" in note
    options = {option.strip() for option in note.split("|")}
    if descriptor in PRIMITIVES:
        return PRIMITIVES[descriptor][1 if result else 0] in options
    if options & stub_module(package)[""].fields or note in {"java.lang.Object", "T"}:
        return True
    dotted = descriptor[1:-1].replace("/", ".").replace("$", ".")
    if dotted == "java.lang.String":
        return bool(options & {"str", "java.lang.String"})
    if dotted == "java.lang.Class":
        return note.startswith("typing.Type")
    plain = {option.split("[")[0] for option in options}
    return any(dotted == option or dotted == f"{package}.{option}" for option in plain)


def classes_of_jar() -> list[JavaClass]:
    """All classes of Android's packages in the jar, whether they are public or not."""
    with zipfile.ZipFile(JAR) as archive:
        names = [name for name in archive.namelist() if name.startswith("android/") and name.endswith(".class")]
        return [read_class(archive.read(name)) for name in names]
