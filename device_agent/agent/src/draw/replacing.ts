/** A text in place of a view's own, on behalf of an effect on that view. Content keeps the app's own, and brings it back. */

import type { Agent } from "../agent";
import { type Effect, GREY } from "../messages";

export class Replacing {
    private readonly texts = new Map<number, string>();

    constructor(private readonly agent: Agent) {}

    /** Show `text`, or the view's own again. */
    set(view: number, text: string | null): void {
        if (text === (this.texts.get(view) ?? null)) {
            return;
        }
        const effect: Effect | null = text === null ? null : { kind: "replace", text, colour: GREY };
        text === null ? this.texts.delete(view) : this.texts.set(view, text);
        this.agent.content?.force(view, effect);
    }
}
