"""Mending HateSonar's graph so that it runs on any machine.

Its StringNormalizer lower-cases in a locale. The node names none, so the runtime takes ``en_US.UTF-8``, which
small Linux images do not have, and refuses to load the graph. The cure is one attribute, ``locale = "C"``:
the graph's tokens are ``[a-zA-Z0-9_]+``, for which "C" lower-cases exactly as any other locale.

The ``onnx`` package could set it in three lines, but weighs 34 MB. ``protobuf``, which the runtime brings
along, needs only the shape of the messages on the way to the node; fields that a shape does not mention
survive parsing and serialising, as protobuf promises.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

_PACKAGE = "mindproof.onnx"
_STRING_ATTRIBUTE = 3  # onnx.AttributeProto.AttributeType.STRING

Field = descriptor_pb2.FieldDescriptorProto
# message: (field, number in onnx.proto, type, message type or "", repeated)
_SHAPE: dict[str, tuple[tuple[str, int, int, str, bool], ...]] = {
    "Model": (("graph", 7, Field.TYPE_MESSAGE, "Graph", False),),
    "Graph": (("node", 1, Field.TYPE_MESSAGE, "Node", True),),
    "Node": (
        ("op_type", 4, Field.TYPE_STRING, "", False),
        ("attribute", 5, Field.TYPE_MESSAGE, "Attribute", True),
    ),
    "Attribute": (
        ("name", 1, Field.TYPE_STRING, "", False),
        ("s", 4, Field.TYPE_BYTES, "", False),
        ("type", 20, Field.TYPE_INT32, "", False),
    ),
}


@cache
def _model_message() -> Any:
    """The class of the outermost message, in a pool of its own so that a real ``onnx`` is not disturbed."""
    file = descriptor_pb2.FileDescriptorProto(name="onnx_shape.proto", package=_PACKAGE, syntax="proto2")
    for name, fields in _SHAPE.items():
        message = file.message_type.add(name=name)
        for field, number, kind, of, repeated in fields:
            label = Field.LABEL_REPEATED if repeated else Field.LABEL_OPTIONAL
            added = message.field.add(name=field, number=number, type=kind, label=label)
            if of:
                added.type_name = f".{_PACKAGE}.{of}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.Model"))


def with_portable_locale(graph: bytes) -> bytes:
    """`graph` with ``locale = "C"`` on each StringNormalizer that names none.

    Bytes that are no graph come back as they are: the runtime, which reads them next, says what is wrong with
    them.
    """
    try:
        model = _model_message().FromString(graph)
    except DecodeError:
        return graph
    for node in model.graph.node:
        if node.op_type == "StringNormalizer" and all(a.name != "locale" for a in node.attribute):
            node.attribute.add(name="locale", s=b"C", type=_STRING_ATTRIBUTE)
    mended: bytes = model.SerializeToString()
    return mended
