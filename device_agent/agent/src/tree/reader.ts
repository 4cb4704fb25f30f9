/**
 * What one view says of itself, as ``uiautomator dump`` would report it. Names of getters are Android's public ones; what
 * the virtual phone's framework or an older Android lacks answers false.
 */

import type { Agent } from "../agent";
import { MAX_TEXT, type Node } from "../messages";
import { Getters, type Member, type Ref } from "./getters";

/** Everything of a `Node` but its place in the tree. */
export type Facts = Omit<Node, "view" | "parent" | "order" | "box">;

/** What never changes while a view lives. */
export interface Kind {
    readonly class_name: string;
    readonly group: boolean;
    readonly text: boolean;
    readonly checkable: boolean;
}

/** A view in its parent: its frame, how far its content is scrolled and itself is shifted, whether it shows. */
export interface Place {
    left: number;
    top: number;
    right: number;
    bottom: number;
    scrollX: number;
    scrollY: number;
    shown: boolean;
}

const VISIBLE = 0;
const NO_ID = -1;
const CHARS = "()Ljava/lang/CharSequence;";
const CLASS_TEXT = 1;
const CLASS_NUMBER = 2;
/** ``InputType.TYPE_TEXT_VARIATION_PASSWORD``, ``_VISIBLE_PASSWORD`` and ``_WEB_PASSWORD``. */
const PASSWORD_VARIATIONS = [0x80, 0x90, 0xe0];
const NUMBER_PASSWORD = 0x10;

export class Reader {
    readonly get = new Getters();
    private readonly view = this.get.findClass("android/view/View");
    private readonly group = this.get.findClass("android/view/ViewGroup");
    private readonly textView = this.get.findClass("android/widget/TextView");
    private readonly checkable = this.get.findClass("android/widget/Checkable");
    private readonly left = this.int("getLeft");
    private readonly top = this.int("getTop");
    private readonly right = this.int("getRight");
    private readonly bottom = this.int("getBottom");
    private readonly scrollX = this.int("getScrollX");
    private readonly scrollY = this.int("getScrollY");
    private readonly id = this.int("getId");
    private readonly visibility = this.int("getVisibility");
    private readonly alpha = this.get.method(this.view, "getAlpha", "()F");
    private readonly translationX = this.get.method(this.view, "getTranslationX", "()F");
    private readonly translationY = this.get.method(this.view, "getTranslationY", "()F");
    private readonly onScreen = this.get.method(this.view, "getLocationOnScreen", "([I)V");
    private readonly enabled = this.bool("isEnabled");
    private readonly clickable = this.bool("isClickable");
    private readonly selected = this.bool("isSelected");
    private readonly focused = this.bool("isFocused");
    private readonly scrollContainer = this.bool("isScrollContainer");
    private readonly scrollsDown = this.get.method(this.view, "canScrollVertically", "(I)Z");
    private readonly scrollsAcross = this.get.method(this.view, "canScrollHorizontally", "(I)Z");
    private readonly description = this.get.method(this.view, "getContentDescription", CHARS);
    private readonly className = this.get.method(this.view, "getAccessibilityClassName", CHARS);
    private readonly parent = this.get.method(this.view, "getParent", "()Landroid/view/ViewParent;");
    private readonly childCount = this.get.method(this.group, "getChildCount", "()I");
    private readonly childAt = this.get.method(this.group, "getChildAt", "(I)Landroid/view/View;");
    private readonly text = this.get.method(this.textView, "getText", CHARS);
    private readonly hint = this.get.method(this.textView, "getHint", CHARS);
    private readonly inputType = this.get.method(this.textView, "getInputType", "()I");
    private readonly transformation = this.get.method(
        this.textView, "getTransformationMethod", "()Landroid/text/method/TransformationMethod;");
    private readonly dots = this.get.findClass("android/text/method/PasswordTransformationMethod");
    private readonly checked = this.get.method(this.checkable, "isChecked", "()Z");
    private readonly resourceNames = new Map<number, string>();

    constructor(private readonly agent: Agent) {}

    kindOf(ref: Ref): Kind {
        return {
            class_name: this.get.text(ref, this.className, MAX_TEXT) || "android.view.View",
            group: this.get.isInstance(ref, this.group),
            text: this.get.isInstance(ref, this.textView),
            checkable: this.get.isInstance(ref, this.checkable),
        };
    }

    /** Read where a view lies into `place`. A view that the agent hides counts as shown if the app shows it. */
    place(ref: Ref, id: number, place: Place): void {
        const { get } = this;
        const x = Math.trunc(get.float(ref, this.translationX));
        const y = Math.trunc(get.float(ref, this.translationY));
        place.left = get.int(ref, this.left) + x;
        place.top = get.int(ref, this.top) + y;
        place.right = get.int(ref, this.right) + x;
        place.bottom = get.int(ref, this.bottom) + y;
        place.scrollX = get.int(ref, this.scrollX);
        place.scrollY = get.int(ref, this.scrollY);
        place.shown = this.ownVisibility(ref, id) === VISIBLE && get.float(ref, this.alpha) > 0;
    }

