/**
 * From one picture of the views to the next: what a `TreeUpdate` has to say. Whatever the shifts that are chosen, the
 * result is exact: a box that they do not lead to is said by itself.
 */

import type { SentNode } from "../messages";
import type { Rect, Seen } from "./mirror";
import type { Facts } from "./reader";

/** What the backend was told of one view. */
interface Told {
    readonly parent: number;
    readonly order: number;
    readonly x: number;
    readonly y: number;
    readonly box: Rect;
    readonly facts: Facts;
}

export interface Parts {
    changed: SentNode[];
    moved: [number, number, number, number, number][];
    shifted: [number, number, number][];
    gone: number[];
}

/** By how much the content of a view moved against the view. */
export type Steps = Map<number, [number, number]>;

/** Room for siblings that come before the first. */
const FIRST_ORDER = 1 << 20;

export class Delta {
    private told = new Map<number, Told>();
    private next = new Map<number, Told>();
    private parts: Parts = nothing();
    private steps: Steps = new Map();

    /** Everything, whatever was told before. */
    full(windows: Seen[]): Parts {
        this.told = new Map();
        return this.since(windows).parts;
    }

    /** What is different from what was told. */
    since(windows: Seen[]): { parts: Parts; steps: Steps } {
        this.next = new Map();
        this.parts = nothing();
        this.steps = new Map();
        this.tell(windows, 0, 0, 0, false);
        for (const [id, { parent }] of this.told) {
            if (!this.next.has(id) && (parent === 0 || this.next.has(parent))) {
                this.parts.gone.push(id);
            }
        }
        this.told = this.next;
        return { parts: this.parts, steps: this.steps };
    }

    /** Tell siblings that earlier shifts have moved by `dx`, `dy`. All of it when their parent hangs elsewhere now. */
    private tell(siblings: Seen[], parent: number, dx: number, dy: number, anew: boolean): void {
        const orders = this.orders(siblings, parent);
        siblings.forEach((seen, index) => {
            const before = anew ? undefined : this.told.get(seen.id);
            const box = seen.box as Rect;
            const facts = seen.facts as Facts;
            const now: Told = { parent, order: orders[index] as number, x: seen.x, y: seen.y, box, facts };
            this.next.set(seen.id, now);
            const placed = before?.parent === parent && before.order === now.order;
            if (before === undefined || !placed || differ(before.facts, facts)) {
                this.parts.changed.push(sent(seen.id, now));
            } else if (!isShifted(before.box, box, dx, dy)) {
                this.parts.moved.push([seen.id, ...box]);
            }
            this.descend(seen, before, dx, dy, anew || (before !== undefined && before.parent !== parent));
        });
    }

    private descend(seen: Seen, before: Told | undefined, dx: number, dy: number, anew: boolean): void {
        const children = seen.visibleChildren();
        if (children.length === 0) {
            return;
        }
        const [sx, sy] = (anew ? undefined : this.usualStep(seen.id, children)) ?? [dx, dy];
        if (sx !== dx || sy !== dy) {
            this.parts.shifted.push([seen.id, sx - dx, sy - dy]);
        }
        if (before !== undefined) {
            this.steps.set(seen.id, [sx - (seen.x - before.x), sy - (seen.y - before.y)]);
        }
        this.tell(children, seen.id, sx, sy, anew);
    }

    /** How far most of the children went, weighed by what is in them. */
    private usualStep(parent: number, children: Seen[]): [number, number] | undefined {
        const weights = new Map<string, { step: [number, number]; weight: number }>();
        for (const child of children) {
            const before = this.told.get(child.id);
            if (before?.parent === parent) {
                const step: [number, number] = [child.x - before.x, child.y - before.y];
                const entry = weights.get(step.join()) ?? { step, weight: 0 };
                entry.weight += 1 + (child.children?.length ?? 0);
                weights.set(step.join(), entry);
            }
        }
        return [...weights.values()].sort((a, b) => b.weight - a.weight)[0]?.step;
    }

    /** Numbers that sort siblings, as far as possible those that were told, so that a new row changes no other. */
    private orders(siblings: Seen[], parent: number): number[] {
        const known = siblings.map((seen) => {
            const before = this.told.get(seen.id);
            return before?.parent === parent ? before.order : undefined;
        });
        const first = known.findIndex((order) => order !== undefined);
        if (first > (known[first] ?? FIRST_ORDER)) {
            return siblings.map((_, index) => FIRST_ORDER + index);
        }
        const result: number[] = [];
        let last = first < 0 ? FIRST_ORDER - 1 : (known[first] as number) - first - 1;
        for (const order of known) {
            last = order !== undefined && order > last ? order : last + 1;
            result.push(last);
        }
        return result;
    }
}

function nothing(): Parts {
    return { changed: [], moved: [], shifted: [], gone: [] };
}

function isShifted(from: Rect, to: Rect, dx: number, dy: number): boolean {
    return from[0] + dx === to[0] && from[1] + dy === to[1] && from[2] + dx === to[2] && from[3] + dy === to[3];
}

function differ(one: Facts, other: Facts): boolean {
    if (one === other) {
        return false;
    }
    for (const name in one) {
        if (one[name as keyof Facts] !== other[name as keyof Facts]) {
            return true;
        }
    }
    return false;
}

/** A node as it travels: what is as usual is left out. */
function sent(view: number, { parent, order, box, facts }: Told): SentNode {
    const node: Record<string, unknown> = { view, parent, order, class_name: facts.class_name, box };
    for (const name in facts) {
        const value = facts[name as keyof Facts];
        if (value !== (name === "enabled") && value !== "" && value !== undefined) {
            node[name] = value;
        }
    }
    return node as unknown as SentNode;
}
