/**
 * Which view holds which content: one slot for each view and property the app has set. Content changes, the slot stays: a
 * recycled view holds other content in the same slots.
 */

import type { Effect } from "../messages";
import { SHOW } from "./verdicts";

export type Property = "text" | "hint" | "description" | "image";

export interface Slot {
    readonly view: number;
    readonly property: Property;
    key: string;
    /** What is shown of the content; `SHOW` is the app's own. */
    shown: Effect;
    /** The app's own, retained, while something else is shown. */
    own: JavaObject | null;
    /** How the app's own text was buffered: an `android.widget.TextView$BufferType`, retained. Of `text` only. */
    buffer: JavaObject | null;
    /** Whether an effect on the view itself goes with it: a cover, a hidden view. */
    drawn: boolean;
}

export class Slots {
    private readonly byView = new Map<number, Map<Property, Slot>>();
    private readonly byKey = new Map<string, Set<Slot>>();

    find(view: number, property: Property): Slot | undefined {
        return this.byView.get(view)?.get(property);
    }

    /** The slot, which holds the content `key` from now on. */
    put(view: number, property: Property, key: string): Slot {
        let properties = this.byView.get(view);
        if (properties === undefined) {
            properties = new Map();
            this.byView.set(view, properties);
        }
        let slot = properties.get(property);
        if (slot === undefined) {
            slot = { view, property, key: "", shown: SHOW, own: null, buffer: null, drawn: false };
            properties.set(property, slot);
        }
        if (slot.key !== key) {
            this.unlink(slot);
            slot.key = key;
            this.link(slot);
        }
        return slot;
    }

    remove(slot: Slot): void {
        this.unlink(slot);
        const properties = this.byView.get(slot.view);
        if (properties?.delete(slot.property) === true && properties.size === 0) {
            this.byView.delete(slot.view);
        }
    }

    removeView(view: number): void {
        for (const slot of [...(this.byView.get(view)?.values() ?? [])]) {
            this.remove(slot);
        }
    }

    /** All slots that hold a content. */
    holding(key: string): Slot[] {
        return [...(this.byKey.get(key) ?? [])];
    }

    /** The numbers of all views that hold anything. */
    views(): number[] {
        return [...this.byView.keys()];
    }

    private link(slot: Slot): void {
        const holders = this.byKey.get(slot.key);
        if (holders === undefined) {
            this.byKey.set(slot.key, new Set([slot]));
        } else {
            holders.add(slot);
        }
    }

    private unlink(slot: Slot): void {
        const holders = this.byKey.get(slot.key);
        if (holders?.delete(slot) === true && holders.size === 0) {
            this.byKey.delete(slot.key);
        }
    }
}
