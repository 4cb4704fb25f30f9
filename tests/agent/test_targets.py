"""What the agent hooks and calls exists on Android, by exact signature, and on the virtual phone.

Android is the stubs of API 36. What is not in them is listed here with the reason why it may be used all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from device_agent.agent import build
from tests.virtual_phone.android_stubs import JavaClass, classes_of_jar, fits, lineage, stub_of

SOURCES = Path(build.__file__).parent / "src"
TARGET = re.compile(r'^\s*\w+:\s*"([\w.$]+)#(\w+)\(([^)]*)\)",$', re.MULTILINE)
USED = re.compile(r'Java\.use\("([\w.$]+)"\)|(?:this\.make|text\.place|this\.place)\("([\w.$]+)"')
FOUND = re.compile(r"(\w+)\s*=\s*(?:this\.)?get\.findClass\(\"([\w/$]+)\"\)")
ASKED = re.compile(r"get\.(?:static)?[mM]ethod\(\s*(?:this\.)?(\w+),\s*\"(\w+)\",\s*(CHARS|\"\(([^)]*)\)[^\"]+\")")
DESCRIPTORS = {"int": "I", "float": "F", "boolean": "Z", "long": "J", "char": "C", "byte": "B", "double": "D"}

HIDDEN = {
    "android.view.WindowManagerImpl": "the one class behind the public interfaces WindowManager and ViewManager, in "
    "every version since 4.2; interfaces have no code to hook",
    "android.view.WindowManagerGlobal": "lists the windows where WindowInspector does not yet, before API 29",
    "android.app.ActivityThread": "the only way to the Application of a process for code that is not called by it; "
    "currentApplication() has been there since 2.3 and is on no list of restricted interfaces that blocks it",
}
"""Classes that are not in Android's public interface, and why the agent may rely on them."""

NOT_ON_THE_VIRTUAL_PHONE = {
    "android.text.method.PasswordTransformationMethod": "its text fields are not transformed; their input type tells",
    "android.view.WindowManagerGlobal": "asked on ART only",
    "android.widget.Checkable": "it has nothing to check",
}

