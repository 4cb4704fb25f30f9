/**
 * Content: what the app gives its views to show. Each is judged by the backend, once, and shown as the verdict says, from
 * the moment it is set: a content whose verdict is known never appears otherwise, and one whose verdict is not known
 * appears as a placeholder where the configuration holds it.
 *
 * A verdict belongs to content, never to a view; that a view now holds another content is seen in its slot.
 */

import type { Agent } from "../agent";
import type { Effect, Verdicts as VerdictsMessage } from "../messages";
import { type Property, type Slot, Slots } from "./slots";
import { type Kind, Verdicts } from "./verdicts";

/** How content of one kind is shown on its view. */
export interface Shower {
    /** Show the slot's content as `effect` says. Runs on the main thread, our hooks quiet. */
    show(slot: Slot, view: JavaObject, effect: Effect): void;
    /** Treat what the view holds as if the app had set it now. */
    look(view: JavaObject, id: number): void;
    /** What is drawn on the view itself for an effect, beside what it is given to show; null is nothing. */
    drawn(property: Property, effect: Effect): Effect | null;
}

export class Content {
    readonly slots = new Slots();
    readonly verdicts = new Verdicts((keys) => this.agent.onMain(() => this.refresh(keys)));
    private readonly showers = new Map<Kind, Shower>();
    private readonly forced = new Map<number, Effect>();
    /** Kinds that are looked at: configured once, or with verdicts to apply. */
    private readonly watched = new Set<Kind>();
    /** Those of them whose views of before have not been looked at. */
    private readonly fresh: Kind[] = [];

    constructor(
        private readonly agent: Agent,
        private readonly allViews: () => Iterable<JavaObject>,
    ) {
        agent.views.onGone((view) => {
            this.forced.delete(view);
            this.slots.removeView(view);
        });
    }

    register(kind: Kind, shower: Shower): void {
        this.showers.set(kind, shower);
    }

    /** Whether anything is to be done about content of a kind at all. */
    watches(kind: Kind): boolean {
        return this.watched.has(kind);
    }

    counts(): { verdicts: number; waiting: number } {
        return { verdicts: this.verdicts.size, waiting: this.verdicts.waiting };
    }

    /** The key of a view's text, or of its picture; empty where it has none. */
    keyOf(view: number): string {
        return (this.slots.find(view, "text") ?? this.slots.find(view, "image"))?.key ?? "";
    }

    /** The app's own text where another is shown just now; undefined where the view shows the app's own. */
    ownText(view: number, property: Exclude<Property, "image">): JavaObject | undefined {
        return this.slots.find(view, property)?.own ?? undefined;
    }

    /**
     * Show a view's text or picture as `effect` says, whatever verdicts say of this content or the next, until null. Who
     * asks for it draws what is to be drawn on the view itself.
     */
    force(view: number, effect: Effect | null): void {
        if (effect === null) {
            this.forced.delete(view);
        } else {
            this.forced.set(view, effect);
        }
        const target = this.agent.views.viewOf(view);
        if (target !== null) {
            this.watched.add("text").add("image");
            this.look(target);
        }
    }

    /** The app sets this content now. Returns its slot, and what to show of it; `ask` reports it to the backend. */
    take(view: number, property: Property, key: string, ask: () => void): { slot: Slot; effect: Effect } {
        const slot = this.slots.put(view, property, key);
        const judged = this.verdicts.decided(key) ?? this.undecided(slot, ask);
        return { slot, effect: this.forcedOn(slot) ?? judged };
    }

    /** What is to be shown of a slot as things are. */
    private now(slot: Slot): Effect {
        return this.forcedOn(slot) ?? this.verdicts.now(slot.key);
    }

    private forcedOn(slot: Slot): Effect | undefined {
        return slot.property === "text" || slot.property === "image" ? this.forced.get(slot.view) : undefined;
    }

    private undecided(slot: Slot, ask: () => void): Effect {
        const { texts, images, text_waiting, image_waiting } = this.agent.config;
        const [kind, wanted, waiting] =
            slot.property === "image" ? (["image", images, image_waiting] as const) : (["text", texts, text_waiting] as const);
        return wanted ? this.verdicts.undecided(slot.key, kind, slot.view, waiting, ask) : this.verdicts.now(slot.key);
    }

    /** The slot shows `effect` of what the app has just set; `own` is the app's, retained, where that is something else. */
    settle(slot: Slot, effect: Effect, own: JavaObject | null): void {
        slot.shown = effect;
        slot.own = own;
        if (own === null) {
            this.agent.ledger.drop(slot.view, slot.property);
        }
        const forced = effect === this.forcedOn(slot);
        this.draw(slot, forced ? null : this.shower(slot).drawn(slot.property, effect));
        this.agent.changed(slot.view);
    }

