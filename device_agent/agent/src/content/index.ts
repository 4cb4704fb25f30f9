import type { Agent } from "../agent";

/** Texts and pictures, judged before they are shown. */
export function start(_agent: Agent): void {}