DRAW_CALLS = {
    "android.app.Activity": ["getWindow()"],
    "android.content.Context": ["getSystemService(java.lang.String)"],
    "android.content.res.Resources": ["getDisplayMetrics()"],
    "android.graphics.Bitmap": [
        "createBitmap(int,int,android.graphics.Bitmap$Config)",
        "createScaledBitmap(android.graphics.Bitmap,int,int,boolean)",
        "recycle()",
    ],
    "android.graphics.Canvas": [
        "drawCircle(float,float,float,android.graphics.Paint)",
        "drawColor(int)",
        "drawLine(float,float,float,float,android.graphics.Paint)",
        "drawRoundRect(float,float,float,float,float,float,android.graphics.Paint)",
        "drawText(java.lang.String,float,float,android.graphics.Paint)",
    ],
    "android.graphics.ColorMatrix": ["setSaturation(float)"],
    "android.graphics.Paint": [
        "measureText(java.lang.String)",
        "setColor(int)",
        "setColorFilter(android.graphics.ColorFilter)",
        "setStrokeWidth(float)",
        "setStyle(android.graphics.Paint$Style)",
        "setTextSize(float)",
        "setTypeface(android.graphics.Typeface)",
    ],
    "android.graphics.Typeface": ["create(java.lang.String,int)"],
    "android.graphics.drawable.BitmapDrawable": ["setFilterBitmap(boolean)", "setGravity(int)"],
    "android.graphics.drawable.GradientDrawable": ["setColor(int)", "setCornerRadius(float)"],
    "android.view.KeyEvent": ["getKeyCode()"],
    "android.view.View": [
        "draw(android.graphics.Canvas)",
        "getContext()",
        "getForeground()",
        "getHeight()",
        "getImportantForAccessibility()",
        "getLayerType()",
        "getLayoutParams()",
        "getResources()",
        "getVisibility()",
        "getWidth()",
        "getWindowVisibility()",
        "isAttachedToWindow()",
        "setAccessibilityPaneTitle(java.lang.CharSequence)",
        "setBackground(android.graphics.drawable.Drawable)",
        "setBackgroundColor(int)",
        "setClickable(boolean)",
        "setEnabled(boolean)",
        "setFitsSystemWindows(boolean)",
        "setForeground(android.graphics.drawable.Drawable)",
        "setImportantForAccessibility(int)",
        "setLayerType(int,android.graphics.Paint)",
        "setLayoutParams(android.view.ViewGroup$LayoutParams)",
        "setMinimumHeight(int)",
        "setPadding(int,int,int,int)",
        "setVisibility(int)",
    ],
    "android.view.ViewGroup": [
        "addView(android.view.View,android.view.ViewGroup$LayoutParams)",
        "removeView(android.view.View)",
    ],
    "android.view.ViewGroup$MarginLayoutParams": ["setMargins(int,int,int,int)"],
    "android.view.ViewManager": [
        "addView(android.view.View,android.view.ViewGroup$LayoutParams)",
        "removeView(android.view.View)",
        "updateViewLayout(android.view.View,android.view.ViewGroup$LayoutParams)",
    ],
    "android.view.Window": ["getDecorView()"],
    "android.view.WindowManager$LayoutParams": [
        "getTitle()",
        "setFitInsetsTypes(int)",
        "setTitle(java.lang.CharSequence)",
    ],
    "android.view.inspector.WindowInspector": ["getGlobalWindowViews()"],
    "android.widget.LinearLayout": ["setOrientation(int)"],
    "android.widget.ScrollView": ["setFillViewport(boolean)"],
    "android.widget.TextView": [
        "setAllCaps(boolean)",
        "setEllipsize(android.text.TextUtils$TruncateAt)",
        "setGravity(int)",
        "setLineSpacing(float,float)",
        "setMaxLines(int)",
        "setText(java.lang.CharSequence)",
        "setTextColor(int)",
        "setTextSize(int,float)",
        "setTypeface(android.graphics.Typeface)",
    ],
    "android.widget.Toast": ["makeText(android.content.Context,java.lang.CharSequence,int)", "show()"],
}
"""What drawing calls, beside what it hooks."""


def sources() -> dict[str, str]:
    return {path.relative_to(SOURCES).as_posix(): path.read_text() for path in sorted(SOURCES.rglob("*.ts"))}


def targets() -> list[tuple[str, str, str]]:
    """Class, method and parameter types of every target."""
    texts = [text for name, text in sources().items() if name.endswith("targets.ts")]
    return sorted({match for text in texts for match in TARGET.findall(text)})


def asked() -> list[tuple[str, str, str]]:
    """Class, method and parameter descriptors of every method that is called through JNI."""
    wanted = []
    for text in sources().values():
        classes = dict(FOUND.findall(text))
        wanted += [
            (classes[holder].replace("/", "."), method, "" if given == "CHARS" else types)
            for holder, method, given, types in ASKED.findall(text)
            if holder in classes and classes[holder].startswith("android/")
        ]
    return sorted(set(wanted))


def descriptor(name: str) -> str:
    """The JVM's descriptor of a type that is written as in a target: ``int``, ``[C``, ``android.view.View``."""
    if name.startswith("["):
        return name.replace(".", "/")
    return DESCRIPTORS.get(name) or f"L{name.replace('.', '/')};"


def descriptors(types: str) -> list[str]:
    return [descriptor(name) for name in types.split(",")] if types else []


def split(types: str) -> list[str]:
    """The descriptors in one string of them, one by one."""
    return re.findall(r"\[*(?:L[^;]+;|[A-Z])", types)


def on_android(name: str, method: str, parameters: list[str]) -> bool:
    return any(
        len(notes) == len(parameters)
        and all(fits(one, note, package) for one, note in zip(parameters, notes, strict=True))
        for package, stub in lineage(name)
        for notes, _ in stub.methods.get(method, [])
    )


@cache
def jar() -> dict[str, JavaClass]:
    return {java.name.replace("/", "."): java for java in classes_of_jar()}


