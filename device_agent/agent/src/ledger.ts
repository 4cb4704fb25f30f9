/**
 * How everything is put back. For each view and property that the agent changed, one action that restores the app's own
 * value. Runs on the main thread only.
 *
 * The first change of a property keeps the app's value (`remember`); when the app sets the property meanwhile, its newest
 * value is the one to restore (`renew`), or there is nothing to restore any more (`drop`).
 */

import type { Views } from "./views";

type Restore = (view: JavaObject) => void;

interface Entry {
    readonly restore: Restore;
    readonly own: unknown;
}

export class Ledger {
    private readonly entries = new Map<number, Map<string, Entry>>();

    constructor(
        private readonly views: Views,
        private readonly problem: (where: string, error: unknown) => void,
    ) {
        views.onGone((view) => this.entries.delete(view));
    }

    has(view: number, property: string): boolean {
        return this.entries.get(view)?.has(property) ?? false;
    }

    /** The app's own value of a property that the agent changed, where it was given; else undefined. */
    own(view: number, property: string): unknown {
        return this.entries.get(view)?.get(property)?.own;
    }

    /** Keep `restore` (and the app's value, to look up) unless something is kept for this property already. */
    remember(view: number, property: string, restore: Restore, own?: unknown): void {
        if (!this.has(view, property)) {
            this.renew(view, property, restore, own);
        }
    }

    /** Keep `restore` in place of whatever was kept. */
    renew(view: number, property: string, restore: Restore, own?: unknown): void {
        let properties = this.entries.get(view);
        if (properties === undefined) {
            properties = new Map();
            this.entries.set(view, properties);
        }
        properties.set(property, { restore, own });
    }

    /** The property is the app's own again without our doing. */
    drop(view: number, property: string): void {
        const properties = this.entries.get(view);
        if (properties?.delete(property) === true && properties.size === 0) {
            this.entries.delete(view);
        }
    }

    /** Put one property back; false when there was nothing to put back. */
    undo(view: number, property: string): boolean {
        const entry = this.entries.get(view)?.get(property);
        if (entry === undefined) {
            return false;
        }
        this.drop(view, property);
        const target = this.views.viewOf(view);
        if (target !== null) {
            entry.restore(target);
        }
        return target !== null;
    }

    /** Put everything back; how many views that touched. One that fails is told of and stops no other. */
    undoAll(): number {
        let restored = 0;
        for (const [view, properties] of [...this.entries]) {
            let any = false;
            for (const property of [...properties.keys()].reverse()) {
                try {
                    any = this.undo(view, property) || any;
                } catch (error) {
                    this.problem(`undo of ${property}`, error);
                }
            }
            restored += any ? 1 : 0;
        }
        return restored;
    }
}
