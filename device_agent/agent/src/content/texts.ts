/**
 * Texts: of `TextView`, its hint, and content descriptions. A text says something by a letter, a digit or a pictograph; what
 * has none of them (dots between names, a dash where a number will be) is not content, and nobody waits for a verdict on
 * it. A bare number or a clock is: a number says how many liked something, or when. What the participant types is none of our business: a text field
 * is never read, reported or changed; its hint is, for the app wrote it.
 *
 * What the app reads back is what it set: `getText` answers with the app's own text while another is shown. Hints and
 * descriptions are read by accessibility services through their getters, which must get what is shown; there the app
 * reads that too.
 */

import type { Agent } from "../agent";
import { type Effect, MAX_TEXT, type TextContent } from "../messages";
import { TARGETS } from "../targets";
import type { Content, Shower } from "./content";
import { clean, textKey } from "./keys";
import type { Property, Slot } from "./slots";
import { SHOW } from "./verdicts";

type TextProperty = Exclude<Property, "image">;

const MOST_A_MESSAGE = 250;
const MOST_UNITS_A_MESSAGE = 500_000;
const MASK = "\u2022";
const SAYS_SOMETHING = /[\p{L}\p{N}\p{Extended_Pictographic}\p{Regional_Indicator}]/u;
/** Effects that leave the app's own text in the view. */
const UNTOUCHED: ReadonlySet<Effect["kind"]> = new Set(["show", "block"]);
/** Effects that are drawn on the view as well. */
const DRAWN: ReadonlySet<Effect["kind"]> = new Set(["cover", "hide", "remove", "block"]);

const SETTERS: { readonly [P in TextProperty]: { get: string; set: string } } = {
    text: { get: "getText", set: "setText" },
    hint: { get: "getHint", set: "setHint" },
    description: { get: "getContentDescription", set: "setContentDescription" },
};

export class Texts implements Shower {
    private readonly textView = Java.use("android.widget.TextView");
    private readonly textViewClass: NativePointer;
    private readonly editTextClass: NativePointer;
    private readonly setText: JavaMethod =
        this.textView.setText.overload("java.lang.CharSequence", "android.widget.TextView$BufferType");
    private readonly bufferType = Java.use("android.widget.TextView$BufferType");
    private readonly normal = Java.retain(this.bufferType.NORMAL.value as JavaObject);
    private readonly editable = Java.retain(this.bufferType.EDITABLE.value as JavaObject);
    private readonly spannable = Java.retain(this.bufferType.SPANNABLE.value as JavaObject);
    private readonly editableClass: NativePointer;
    private readonly builder = Java.use("android.text.SpannableStringBuilder");
    private readonly string = Java.use("java.lang.String");
    private readonly stringOfChars = this.string.$new.overload("[C", "int", "int");
    private readonly unsent: TextContent[] = [];
    private readonly flush = (): void => this.send();

    constructor(
        private readonly agent: Agent,
        private readonly content: Content,
    ) {
        const { hooks, jni } = agent;
        this.textViewClass = jni.classOf("android.widget.TextView");
        this.editTextClass = jni.classOf("android.widget.EditText");
        this.editableClass = jni.classOf("android.text.Editable");
        hooks.hook(TARGETS.setText, (original, self, [text, type]) => this.onSetText(original, self, text, type));
        hooks.hook(TARGETS.setTextChars, (original, self, args) => this.onSetChars(original, self, args));
        hooks.hook(TARGETS.append, (original, self, args) => this.onAppend(original, self, args));
        hooks.hook(TARGETS.getText, (original, self) => this.onGetText(original, self));
        hooks.hook(TARGETS.setHint, (original, self, [text]) => this.onSet("hint", original, self, text));
        hooks.hook(TARGETS.setContentDescription, (original, self, [text]) =>
            this.onSet("description", original, self, text));
    }

