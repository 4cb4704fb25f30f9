/// <reference path="./java.d.ts" />
/** Where the script starts. */

import { Agent } from "./agent";
import { packageName, runtime, sdk } from "./art";
import * as content from "./content";
import * as draw from "./draw";
import { mark, unmark } from "./marker";
import { readFromAgent, readToAgent, VERSION } from "./messages";
import * as tree from "./tree";

/** The agent of this process; null where another was here before. */
let agent: Agent | null = null;
let parting: Promise<number> | null = null;

rpc.exports = {
    /** For tests: what the agent's half of the protocol makes of a message, or the error. */
    check(side: "from" | "to", payload: unknown): unknown {
        return side === "from" ? readFromAgent(payload) : readToAgent(payload);
    },

    /** Answers when every message posted before it was taken, though the main thread may not have acted on it yet. */
    taken(): void {},

    /** Called by Frida before it unloads the script, also when the backend is gone: the app gets everything back. */
    dispose(): Promise<number> {
        return leave();
    },
};

/** Leave, or go on leaving; once. Resolves to the number of views put back. */
function leave(): Promise<number> {
    parting ??= new Promise((resolve) => {
        if (agent === null) {
            unmark();
            return resolve(0);
        }
        agent.leave((restored) => {
            unmark();
            resolve(restored);
        });
    });
    return parting;
}

function begin(): void {
    const started = (agent = new Agent());
    content.start(started);
    tree.start(started);
    draw.start(started);
    started.on("ping", ({ seq }) => pong(started, seq));
    started.on("leave", () => void leave().then((restored) => started.send({ type: "bye", restored })));
    started.start(() => hello(started));
}

function hello(agent: Agent): void {
    agent.send({
        type: "hello",
        agent: MINDPROOF_AGENT,
        package: packageName(),
        pid: Process.id,
        runtime,
        sdk: sdk(),
        hooks: agent.hooks.states,
    });
}

function pong(agent: Agent, seq: number): void {
    const { verdicts, waiting: pending } = agent.content?.counts() ?? { verdicts: 0, waiting: 0 };
    agent.send({ type: "pong", seq, uptime_ms: agent.uptime(), views: agent.views.size, verdicts, pending });
}

if (!mark()) {
    const message = "another agent is in this app already; this one does nothing: unload one of them";
    send({ v: VERSION, type: "problem", where: "agent", message });
} else if (Java.available) {
    Java.perform(begin);
}
