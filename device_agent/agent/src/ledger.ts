/**
 * How everything is put back. For each view and property that the agent changed, one action that restores the app's own
 * value. Runs on the main thread only.
 *
 * The first change of a property keeps the app's value (`remember`); when the app sets the property meanwhile, its newest
 * value is the one to restore (`renew`), or there is nothing to restore any more (`drop`).
 */

import type { Views } from "./views";

type Restore = (view: JavaObject) => void;

export class Ledger {
    private readonly entries = new Map<number, Map<string, Restore>>();

    constructor(
        private readonly views: Views,
        private readonly problem: (where: string, error: unknown) => void,
    ) {}

    has(view: number, property: string): boolean {
        return this.entries.get(view)?.has(property) ?? false;
    }

    /** Keep `restore` unless something is kept for this property already. */
    remember(view: number, property: string, restore: Restore): void {
        if (!this.has(view, property)) {
            this.renew(view, property, restore);
        }
    }

    /** Keep `restore` in place of whatever was kept. */
    renew(view: number, property: string, restore: Restore): void {
        let properties = this.entries.get(view);
        if (properties === undefined) {
            properties = new Map();
            this.entries.set(view, properties);
        }
        properties.set(property, restore);
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
        const restore = this.entries.get(view)?.get(property);
        if (restore === undefined) {
            return false;
        }
        this.drop(view, property);
        const target = this.views.viewOf(view);
        if (target !== null) {
            restore(target);
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

    /** Forget what was kept for views that are gone. */
    sweep(): void {
        for (const view of [...this.entries.keys()]) {
            if (this.views.viewOf(view) === null) {
                this.entries.delete(view);
            }
        }
    }
}
