/**
 * The app's windows, by their top views, and what is done to all of them: dimmed, turned grey, closed to
 * touches. Windows that come later get it before their first frame.
 *
 * Main thread only.
 */

import type { Agent } from "../agent";
import { windowRoots } from "../art";
import type { Original } from "../hooks";
import { type Effects, GREY } from "../messages";
import { TARGETS } from "./targets";
import type { ViewEffects } from "./view_effects";

const LAYER_HARDWARE = 2;
const BLOCK = { kind: "block", text: "", colour: GREY } as const;

type WindowEffects = Pick<Effects, "dim" | "grey" | "block">;

export class Windows {
    private wanted: WindowEffects = { dim: 0, grey: 0, block: false };
    private readonly added: ((root: JavaObject) => void)[] = [];
    /** Top views that something was done to, also of windows that are closed by now. */
    private readonly touched = new Set<number>();

    constructor(
        private readonly agent: Agent,
        private readonly effects: ViewEffects,
    ) {
        agent.hooks.hook(TARGETS.addWindow, (original, _self, [root, params]) => {
            original(root, params);
            this.added.forEach((fn) => fn(root));
            if (this.active() && !agent.views.isOwn(agent.views.idOf(root))) {
                this.apply(root);
            }
        });
        agent.hooks.hook(TARGETS.setLayerType, (original, self, [type, paint]) =>
            this.onSetLayerType(original, self, type, paint));
    }

    /** Call `fn` with the top view of every window that is added from now on. */
    onAdded(fn: (root: JavaObject) => void): void {
        this.added.push(fn);
    }

    /** Top views of the app's own windows, in the order in which they came. */
    roots(): JavaObject[] {
        return windowRoots().filter((root) => !this.agent.views.isOwn(this.agent.views.idOf(root)));
    }

    /** What holds for all windows from now on. */
    set({ dim, grey, block }: WindowEffects): void {
        const { wanted } = this;
        if (dim !== wanted.dim || grey !== wanted.grey || block !== wanted.block) {
            this.wanted = { dim, grey, block };
            this.roots().forEach((root) => this.apply(root));
            this.putAside();
        }
    }

    /** A dialog that was closed meanwhile may be shown again: it, too, is to be as things are now. */
    private putAside(): void {
        for (const view of [...this.touched]) {
            const root = this.agent.views.viewOf(view);
            if (root === null) {
                this.touched.delete(view);
            } else if (!(root.isAttachedToWindow() as boolean)) {
                this.apply(root);
            }
        }
    }

    private active(): boolean {
        return this.wanted.dim > 0 || this.wanted.grey > 0 || this.wanted.block;
    }

    private apply(root: JavaObject): void {
        const view = this.agent.views.idOf(root);
        this.active() ? this.touched.add(view) : this.touched.delete(view);
        this.effects.dim(view, this.wanted.dim);
        this.effects.put(view, "window", this.wanted.block ? BLOCK : null);
        this.grey(view, root, this.wanted.grey);
    }

    private grey(view: number, root: JavaObject, grey: number): void {
        const { ledger, hooks } = this.agent;
        if (grey === 0) {
            ledger.undo(view, "layer");
            return;
        }
        if (!ledger.has(view, "layer")) {
            // The paint of a layer cannot be read; one that the app sets from now on is seen, and kept.
            this.keepLayer(view, root.getLayerType() as number, null);
        }
        hooks.quiet(() => root.setLayerType(LAYER_HARDWARE, desaturating(grey)));
    }

    private onSetLayerType(original: Original, self: JavaObject, type: number, paint: JavaObject | null): void {
        const view = this.wanted.grey === 0 ? 0 : this.agent.views.idOf(self);
        if (this.agent.ledger.has(view, "layer")) {
            this.keepLayer(view, type, paint);
        } else {
            original(type, paint);
        }
    }

    private keepLayer(view: number, type: number, paint: JavaObject | null): void {
        const { ledger, hooks } = this.agent;
        const own = paint === null ? null : Java.retain(paint);
        ledger.renew(view, "layer", (root) => hooks.quiet(() => root.setLayerType(type, own)));
    }
}

/** A paint that takes `grey` (0 to 1) of the colour out. */
function desaturating(grey: number): JavaObject {
    const matrix = Java.use("android.graphics.ColorMatrix").$new();
    matrix.setSaturation(1 - grey);
    const paint = Java.use("android.graphics.Paint").$new();
    paint.setColorFilter(Java.use("android.graphics.ColorMatrixColorFilter").$new(matrix));
    return paint;
}