    /** The app took the content away, or set one that nobody judges. */
    clear(view: number, property: Property): void {
        const slot = this.slots.find(view, property);
        if (slot !== undefined) {
            this.agent.ledger.drop(view, property);
            this.draw(slot, null);
            this.slots.remove(slot);
        }
        this.agent.changed(view);
    }

    /** Show the slot's content as `effect` says, if it is not shown so. False when the view is gone, or it failed. */
    render(slot: Slot, effect: Effect): boolean {
        if (same(slot.shown, effect)) {
            return true;
        }
        const view = this.agent.views.viewOf(slot.view);
        if (view === null) {
            this.slots.removeView(slot.view);
            return false;
        }
        try {
            this.agent.hooks.quiet(() => this.shower(slot).show(slot, view, effect));
            return true;
        } catch (error) {
            this.agent.problem(`showing of ${slot.property}`, error);
            return false;
        }
    }

    /** A new configuration: stop holding what is held no longer, and look at what was there before. */
    configure(): void {
        const { texts, images, text_waiting, image_waiting } = this.agent.config;
        if (!(texts && text_waiting.hold)) {
            this.refresh(this.verdicts.release("text"));
        }
        if (!(images && image_waiting.hold)) {
            this.refresh(this.verdicts.release("image"));
        }
        this.lookAtAll();
    }

    /** On receipt, before the main thread has its turn: hooks see configuration and verdicts from now on. */
    received(): void {
        const { texts, images } = this.agent.config;
        const judged = this.verdicts.size > 0;
        this.fresh.push(...(["text", "image"] as const).filter(
            (kind) => (judged || (kind === "text" ? texts : images)) && !this.watched.has(kind),
        ));
        this.fresh.forEach((kind) => this.watched.add(kind));
    }

    /** Look at every view for kinds that are watched from now on: what was set before is content too. */
    private lookAtAll(): void {
        const kinds = this.fresh.splice(0);
        if (kinds.length > 0) {
            for (const view of this.allViews()) {
                this.look(view, kinds);
            }
        }
    }

    /** Treat what a view holds as set now, unless it is known. */
    look(view: JavaObject, kinds: Iterable<Kind> = this.watched): void {
        const id = this.agent.views.idOf(view);
        if (!this.agent.views.isOwn(id)) {
            for (const kind of kinds) {
                try {
                    this.showers.get(kind)?.look(view, id);
                } catch (error) {
                    this.agent.problem(`look at a view's ${kind}`, error);
                }
            }
        }
    }

    /** Keep verdicts, on receipt: from here on content that is set is shown by them. */
    keep({ items, forget }: VerdictsMessage): ReadonlySet<number> {
        if (forget) {
            this.verdicts.forget();
        }
        const asked = new Set<number>();
        for (const { key, effect } of items) {
            this.verdicts.decide(key, effect).forEach((view) => asked.add(view));
        }
        this.received();
        return asked;
    }

    /** Apply verdicts wherever their content stands; the views of `asked` that hold none of it any more. */
    apply({ items, forget }: VerdictsMessage, asked: ReadonlySet<number>): number[] {
        this.lookAtAll();
        const reached = new Set<number>();
        for (const { key } of items) {
            for (const slot of this.slots.holding(key)) {
                if (this.render(slot, this.now(slot))) {
                    reached.add(slot.view);
                }
            }
        }
        if (forget) {
            this.lookAgain();
        }
        return [...asked].filter((view) => !reached.has(view));
    }

    /** Ask anew for all that is held somewhere: earlier verdicts hold no more. */
    private lookAgain(): void {
        for (const id of this.slots.views()) {
            const view = this.agent.views.viewOf(id);
            if (view !== null) {
                this.look(view);
            }
        }
    }

    private refresh(keys: string[]): void {
        for (const key of keys) {
            for (const slot of this.slots.holding(key)) {
                this.render(slot, this.now(slot));
            }
        }
    }

    private draw(slot: Slot, effect: Effect | null): void {
        if (slot.drawn || effect !== null) {
            slot.drawn = effect !== null;
            this.agent.effects?.put(slot.view, slot.property, effect);
        }
    }

    private shower(slot: Slot): Shower {
        return this.showers.get(slot.property === "image" ? "image" : "text") as Shower;
    }
}

function same(one: Effect, other: Effect): boolean {
    return one === other || (one.kind === other.kind && one.text === other.text && one.colour === other.colour);
}