    drawn(property: Property, effect: Effect): Effect | null {
        if (property !== "text") {
            return null;
        }
        // Of a text, a mosaic is a cover: letters can be guessed from a blur.
        const drawn: Effect = effect.kind === "blur" ? { ...effect, kind: "cover" } : effect;
        return DRAWN.has(drawn.kind) ? drawn : null;
    }

    look(view: JavaObject, id: number): void {
        this.lookAt(view, id, "description", view);
        if (this.agent.jni.isA(view.$h, this.textViewClass)) {
            const textView = Java.cast(view, this.textView);
            this.lookAt(view, id, "hint", textView);
            if (!this.isTyped(view)) {
                this.lookAt(view, id, "text", textView);
            }
        }
    }

    private lookAt(view: JavaObject, id: number, property: TextProperty, holder: JavaObject): void {
        const own = this.content.slots.find(id, property)?.own ?? this.read(holder, property);
        if (own !== null) {
            const taken = this.take(view, id, property, own);
            if (taken !== null) {
                this.content.render(taken.slot, taken.effect);
            }
        }
    }

    show(slot: Slot, view: JavaObject, effect: Effect): void {
        const property = slot.property as TextProperty;
        const holder = property === "description" ? view : Java.cast(view, this.textView);
        const own = slot.own ?? this.read(holder, property);
        if (own === null) {
            return; // Taken away in a way that no hook sees.
        }
        if (UNTOUCHED.has(effect.kind)) {
            this.write(holder, property, own, slot.buffer);
            this.content.settle(slot, effect, null);
            return;
        }
        this.keep(slot, own, slot.own === null ? this.bufferOf(own) : slot.buffer);
        this.write(holder, property, this.substitute(own, effect), null);
        this.content.settle(slot, effect, slot.own);
    }

    private onSetText(original: (text: JavaValue, type: JavaValue) => JavaValue, self: JavaObject, text: JavaObject | null,
                      type: JavaObject | null): void {
        const taken = this.watches(self) && !this.isTyped(self)
            ? this.take(self, this.agent.views.idOf(self), "text", text) : null;
        if (taken === null || text === null || UNTOUCHED.has(taken.effect.kind)) {
            original(text, type);
            if (taken !== null) {
                this.content.settle(taken.slot, taken.effect, null);
            }
            return;
        }
        const plain = type === null || type.$isSameObject(this.normal);
        // An app that asks for a buffer it can change gets one when it reads its text back.
        this.keep(taken.slot, plain ? text : (this.builder.$new(text) as JavaObject), plain ? null : this.constant(type));
        original(this.substitute(text, taken.effect), type);
        this.content.settle(taken.slot, taken.effect, taken.slot.own);
    }

    /** On Android this overload takes a way of its own past the others: it is led to them. */
    private onSetChars(original: (...args: JavaValue[]) => JavaValue, self: JavaObject, args: JavaValue[]): void {
        if (!this.watches(self) || args[0] === null) {
            return original(...args);
        }
        const text = this.stringOfChars.call(this.string, ...args) as JavaObject;
        this.onSetText((given, type) => this.setText.call(self, given, type), self, text, this.normal);
    }

    /** What is appended belongs to the app's own text; the whole is then a new content. */
    private onAppend(original: (...args: JavaValue[]) => JavaValue, self: JavaObject, args: JavaValue[]): void {
        if (!this.watches(self) || this.isTyped(self)) {
            return original(...args);
        }
        const id = this.agent.views.idOf(self);
        const slot = this.content.slots.find(id, "text");
        this.agent.hooks.quiet(() => {
            if (slot !== undefined && slot.own !== null) {
                this.write(self, "text", slot.own, slot.buffer);
                slot.own = null;
                slot.shown = SHOW;
            }
            original(...args);
        });
        this.lookAt(self, id, "text", self);
    }

    private onGetText(original: () => JavaValue, self: JavaObject): JavaValue {
        if (this.watches(self)) {
            const own = this.content.ownText(this.agent.views.idOf(self), "text");
            if (own !== undefined) {
                return Java.retain(own); // The bridge disposes of what a hook gives back.
            }
        }
        return original();
    }

