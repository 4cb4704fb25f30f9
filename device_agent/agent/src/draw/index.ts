import type { Agent } from "../agent";
import { EffectsOnViews } from "./effects";
import { Interstitial } from "./interstitial";
import { Overlay } from "./overlay";
import { showToasts } from "./toast";
import { ViewEffects } from "./view_effects";
import { Windows } from "./windows";

/** What is drawn on views and windows. */
export function start(agent: Agent): void {
    const drawn = new ViewEffects(agent);
    const windows = new Windows(agent, drawn);
    agent.effects = drawn;
    new EffectsOnViews(agent, drawn, windows);
    new Interstitial(agent, windows);
    showToasts(agent);
    let overlay: Overlay | null = null;
    agent.on("overlay", (message) => (overlay ??= new Overlay(agent)).set(message));
    agent.onLeave(() => overlay?.close());
}
