import type { Agent } from "../agent";

/** The live UI tree. */
export function start(_agent: Agent): void {}
