"""Every public name of the framework is Android's own: checked against the stubs of API 36."""

from __future__ import annotations

import pytest

from tests.virtual_phone.android_stubs import JavaClass, classes_of_jar, fits, lineage, stub_of

OBJECT_METHODS = {"toString", "equals", "hashCode"}
CHAR_SEQUENCE_METHODS = {"length", "charAt", "subSequence"}
CLASSES = [java for java in classes_of_jar() if java.public]


def test_the_framework_has_the_classes_that_an_agent_hooks() -> None:
    names = {java.name for java in CLASSES}
    assert {"android/widget/TextView", "android/widget/ImageView", "android/widget/AbsListView"} <= names
    assert {"android/view/View", "android/view/WindowManager", "android/app/Activity"} <= names


@pytest.mark.parametrize("java", CLASSES, ids=lambda java: java.name)
def test_everything_public_is_in_androids_interface(java: JavaClass) -> None:
    assert stub_of(java.name) is not None, f"Android has no public class {java.name}"
    family = list(lineage(java.name))
    unknown = []
    for name, parameters, result in java.methods:
        wanted = "__init__" if name == "<init>" else name
        own = family[:1] if name == "<init>" else family
        if name in OBJECT_METHODS or (name in CHAR_SEQUENCE_METHODS and "android/text" in java.name):
            continue
        matches = [
            True
            for package, stub in own
            for notes, returned in stub.methods.get(wanted, [])
            if len(notes) == len(parameters)
            and all(fits(p, n, package) for p, n in zip(parameters, notes, strict=True))
            and (name == "<init>" or fits(result, returned, package, result=True))
        ]
        if not matches:
            unknown.append(f"{name}({', '.join(parameters)}){result}")
    known_fields = set().union(*(stub.fields for _, stub in family))
    unknown += [name for name in java.fields if name not in known_fields]
    assert not unknown, f"{java.name} has what Android's has not: {unknown}"


@pytest.mark.parametrize("java", CLASSES, ids=lambda java: java.name)
def test_the_superclass_is_one_of_androids_ancestors(java: JavaClass) -> None:
    if not java.superclass.startswith("android/"):
        return
    above = stub_of(java.superclass)
    assert above is not None
    assert any(stub is above[1] for _, stub in lineage(java.name)), f"{java.name} extends {java.superclass}"


def test_a_method_that_android_does_not_have_is_found() -> None:
    assert stub_of("android/view/View") is not None
    assert not any("paintItBlack" in stub.methods for _, stub in lineage("android/view/View"))
    assert not fits("Ljava/lang/String;", "int | java.jint | java.lang.Integer", "android.view")
