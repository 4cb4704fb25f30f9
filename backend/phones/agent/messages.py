"""What backend and agent say to one another: one model a message, the same on both sides.

Every message is a JSON object with `v`, the version of the protocol, and `type`. What one side does not know it
refuses, whole: the two are always of the same version, for the backend brings the agent along. The agent's half is
``device_agent/agent/src/messages.ts``; `tests/phones/agent/test_messages.py` holds the two against each other.

Words: a *view* is an agent's number for one ``android.view.View``, the same as long as that object lives. A *key* names
content: SHA-256 of a text with its role and the view's id name and class, or of a picture's pixels (hex, 32 digits).
Times are ``SystemClock.uptimeMillis``. Boxes are ``[left, top, right, bottom]`` in screen pixels.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

_T = TypeVar("_T")
VERSION = 1
MAX_TEXT = 20_000
"""Characters of one text that travel; a longer one is cut there, and judged by its beginning."""

Key = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
View = Annotated[int, Field(ge=1)]
Rect = tuple[int, int, int, int]
Afterwards = Literal["show", "hide"]


class Message(BaseModel):
    """Base of all messages."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)

    v: Literal[1] = 1


class Part(BaseModel):
    """Base of what messages are made of."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# -- from the agent ------------------------------------------------------------------------------------------


class Hook(Part):
    """One hook by its target's exact signature, ``android.widget.TextView#setHint(java.lang.CharSequence)``."""

    target: str
    state: Literal["on", "missing"]
    why: str = ""


class Hello(Message):
    """The agent is in place, or in place again. `sdk` is None where there is no Android beneath (the virtual phone)."""

    type: Literal["hello"] = "hello"
    agent: str
    package: str
    pid: int
    runtime: Literal["art", "jvm"]
    sdk: int | None = None
    hooks: list[Hook] = []


class TextContent(Part):
    """A text some view was given and nobody has judged. `view_id` is its resource name, ``org.example:id/title``."""

    key: Key
    view: View
    role: Literal["text", "hint", "description"]
    text: str = Field(max_length=MAX_TEXT)
    length: int = Field(ge=0)
    class_name: str
    view_id: str = ""


class Texts(Message):
    """Texts to judge, at most `uptime_ms` old; several in one message while they come in a burst."""

    type: Literal["texts"] = "texts"
    items: list[TextContent]


class Image(Message):
    """A picture to judge. The message's binary part is a PNG or JPEG, downscaled unless it was asked for in full."""

    type: Literal["image"] = "image"
    key: Key
    view: View
    width: int = Field(ge=1)
    height: int = Field(ge=1)
    full: bool = False
    class_name: str
    view_id: str = ""


class Node(Part):
    """One view of the live UI tree. `parent` is a view, or 0 for a window's top; `order` sorts siblings, and has gaps.

    `text` and `description` are what the app set, whatever is shown in their place; `hidden` says that the agent hides
    it. `key` is the key of its text or picture where it has one that is or was to be judged.
    """

    view: View
    parent: int = Field(ge=0)
    order: int = Field(ge=0)
    class_name: str
    box: Rect
    view_id: str = ""
    text: str = ""
    description: str = ""
    clickable: bool = False
    scrollable: bool = False
    enabled: bool = True
    focused: bool = False
    checked: bool = False
    selected: bool = False
    password: bool = False
    hidden: bool = False
    key: str = ""


class TreeUpdate(Message):
    """What changed in the live UI tree since update `seq - 1`; all of it when `full`. `activity` is empty as long as it
    is the same.

    `changed` are nodes, new or with anything changed but their box; `moved` are boxes ``(view, left, top, right,
    bottom)`` of nodes that only moved; `shifted` says that view's *descendants* all moved by ``(view, dx, dy)``; `gone`
    are views that left, with all below them. Applied in the order `shifted`, `changed` (parents come before what is in
    them), `moved`, `gone`.
    """

    type: Literal["tree"] = "tree"
    seq: int = Field(ge=0)
    uptime_ms: float
    full: bool
    activity: str = ""
    changed: list[Node] = []
    moved: list[tuple[int, int, int, int, int]] = []
    shifted: list[tuple[int, int, int]] = []
    gone: list[int] = []


class Lifecycle(Message):
    """An activity of this app came or went."""

    type: Literal["lifecycle"] = "lifecycle"
    activity: str
    state: Literal["created", "resumed", "paused", "destroyed"]
    uptime_ms: float


class Scrolled(Message):
    """Content of `view` moved by `dx`, `dy` pixels, the finger's way (reading on downwards: negative `dy`)."""

    type: Literal["scrolled"] = "scrolled"
    view: View
    dx: int
    dy: int
    uptime_ms: float


class Touched(Message):
    """A finger on the app's window, screen pixels."""

    type: Literal["touched"] = "touched"
    action: Literal["down", "move", "up", "cancel"]
    x: int
    y: int
    uptime_ms: float


class Answered(Message):
    """The participant answered an interstitial that the agent drew."""

    type: Literal["answered"] = "answered"
    key: str
    choice: str
    after_s: float


class Applied(Message):
    """Effects or verdicts number `seq` are in place, from this frame of the app on. `skipped` views were gone or had
    other content by then.
    """

    type: Literal["applied"] = "applied"
    seq: int
    uptime_ms: float
    skipped: list[int] = []


class Problem(Message):
    """Something did not work in the app; everything else goes on. `where` names the hook or the message."""

    type: Literal["problem"] = "problem"
    where: str
    message: str


