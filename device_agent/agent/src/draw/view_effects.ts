/**
 * What is drawn on single views: covers, mosaics and placeholders as their foreground, hidden and removed
 * views by their visibility, blocked ones by keeping touches from them. Several sources may have an effect
 * on one view; what is drawn is all of it together, and what the app itself sets meanwhile waits until
 * nothing is.
 *
 * Main thread only.
 */

import type { Agent, DrawnEffects } from "../agent";
import type { Original } from "../hooks";
import type { Effect } from "../messages";
import { TARGETS } from "./targets";
import { covering, dependsOnSize, layers, plain, sizeOf } from "./drawables";

const VISIBLE = 0;
const INVISIBLE = 4;
const GONE = 8;
/** Neither the view nor what is in it is read aloud. */
const NO_HIDE_DESCENDANTS = 4;
const COVERS: ReadonlySet<Effect["kind"]> = new Set(["cover", "blur", "placeholder"]);

type Hiding = "hide" | "remove";

/** What one view has on it. */
interface Drawn {
    readonly sources: Map<string, Effect>;
    /** Darkness over the whole, 0 to 1. */
    dim: number;
    hiding: Hiding | null;
    cover: Effect | null;
    /** Width and height that the foreground was made for; empty where it fits any. */
    madeFor: string;
}

export class ViewEffects implements DrawnEffects {
    private readonly drawn = new Map<number, Drawn>();
    private readonly blocked = new Set<number>();

    constructor(private readonly agent: Agent) {
        const { hooks, views } = agent;
        hooks.hook(TARGETS.setVisibility, (original, self, [value]) => this.onSetVisibility(original, self, value));
        hooks.hook(TARGETS.setForeground, (original, self, [own]) => this.onSetForeground(original, self, own));
        for (const target of [TARGETS.viewTouch, TARGETS.groupTouch]) {
            // Taking the touch keeps it from what lies beneath as well.
            hooks.hook(target, (original, self, [event]) => this.blocks(self) || original(event));
        }
        hooks.hook(TARGETS.preDraw, (original) => {
            this.fit();
            return original();
        });
        views.onGone((view) => this.forget(view));
        agent.onLeave(() => this.blocked.clear());
    }

    put(view: number, source: string, effect: Effect | null): void {
        const target = this.agent.views.viewOf(view);
        if (target === null) {
            return this.forget(view);
        }
        const drawn = this.of(view);
        if (effect === null || effect.kind === "show" || effect.kind === "replace") {
            drawn.sources.delete(source);
        } else {
            drawn.sources.set(source, effect);
        }
        this.draw(view, target, drawn);
    }

    /** Darken a window's top view. */
    dim(view: number, dim: number): void {
        const target = this.agent.views.viewOf(view);
        if (target !== null) {
            this.draw(view, target, this.of(view), dim);
        }
    }

    hides(view: number): boolean {
        const drawn = this.drawn.get(view);
        return drawn !== undefined && (drawn.hiding !== null || drawn.cover !== null);
    }

    /** Before a frame is drawn: make covers again whose view has another size now. */
    private fit(): void {
        for (const [view, drawn] of this.drawn) {
            if (drawn.madeFor !== "") {
                const target = this.agent.views.viewOf(view);
                if (target !== null && drawn.madeFor !== sizeKey(target)) {
                    this.setForeground(view, target, drawn);
                }
            }
        }
    }

    private of(view: number): Drawn {
        let drawn = this.drawn.get(view);
        if (drawn === undefined) {
            drawn = { sources: new Map(), dim: 0, hiding: null, cover: null, madeFor: "" };
            this.drawn.set(view, drawn);
        }
        return drawn;
    }

    private draw(view: number, target: JavaObject, drawn: Drawn, dim = drawn.dim): void {
        const effects = [...drawn.sources.values()];
        const kinds = new Set(effects.map((effect) => effect.kind));
        const hiding = kinds.has("remove") ? "remove" : kinds.has("hide") ? "hide" : null;
        // The source that came last is drawn: it decided last.
        const cover = effects.filter((effect) => COVERS.has(effect.kind)).at(-1) ?? null;
        kinds.has("block") ? this.blocked.add(view) : this.blocked.delete(view);
        const hid = this.hides(view);
        if (hiding !== drawn.hiding) {
            drawn.hiding = hiding;
            this.setVisibility(view, target, hiding);
        }
        if ((cover !== null) !== (drawn.cover !== null)) {
            this.setSpoken(view, target, cover === null);
        }
        if (!sameEffect(cover, drawn.cover) || dim !== drawn.dim) {
            drawn.cover = cover;
            drawn.dim = dim;
            this.setForeground(view, target, drawn);
        }
        if (effects.length === 0 && drawn.dim === 0) {
            this.drawn.delete(view);
        }
        if (hid !== this.hides(view)) {
            this.agent.changed(view);
        }
    }