    private onSet(property: "hint" | "description", original: (text: JavaValue) => JavaValue, self: JavaObject,
                  text: JavaObject | null): void {
        const taken = this.watches(self) ? this.take(self, this.agent.views.idOf(self), property, text) : null;
        if (taken === null || text === null || UNTOUCHED.has(taken.effect.kind)) {
            original(text);
            if (taken !== null) {
                this.content.settle(taken.slot, taken.effect, null);
            }
            return;
        }
        this.keep(taken.slot, text, null);
        original(this.substitute(text, taken.effect));
        this.content.settle(taken.slot, taken.effect, taken.slot.own);
    }

    private watches(_self: JavaObject): boolean {
        return this.content.watches("text");
    }

    /** Whether what stands in this view is the participant's, not the app's. */
    private isTyped(view: JavaObject): boolean {
        return this.agent.jni.isA(view.$h, this.editTextClass);
    }

    /** The slot of a text that is set now and what to show of it; null where there is nothing to judge. */
    private take(view: JavaObject, id: number, property: TextProperty, given: JavaObject | null):
        { slot: Slot; effect: Effect } | null {
        const text = given === null ? "" : this.agent.jni.textOf(given.$h);
        if (!SAYS_SOMETHING.test(text) || this.agent.views.isOwn(id)) {
            this.content.clear(id, property);
            return null;
        }
        const name = this.agent.views.nameOf(view);
        const key = textKey(property, name, text);
        return this.content.take(id, property, key, () => {
            const cut = cutForWire(text);
            this.unsent.push({ key, view: id, role: property, text: cut, length: text.length, ...name });
            this.agent.atEnd(this.flush);
        });
    }

    private send(): void {
        while (this.unsent.length > 0) {
            let units = 0;
            let count = 0;
            while (count < Math.min(MOST_A_MESSAGE, this.unsent.length) && units < MOST_UNITS_A_MESSAGE) {
                units += this.unsent[count++]?.text.length ?? 0;
            }
            this.agent.send({ type: "texts", items: this.unsent.splice(0, count) });
        }
    }

    /** Keep the app's own in slot and ledger. */
    private keep(slot: Slot, own: JavaObject, buffer: JavaObject | null): void {
        const kept = own === slot.own ? own : Java.retain(own);
        const property = slot.property as TextProperty;
        slot.own = kept;
        slot.buffer = buffer;
        this.agent.ledger.renew(slot.view, property, (view) => {
            const holder = property === "description" ? view : Java.cast(view, this.textView);
            this.write(holder, property, kept, buffer);
        });
    }

    private read(holder: JavaObject, property: TextProperty): JavaObject | null {
        return this.agent.hooks.quiet(() => holder[SETTERS[property].get]() as JavaObject | null);
    }

    private write(holder: JavaObject, property: TextProperty, text: JavaObject, buffer: JavaObject | null): void {
        if (property === "text") {
            this.setText.call(holder, text, buffer ?? this.normal);
        } else {
            holder[SETTERS[property].set](text);
        }
    }

    /** The lasting object for a buffer type that a hook was given. */
    private constant(type: JavaObject): JavaObject {
        return type.$isSameObject(this.editable) ? this.editable : this.spannable;
    }

    /** How a text that was read from a view is buffered there. */
    private bufferOf(text: JavaObject): JavaObject | null {
        return this.agent.jni.isA(text.$h, this.editableClass) ? this.editable : null;
    }

    private substitute(own: JavaObject, effect: Effect): JavaObject {
        const text = effect.kind === "replace" ? effect.text : mask(this.agent.jni.textOf(own.$h));
        return this.agent.jni.javaString(text);
    }
}

/** The shape of a text and nothing of what it says: lines and words stay as long as they are. */
function mask(text: string): string {
    return text.slice(0, MAX_TEXT).replace(/\S/gu, MASK);
}

function cutForWire(text: string): string {
    // A pair of surrogates that the cut parts is mended by `clean`.
    return clean(text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text);
}