class Pong(Message):
    """The answer to `Ping`, from the app's main thread: the app draws. `views` is how many the agent knows."""

    type: Literal["pong"] = "pong"
    seq: int
    uptime_ms: float
    views: int = 0
    verdicts: int = 0
    pending: int = 0


class Bye(Message):
    """Everything is as the app made it; the script may be unloaded."""

    type: Literal["bye"] = "bye"
    restored: int = 0


# -- from the backend ----------------------------------------------------------------------------------------


class Waiting(Part):
    """What unjudged content gets: nothing (`hold` False), or a placeholder until its verdict or `deadline_ms`."""

    hold: bool = False
    deadline_ms: int = Field(default=1500, ge=0, le=60_000)
    afterwards: Afterwards = "show"


class Configure(Message):
    """What the agent is to do from now on. `texts` and `images` say whether content is reported at all."""

    type: Literal["configure"] = "configure"
    texts: bool = False
    images: bool = False
    tree: bool = False
    touches: bool = False
    text_waiting: Waiting = Waiting()
    image_waiting: Waiting = Waiting()
    thumb_px: int = Field(default=320, ge=16, le=4096)


class Effect(Part):
    """What becomes of a view or of content.

    ``show``: as the app made it. ``replace``: `text` in its place. ``cover``: an opaque `colour` (ARGB) over it, with
    `text` on it. ``blur``: a mosaic that leaves no detail (of text: a cover). ``placeholder``: a neutral picture.
    ``hide``: invisible, keeping its place. ``remove``: its place goes too. ``block``: visible, and no touch reaches it.
    """

    kind: Literal["show", "replace", "cover", "blur", "placeholder", "hide", "remove", "block"]
    text: str = ""
    colour: int = 0xFF8A8D91


class Verdict(Part):
    """What becomes of everything with the content `key`."""

    key: Key
    effect: Effect


class Verdicts(Message):
    """Verdicts to keep and to apply wherever that content stands, now and later. `forget` drops all earlier ones."""

    type: Literal["verdicts"] = "verdicts"
    seq: int
    items: list[Verdict] = []
    forget: bool = False


class ViewEffect(Part):
    """What becomes of one view. Where `key` is given and the view's content is another by now, nothing does."""

    view: View
    effect: Effect
    key: str = ""


class Effects(Message):
    """All effects on single views and on the whole window that hold from now on; those not named end.

    `dim` darkens the window by 0 to 1, `grey` takes its colour out by 0 to 1; `block` swallows all touches.
    """

    type: Literal["effects"] = "effects"
    seq: int
    views: list[ViewEffect] = []
    dim: float = Field(default=0.0, ge=0, le=1)
    grey: float = Field(default=0.0, ge=0, le=1)
    block: bool = False


class Interstitial(Message):
    """Put a page over the app: `message`, after `seconds` a button for each of `choices` (identifier, label).

    A choice with the identifier in `at_once` may be taken before the countdown ends. `open` False takes it away.
    """

    type: Literal["interstitial"] = "interstitial"
    key: str
    open: bool = True
    message: str = ""
    seconds: float = Field(default=0.0, ge=0)
    choices: list[tuple[str, str]] = []
    at_once: list[str] = []


class Toast(Message):
    """Tell the participant something."""

    type: Literal["toast"] = "toast"
    message: str


class OverlayBox(Part):
    """One rectangle of the overlay window: opaque `colour` with `text`, or see-through darkness (alpha < 255)."""

    box: Rect
    colour: int = 0xFF8A8D91
    text: str = ""
    block: bool = False


class Overlay(Message):
    """All rectangles that the overlay window shows from now on; none closes it. For the host of overlays, SystemUI."""

    type: Literal["overlay"] = "overlay"
    seq: int
    boxes: list[OverlayBox] = []


class FetchImage(Message):
    """Send the picture `key` in full, once."""

    type: Literal["fetch_image"] = "fetch_image"
    key: Key


class FetchTree(Message):
    """Send the tree in full: an update was missed."""

    type: Literal["fetch_tree"] = "fetch_tree"


class Ping(Message):
    """Answer from the main thread."""

    type: Literal["ping"] = "ping"
    seq: int


class Leave(Message):
    """Undo everything, unhook, and say `Bye`."""

    type: Literal["leave"] = "leave"


FromAgent = Annotated[
    Hello | Texts | Image | TreeUpdate | Lifecycle | Scrolled | Touched | Answered | Applied | Problem | Pong | Bye,
    Field(discriminator="type"),
]
ToAgent = Annotated[
    Configure | Verdicts | Effects | Interstitial | Toast | Overlay | FetchImage | FetchTree | Ping | Leave,
    Field(discriminator="type"),
]

_FROM: TypeAdapter[FromAgent] = TypeAdapter(FromAgent)
_TO: TypeAdapter[ToAgent] = TypeAdapter(ToAgent)


def read(payload: object) -> FromAgent:
    """The message in `payload`, as an agent sent it.

    Raises:
        ValueError: it is of another version, of no known type, or not well formed; the text names the field.
    """
    return _read(_FROM, payload)


def read_to_agent(payload: object) -> ToAgent:
    """The message in `payload`, as a backend sent it. Raises ValueError as `read` does."""
    return _read(_TO, payload)


def _read(adapter: TypeAdapter[_T], payload: object) -> _T:
    version = payload.get("v") if isinstance(payload, dict) else None
    if version != VERSION:
        raise ValueError(f"a message of protocol version {version!r}; this backend speaks {VERSION}")
    try:
        return adapter.validate_python(payload)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        raise ValueError(f"a malformed message: {place or 'the whole'}: {first['msg']}") from error