    private forget(view: number): void {
        this.drawn.delete(view);
        this.blocked.delete(view);
    }

    private blocks(view: JavaObject): boolean {
        return this.blocked.size > 0 && this.blocked.has(this.agent.views.idOf(view));
    }

    /** What is covered is not read aloud either; what the app sets of this meanwhile is rare, and is not looked for. */
    private setSpoken(view: number, target: JavaObject, spoken: boolean): void {
        const { ledger } = this.agent;
        if (spoken) {
            ledger.undo(view, "accessibility");
        } else {
            const own = target.getImportantForAccessibility() as number;
            ledger.remember(view, "accessibility", (covered) => covered.setImportantForAccessibility(own));
            target.setImportantForAccessibility(NO_HIDE_DESCENDANTS);
        }
    }

    // Visibility

    private setVisibility(view: number, target: JavaObject, hiding: Hiding | null): void {
        const { ledger, hooks } = this.agent;
        if (hiding === null) {
            ledger.undo(view, "visibility");
            return;
        }
        if (!ledger.has(view, "visibility")) {
            this.keepVisibility(view, target.getVisibility() as number);
        }
        hooks.quiet(() => target.setVisibility(visibilityOf(hiding, ledger.own(view, "visibility") as number)));
    }

    private onSetVisibility(original: Original, self: JavaObject, value: number): void {
        const view = this.drawn.size === 0 ? 0 : this.agent.views.idOf(self);
        const hiding = this.drawn.get(view)?.hiding ?? null;
        if (hiding === null) {
            return original(value);
        }
        this.keepVisibility(view, value);
        original(visibilityOf(hiding, value));
    }

    private keepVisibility(view: number, own: number): void {
        const { ledger, hooks } = this.agent;
        ledger.renew(view, "visibility", (target) => hooks.quiet(() => target.setVisibility(own)), own);
    }

    // Foreground

    private setForeground(view: number, target: JavaObject, drawn: Drawn): void {
        const { ledger, hooks } = this.agent;
        if (drawn.cover === null && drawn.dim === 0) {
            drawn.madeFor = "";
            ledger.undo(view, "foreground");
            return;
        }
        if (!ledger.has(view, "foreground")) {
            this.keepForeground(view, target.getForeground() as JavaObject | null);
        }
        drawn.madeFor = drawn.cover !== null && dependsOnSize(drawn.cover) ? sizeKey(target) : "";
        hooks.quiet(() => {
            if (drawn.cover?.kind === "blur") {
                target.setForeground(null); // A mosaic is made of what the view shows by itself.
            }
            target.setForeground(foreground(target, drawn));
        });
    }

    private onSetForeground(original: Original, self: JavaObject, own: JavaObject | null): void {
        const view = this.drawn.size === 0 ? 0 : this.agent.views.idOf(self);
        if (this.drawn.has(view) && this.agent.ledger.has(view, "foreground")) {
            this.keepForeground(view, own);
        } else {
            original(own);
        }
    }

    private keepForeground(view: number, drawable: JavaObject | null): void {
        const { ledger, hooks } = this.agent;
        const own = drawable === null ? null : Java.retain(drawable);
        ledger.renew(view, "foreground", (target) => hooks.quiet(() => target.setForeground(own)), own);
    }
}

/** The app's own visibility under an effect: what it hides itself stays as it has it. */
function visibilityOf(hiding: Hiding, own: number): number {
    return hiding === "remove" ? GONE : own === VISIBLE ? INVISIBLE : own;
}

function foreground(target: JavaObject, { cover, dim }: Drawn): JavaObject {
    const dark = dim > 0 ? plain((Math.round(dim * 255) << 24) >>> 0) : null;
    const opaque = cover === null ? null : covering(target, cover);
    return opaque !== null && dark !== null ? layers(opaque, dark) : ((opaque ?? dark) as JavaObject);
}

function sizeKey(view: JavaObject): string {
    const { width, height } = sizeOf(view);
    return `${width}x${height}`;
}

export function sameEffect(one: Effect | null, other: Effect | null): boolean {
    return one?.kind === other?.kind && one?.text === other?.text && one?.colour === other?.colour;
}
