/**
 * The agent's picture of the app's views: those that can be seen, and the children of each.
 *
 * A walk reads everything, or after a mere scroll only what scrolled: the frames of a scrolled view's children, and all
 * of those children that came, changed size, or did not go the way of the others (a list's row that is used again). What
 * lies in a row that only moved is where it was in the row.
 */

import type { Agent } from "../agent";
import type { Ref } from "./getters";
import type { Facts, Kind, Place, Reader } from "./reader";

export type Rect = [number, number, number, number];

const DEEPEST = 300;
const MOST = 20_000;

/** One view as last read. `x` and `y` are its corner on the screen, `box` what can be seen of it. */
export class Seen implements Place {
    left = 0;
    top = 0;
    right = 0;
    bottom = 0;
    scrollX = 0;
    scrollY = 0;
    shown = false;
    x = 0;
    y = 0;
    box: Rect | null = null;
    facts: Facts | null = null;
    /** All its children, seen or not; null while nobody has looked. */
    children: Seen[] | null = null;

    constructor(readonly id: number, readonly kind: Kind) {}

    visibleChildren(): Seen[] {
        return this.children?.filter((child) => child.box !== null) ?? [];
    }

    forget(): void {
        this.box = null;
        this.facts = null;
        this.children = null;
    }
}

/** A view given to a walk: its reference, borrowed, and whether to read all that is in it. */
interface Visit {
    readonly seen: Seen;
    readonly ref: Ref | null;
    readonly whole: boolean;
}

export class Mirror {
    private readonly kinds = new Map<number, Kind>();
    private scrolled: ReadonlySet<number> = new Set();
    private count = 0;

    constructor(private readonly agent: Agent, private readonly reader: Reader) {
        agent.views.onGone((id) => this.kinds.delete(id));
    }

    /** A view that was not in the mirror. */
    meet(ref: Ref, id: number): Seen {
        let kind = this.kinds.get(id);
        if (kind === undefined) {
            kind = this.reader.kindOf(ref);
            this.kinds.set(id, kind);
        }
        return new Seen(id, kind);
    }

    /** Read a window from its top view: all of it, or what a scroll of the views `scrolled` can have changed. */
    read(window: Seen, ref: Ref, whole: boolean, scrolled: ReadonlySet<number>): void {
        this.scrolled = scrolled;
        this.count = 0;
        this.reader.place(ref, window.id, window);
        const [x, y] = this.reader.location(ref);
        const width = window.right - window.left;
        const height = window.bottom - window.top;
        this.visit({ seen: window, ref, whole }, x - window.left, y - window.top, [x, y, x + width, y + height], 0);
    }

    private visit({ seen, ref, whole }: Visit, x: number, y: number, clip: Rect, depth: number): void {
        seen.x = x + seen.left;
        seen.y = y + seen.top;
        const box: Rect = [
            Math.max(clip[0], seen.x), Math.max(clip[1], seen.y),
            Math.min(clip[2], x + seen.right), Math.min(clip[3], y + seen.bottom),
        ];
        if (!seen.shown || box[0] >= box[2] || box[1] >= box[3] || depth > DEEPEST || ++this.count > MOST) {
            return seen.forget();
        }
        const inside = seen.kind.group && (whole || seen.children === null || this.scrolled.has(seen.id));
        if (!whole && !inside && seen.facts !== null) {
            seen.box = box;
            for (const child of seen.children ?? []) {
                const visit = { seen: child, ref: null, whole: false };
                this.visit(visit, seen.x - seen.scrollX, seen.y - seen.scrollY, box, depth + 1);
            }
            return;
        }
        this.withRef(seen, ref, (own) => {
            seen.box = box;
            if (whole || seen.facts === null) {
                seen.facts = this.reader.facts(own, seen.id, seen.kind);
            }
            if (inside) {
                this.enter(seen, own, whole, depth);
            }
        });
    }

    /** Look at a view's children anew. */
    private enter(seen: Seen, ref: Ref, whole: boolean, depth: number): void {
        if (!whole) {
            this.reader.place(ref, seen.id, seen);
        }
        const before = new Map(seen.children?.map((child) => [child.id, child]));
        const refs = this.reader.children(ref);
        try {
            const visits = this.meetChildren(refs, before, whole);
            seen.children = visits.map((visit) => visit.seen);
            for (const visit of visits) {
                this.visit(visit, seen.x - seen.scrollX, seen.y - seen.scrollY, seen.box as Rect, depth + 1);
            }
        } finally {
            refs.forEach((child) => this.reader.get.free(child));
        }
    }

    private meetChildren(refs: Ref[], before: ReadonlyMap<number, Seen>, whole: boolean): Visit[] {
        const steps: string[] = [];
        const found: { seen: Seen; ref: Ref; step: string }[] = [];
        for (const ref of refs) {
            const id = this.agent.views.idOfHandle(ref);
            if (this.reader.isOwn(id)) {
                continue;
            }
            const known = before.get(id);
            const seen = known ?? this.meet(ref, id);
            const { left, top, right, bottom } = seen;
            this.reader.place(ref, id, seen);
            const step = known === undefined ? "new" : whole ? ""
                : `${seen.left - left} ${seen.top - top} ${seen.right - right} ${seen.bottom - bottom}`;
            steps.push(step);
            found.push({ seen, ref, step });
        }
        const usual = mostFrequent(steps.filter((step) => step !== "new"));
        return found.map(({ seen, ref, step }) => ({ seen, ref, whole: whole || step !== usual }));
    }

    private withRef(seen: Seen, ref: Ref | null, fn: (ref: Ref) => void): void {
        const view = ref === null ? this.agent.views.viewOf(seen.id) : null;
        const own = ref ?? view?.$h;
        if (own === undefined) {
            return seen.forget();
        }
        fn(own);
        view?.$dispose();
    }
}

function mostFrequent(values: string[]): string | undefined {
    const counts = new Map<string, number>();
    values.forEach((value) => counts.set(value, (counts.get(value) ?? 0) + 1));
    return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}
