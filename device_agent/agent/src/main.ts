/// <reference path="./java.d.ts" />
/** Where the script starts. */

import { Agent } from "./agent";
import { runtime, sdk } from "./art";
import * as content from "./content";
import * as draw from "./draw";
import { readFromAgent, readToAgent } from "./messages";
import * as tree from "./tree";

rpc.exports = {
    /** For tests: what the agent's half of the protocol makes of a message, or the error. */
    check(side: "from" | "to", payload: unknown): unknown {
        return side === "from" ? readFromAgent(payload) : readToAgent(payload);
    },
};

function begin(): void {
    const agent = new Agent();
    content.start(agent);
    tree.start(agent);
    draw.start(agent);
    agent.onMain(() => {
        const application = Java.use("android.app.ActivityThread").currentApplication() as JavaObject;
        agent.send({
            type: "hello",
            agent: MINDPROOF_AGENT,
            package: application.getPackageName() as string,
            pid: Process.id,
            runtime,
            sdk: sdk(),
            hooks: agent.hooks.states,
        });
    });
    agent.on("ping", ({ seq }) => agent.send({ type: "pong", seq, uptime_ms: agent.uptime(), views: agent.views.size }));
    agent.start();
}

if (Java.available) {
    Java.perform(begin);
}
