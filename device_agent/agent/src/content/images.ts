/**
 * Pictures of `ImageView`. A small copy travels to be judged, the whole one only when asked for.
 *
 * `setImageBitmap` needs no hook: it comes to `setImageDrawable`. Resources and addresses are loaded inside the view; what
 * they became is looked at before a frame can show it. The app reads its own drawable back, whatever is shown.
 */

import type { Agent } from "../agent";
import type { Effect } from "../messages";
import { TARGETS } from "../targets";
import type { Content, Shower } from "./content";
import { type Picture, Pictures } from "./pictures";
import type { Property, Slot } from "./slots";
import { SHOW } from "./verdicts";

const JPEG_QUALITY = 85;
/** Effects that leave the app's own picture in the view. */
const UNTOUCHED: ReadonlySet<Effect["kind"]> = new Set(["show", "block"]);
/** Effects that are drawn on the view as well; a picture is replaced by a cover with the text. */
const DRAWN: ReadonlySet<Effect["kind"]> = new Set(["cover", "replace", "hide", "remove", "block"]);

export class Images implements Shower {
    private readonly pictures: Pictures;
    private readonly imageView = Java.use("android.widget.ImageView");
    private readonly imageViewClass: NativePointer;
    private readonly setDrawable: JavaMethod = this.imageView.setImageDrawable.overload("android.graphics.drawable.Drawable");

    constructor(
        private readonly agent: Agent,
        private readonly content: Content,
    ) {
        const { hooks, jni } = agent;
        this.pictures = new Pictures(agent);
        this.imageViewClass = jni.classOf("android.widget.ImageView");
        hooks.hook(TARGETS.setImageDrawable, (original, self, [drawable]) => this.onSet(original, self, drawable));
        hooks.hook(TARGETS.setImageResource, (original, self, args) => this.onLoad(original, self, args));
        hooks.hook(TARGETS.setImageURI, (original, self, args) => this.onLoad(original, self, args));
        hooks.hook(TARGETS.getDrawable, (original, self) => this.onGet(original, self));
    }

    drawn(_property: Property, effect: Effect): Effect | null {
        if (effect.kind === "replace") {
            return { ...effect, kind: "cover" };
        }
        return DRAWN.has(effect.kind) ? effect : null;
    }

    look(view: JavaObject, id: number): void {
        if (this.agent.jni.isA(view.$h, this.imageViewClass)) {
            const holder = Java.cast(view, this.imageView);
            const drawable = this.content.slots.find(id, "image")?.own ?? this.read(holder);
            const taken = this.take(holder, id, drawable);
            if (taken !== null) {
                this.content.render(taken.slot, taken.effect);
            }
        }
    }

    show(slot: Slot, view: JavaObject, effect: Effect): void {
        const holder = Java.cast(view, this.imageView);
        const own = slot.own ?? this.read(holder);
        if (own === null) {
            return; // Taken away in a way that no hook sees.
        }
        if (UNTOUCHED.has(effect.kind)) {
            this.setDrawable.call(holder, own);
            this.content.settle(slot, effect, null);
            return;
        }
        this.keep(slot, own);
        this.setDrawable.call(holder, this.substitute(own, holder, effect));
        this.content.settle(slot, effect, slot.own);
    }

    /** Send the picture `key` whole, if any view still holds it. */
    sendWhole(key: string): void {
        for (const slot of this.content.slots.holding(key)) {
            const view = this.agent.views.viewOf(slot.view);
            const holder = view === null ? null : Java.cast(view, this.imageView);
            const drawable = slot.own ?? (holder === null ? null : this.read(holder));
            const picture = drawable === null ? null : this.pictures.of(drawable);
            if (holder !== null && picture !== null) {
                const { width, height } = picture;
                this.report(slot.view, holder, { ...picture, bitmap: Java.retain(picture.bitmap) }, width, height, true);
                return;
            }
        }
        this.agent.problem(`fetch_image ${key}`, "no view holds this picture any more");
    }

    private onSet(original: (drawable: JavaValue) => JavaValue, self: JavaObject, drawable: JavaObject | null): void {
        const taken = this.content.watches("image") ? this.take(self, this.agent.views.idOf(self), drawable) : null;
        if (taken === null || drawable === null || UNTOUCHED.has(taken.effect.kind)) {
            original(drawable);
            if (taken !== null) {
                this.content.settle(taken.slot, taken.effect, null);
            }
            return;
        }
        this.keep(taken.slot, drawable);
        original(this.substitute(drawable, self, taken.effect));
        this.content.settle(taken.slot, taken.effect, taken.slot.own);
    }

    private onLoad(original: (...args: JavaValue[]) => JavaValue, self: JavaObject, args: JavaValue[]): void {
        this.agent.hooks.quiet(() => original(...args));
        if (this.content.watches("image")) {
            const id = this.agent.views.idOf(self);
            const taken = this.take(self, id, this.read(self));
            if (taken !== null) {
                taken.slot.own = null;
                taken.slot.shown = SHOW;
                this.content.render(taken.slot, taken.effect);
            }
        }
    }

    private onGet(original: () => JavaValue, self: JavaObject): JavaValue {
        if (this.content.watches("image")) {
            const own = this.content.slots.find(this.agent.views.idOf(self), "image")?.own ?? null;
            if (own !== null) {
                return Java.retain(own); // The bridge disposes of what a hook gives back.
            }
        }
        return original();
    }

    /** The slot of a picture that is set now and what to show of it; null where there is nothing to judge. */
    private take(view: JavaObject, id: number, drawable: JavaObject | null): { slot: Slot; effect: Effect } | null {
        const picture = drawable === null || this.agent.views.isOwn(id) ? null : this.pictures.of(drawable);
        if (picture === null) {
            this.content.clear(id, "image");
            return null;
        }
        return this.content.take(id, "image", picture.key, () => {
            const small = { ...picture, bitmap: this.pictures.small(picture, this.agent.config.thumb_px) };
            this.report(id, view, small, picture.width, picture.height, false);
        });
    }

    /** Compress on Frida's thread and send: the app's main thread has better things to do. */
    private report(id: number, view: JavaObject, picture: Picture, width: number, height: number, full: boolean): void {
        const name = this.agent.views.nameOf(view);
        setTimeout(() => Java.perform(() => {
            try {
                const bytes = this.pictures.jpeg(picture.bitmap, JPEG_QUALITY);
                this.agent.send({ type: "image", key: picture.key, view: id, width, height, full, ...name }, bytes);
            } catch (error) {
                this.agent.problem("image", error);
            }
        }), 0);
    }

    private keep(slot: Slot, own: JavaObject): void {
        const kept = own === slot.own ? own : Java.retain(own);
        slot.own = kept;
        this.agent.ledger.renew(slot.view, slot.property, (view) => {
            this.setDrawable.call(Java.cast(view, this.imageView), kept);
        });
    }

    private read(holder: JavaObject): JavaObject | null {
        return this.agent.hooks.quiet(() => holder.getDrawable() as JavaObject | null);
    }

    private substitute(own: JavaObject, holder: JavaObject, effect: Effect): JavaObject {
        const picture = effect.kind === "blur" ? this.pictures.of(own) : null;
        return picture === null
            ? this.pictures.plain(own, holder, effect.colour)
            : this.pictures.mosaic(picture, own, holder);
    }
}

