/**
 * The message `Effects`: the whole of what holds on single views and on the windows. What an earlier one
 * named and this one does not, ends. An effect that was decided on a view's content ends by itself when that
 * view has another content.
 */

import type { Agent } from "../agent";
import type { Effects, Effect } from "../messages";
import { isText } from "./drawables";
import { sameEffect, type ViewEffects } from "./view_effects";
import type { Windows } from "./windows";

const SLOTS = ["look", "place", "touch"] as const;

/** A view may have one effect of each: on what it shows, on whether it is there, on touches. */
type Slot = (typeof SLOTS)[number];

interface Held {
    readonly view: number;
    readonly slot: Slot;
    readonly effect: Effect;
    /** The content it was decided on; empty for any. */
    readonly key: string;
}

export class EffectsOnViews {
    /** By view and slot. */
    private readonly held = new Map<string, Held>();
    /** Views whose text is shown otherwise by our wish. */
    private readonly forced = new Set<number>();

    constructor(
        private readonly agent: Agent,
        private readonly drawn: ViewEffects,
        private readonly windows: Windows,
    ) {
        agent.on("effects", (message) => this.set(message));
        agent.onChanged((view) => this.endIfOther(view));
        agent.views.onGone((view) => {
            this.of(view).forEach((one) => this.held.delete(nameOf(one)));
            this.forced.delete(view);
        });
    }

    private set({ seq, views, dim, grey, block }: Effects): void {
        const wanted = new Map<string, Held>();
        const skipped: number[] = [];
        for (const { view, effect, key } of views) {
            if (this.agent.views.viewOf(view) === null || !this.holds(view, key)) {
                skipped.push(view);
            } else {
                const one = { view, slot: slotOf(effect.kind), effect, key };
                wanted.set(nameOf(one), one);
            }
        }
        for (const [name, one] of [...this.held]) {
            if (!wanted.has(name)) {
                this.end(one);
            }
        }
        for (const [name, one] of wanted) {
            const before = this.held.get(name);
            this.held.set(name, one);
            if (before === undefined || !sameEffect(before.effect, one.effect)) {
                this.draw(one, one.effect);
            }
        }
        this.windows.set({ dim, grey, block });
        this.agent.send({ type: "applied", seq, uptime_ms: this.agent.uptime(), skipped });
    }

    /** Whether the view's content is `key`; always so where none is given. */
    private holds(view: number, key: string): boolean {
        return key === "" || this.agent.content?.keyOf(view) === key;
    }

    private endIfOther(view: number): void {
        this.of(view).filter((one) => !this.holds(view, one.key)).forEach((one) => this.end(one));
    }

    private of(view: number): Held[] {
        if (this.held.size === 0) {
            return [];
        }
        return SLOTS.flatMap((slot) => this.held.get(nameOf({ view, slot })) ?? []);
    }

    private end(one: Held): void {
        this.held.delete(nameOf(one));
        this.draw(one, null);
    }

    private draw({ view, slot }: Held, effect: Effect | null): void {
        if (slot === "look") {
            this.setText(view, effect !== null && this.changesText(view, effect.kind) ? effect : null);
        }
        this.drawn.put(view, `view ${slot}`, effect);
    }

    /** Under a cover, too, a text is masked: accessibility services read what is beneath. */
    private changesText(view: number, kind: Effect["kind"]): boolean {
        const target = kind === "replace" || kind === "cover" || kind === "blur" ? this.agent.views.viewOf(view) : null;
        return target !== null && isText(target);
    }

    private setText(view: number, effect: Effect | null): void {
        if (effect !== null || this.forced.has(view)) {
            effect === null ? this.forced.delete(view) : this.forced.add(view);
            this.agent.content?.force(view, effect);
        }
    }
}

function slotOf(kind: Effect["kind"]): Slot {
    return kind === "block" ? "touch" : kind === "hide" || kind === "remove" ? "place" : "look";
}

function nameOf({ view, slot }: Pick<Held, "view" | "slot">): string {
    return `${view} ${slot}`;
}
