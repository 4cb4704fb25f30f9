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

interface Held {
    readonly effect: Effect;
    /** The content it was decided on; empty for any. */
    readonly key: string;
}

export class EffectsOnViews {
    private readonly held = new Map<number, Held>();
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
            this.held.delete(view);
            this.forced.delete(view);
        });
    }

    private set({ seq, views, dim, grey, block }: Effects): void {
        const wanted = new Map<number, Held>();
        const skipped: number[] = [];
        for (const { view, effect, key } of views) {
            if (this.agent.views.viewOf(view) === null || !this.holds(view, key)) {
                skipped.push(view);
            } else {
                wanted.set(view, { effect, key });
            }
        }
        for (const view of [...this.held.keys()]) {
            if (!wanted.has(view)) {
                this.end(view);
            }
        }
        for (const [view, one] of wanted) {
            const before = this.held.get(view);
            this.held.set(view, one);
            if (before === undefined || !sameEffect(before.effect, one.effect)) {
                this.draw(view, one.effect);
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
        const held = this.held.get(view);
        if (held !== undefined && !this.holds(view, held.key)) {
            this.end(view);
        }
    }

    private end(view: number): void {
        this.held.delete(view);
        this.draw(view, null);
    }

    private draw(view: number, effect: Effect | null): void {
        this.setText(view, effect !== null && this.changesText(view, effect.kind) ? effect : null);
        this.drawn.put(view, "view", effect);
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