def ancestry(name: str) -> Iterator[JavaClass]:
    found = jar().get(name)
    while found is not None:
        yield found
        found = jar().get(found.superclass.replace("/", "."))


def on_the_virtual_phone(name: str, method: str, parameters: list[str], inherited: bool) -> bool:
    classes = list(ancestry(name)) if inherited else list(ancestry(name))[:1]
    return any((method, parameters) == found[:2] for java in classes for found in (*java.methods, *java.protected))


def test_the_targets_are_found() -> None:
    assert len(targets()) > 30
    assert ("android.view.View", "setVisibility", "int") in targets()


def test_a_signature_that_android_does_not_have_is_found() -> None:
    assert on_android("android.view.View", "setVisibility", ["I"])
    assert not on_android("android.view.View", "setVisibility", ["Ljava/lang/String;"])
    assert not on_android("android.view.View", "setVisibility", [])


@pytest.mark.parametrize(("name", "method", "types"), targets(), ids=lambda value: value or "-")
def test_every_target_is_androids(name: str, method: str, types: str) -> None:
    if stub_of(name) is None:
        assert name in HIDDEN, f"Android has no public class {name}; say in HIDDEN why the agent may hook it"
    else:
        assert on_android(name, method, descriptors(types)), f"Android has no {name}#{method}({types})"


@pytest.mark.parametrize(("name", "method", "types"), targets(), ids=lambda value: value or "-")
def test_every_target_is_declared_by_that_very_class_of_the_virtual_phone(name: str, method: str, types: str) -> None:
    # A hook sits on the class that declares the method: on Android the same, for stubs list what a class overrides.
    assert on_the_virtual_phone(name, method, descriptors(types), inherited=False)


@pytest.mark.parametrize(("name", "method", "types"), asked(), ids=lambda value: value or "-")
def test_every_method_called_through_jni_is_androids(name: str, method: str, types: str) -> None:
    assert on_android(name, method, split(types))


@pytest.mark.parametrize("name", sorted(DRAW_CALLS))
def test_everything_that_drawing_calls_is_on_android_and_on_the_virtual_phone(name: str) -> None:
    for call in DRAW_CALLS[name]:
        method, _, types = call.rstrip(")").partition("(")
        assert on_android(name, method, descriptors(types)), f"Android has no {name}#{call}"
        assert on_the_virtual_phone(name, method, descriptors(types), inherited=True), (
            f"the virtual phone: {name}#{call}"
        )


def test_nothing_that_drawing_calls_is_left_out_of_that_list() -> None:
    listed = {call.partition("(")[0] for calls in DRAW_CALLS.values() for call in calls}
    androids = {method for name in jar() for _, stub in lineage(name) for method in stub.methods}
    own = set(
        re.findall(r"^\s*(?:private |readonly |static )*(\w+)\(.*\{$", "\n".join(sources().values()), re.MULTILINE)
    )
    scripts = {"get", "set", "add", "delete", "has", "size", "map", "filter", "at", "join", "clear", "push", "call"}
    scripts |= {
        "forEach",
        "split",
        "slice",
        "pop",
        "some",
        "every",
        "values",
        "keys",
        "find",
        "fill",
        "round",
        "max",
        "min",
        "reduce",
    }
    for name, text in sources().items():
        if name.startswith("draw/"):
            called = set(re.findall(r"\.(\w+)\??\.?\(", text))
            assert called & androids - own - scripts - listed == set(), name


def test_every_class_that_is_used_is_androids_or_listed_with_its_reason() -> None:
    used = {one or other for text in sources().values() for one, other in USED.findall(text)}
    used |= {name.replace("/", ".") for text in sources().values() for _, name in FOUND.findall(text)}
    androids = {name for name in used if name.startswith("android.")}
    assert len(androids) > 20
    androids |= {name for name, _, _ in targets()}
    assert {name for name in androids if stub_of(name) is None} == HIDDEN.keys()
    assert {name for name in androids if name not in jar()} == NOT_ON_THE_VIRTUAL_PHONE.keys()