    /** Where the top view of a window is on the screen. */
    location(ref: Ref): [number, number] {
        return this.get.intPair(ref, this.onScreen);
    }

    /** References to all children, in order; each is to be given back. */
    children(ref: Ref): Ref[] {
        const found: Ref[] = [];
        const count = this.get.int(ref, this.childCount);
        for (let index = 0; index < count; index++) {
            const child = this.get.object(ref, this.childAt, index);
            if (!child.isNull()) {
                found.push(child);
            }
        }
        return found;
    }

    /** The number of the view that holds this one; 0 for a window's top. */
    parentOf(ref: Ref): number {
        const parent = this.get.object(ref, this.parent);
        if (parent.isNull()) {
            return 0;
        }
        const id = this.get.isInstance(parent, this.group) ? this.agent.views.idOfHandle(parent) : 0;
        this.get.free(parent);
        return id;
    }

    facts(ref: Ref, id: number, kind: Kind): Facts {
        const { get } = this;
        const password = kind.text && this.isPassword(ref);
        return {
            class_name: kind.class_name,
            view_id: this.resourceName(ref, id),
            text: kind.text && !password ? this.shownText(ref, id) : "",
            description: this.ownText(ref, id, "description", this.description),
            clickable: get.bool(ref, this.clickable),
            scrollable: kind.group ? this.scrolls(ref) : get.bool(ref, this.scrollContainer),
            enabled: get.bool(ref, this.enabled),
            focused: get.bool(ref, this.focused),
            checked: kind.checkable && get.bool(ref, this.checked),
            selected: get.bool(ref, this.selected),
            password,
            hidden: this.isHidden(id),
            key: this.agent.content?.keyOf(id) ?? "",
        };
    }

    /** Whether a reference is to a view of the agent's own. */
    isOwn(id: number): boolean {
        return this.agent.views.isOwn(id);
    }

    private isPassword(ref: Ref): boolean {
        if (isPassword(this.get.int(ref, this.inputType))) {
            return true;
        }
        const method = this.get.object(ref, this.transformation);
        if (method.isNull()) {
            return false;
        }
        const dots = this.get.isInstance(method, this.dots);
        this.get.free(method);
        return dots;
    }

    private shownText(ref: Ref, id: number): string {
        return this.ownText(ref, id, "text", this.text) || this.ownText(ref, id, "hint", this.hint);
    }

    /** A text that the app set, whatever is shown in its place. */
    private ownText(ref: Ref, id: number, property: "text" | "hint" | "description", getter: Member): string {
        const own = this.agent.content?.ownText(id, property);
        return own === undefined ? this.get.text(ref, getter, MAX_TEXT) : this.get.textOf(own.$h, MAX_TEXT);
    }

    /** Whether the participant is kept from what the app shows here: by something drawn, or by another text or picture. */
    private isHidden(id: number): boolean {
        const slots = this.agent.content?.slots;
        const own = slots?.find(id, "text")?.own ?? slots?.find(id, "image")?.own ?? null;
        return own !== null || this.agent.effects?.hides(id) === true;
    }

    private scrolls(ref: Ref): boolean {
        const { get } = this;
        return get.bool(ref, this.scrollsDown, 1) || get.bool(ref, this.scrollsDown, -1)
            || get.bool(ref, this.scrollsAcross, 1) || get.bool(ref, this.scrollsAcross, -1);
    }

    /** As the app set it, whether or not the agent hides the view. */
    private ownVisibility(ref: Ref, id: number): number {
        const kept = this.agent.ledger.own(id, "visibility");
        return typeof kept === "number" ? kept : this.get.int(ref, this.visibility);
    }

    private resourceName(ref: Ref, id: number): string {
        const number = this.get.int(ref, this.id);
        if (number === NO_ID) {
            return "";
        }
        let name = this.resourceNames.get(number);
        if (name === undefined) {
            const view = this.agent.views.viewOf(id);
            name = view === null ? "" : this.agent.views.nameOf(view).view_id;
            this.resourceNames.set(number, name);
        }
        return name;
    }

    private int(name: string): Member {
        return this.get.method(this.view, name, "()I");
    }

    private bool(name: string): Member {
        return this.get.method(this.view, name, "()Z");
    }
}

/** Whether a text of this ``InputType`` is masked: neither tree nor judge may see it. */
export function isPassword(inputType: number): boolean {
    const variation = inputType & 0xff0;
    return (inputType & 0xf) === CLASS_NUMBER ? variation === NUMBER_PASSWORD
        : (inputType & 0xf) === CLASS_TEXT ? PASSWORD_VARIATIONS.includes(variation)
        : false;
}
