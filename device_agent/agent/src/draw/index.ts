import type { Agent } from "../agent";

/** What is drawn on views and windows. */
export function start(_agent: Agent): void {}
