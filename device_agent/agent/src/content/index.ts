import type { Agent } from "../agent";
import { TARGETS } from "../targets";
import { Content } from "./content";
import { Images } from "./images";
import { Texts } from "./texts";
import { allViews } from "./windows";

/** Texts and pictures, judged before they are shown. */
export function start(agent: Agent): void {
    const content = (agent.content = new Content(agent, () => allViews(agent.jni)));
    content.register("text", new Texts(agent, content));
    const images = new Images(agent, content);
    content.register("image", images);

    // Views that come into a window with content from before the agent: a list's spare rows, a fragment kept aside.
    agent.hooks.hook(TARGETS.onAttachedToWindow, (original, self) => {
        original();
        content.look(self);
    });

    agent.onReceipt("configure", () => content.received());
    agent.on("configure", () => content.configure());

    const asked = new Map<number, ReadonlySet<number>>();
    agent.onReceipt("verdicts", (message) => asked.set(message.seq, content.keep(message)));
    agent.on("verdicts", (message) => {
        const skipped = content.apply(message, asked.get(message.seq) ?? new Set());
        asked.delete(message.seq);
        agent.send({ type: "applied", seq: message.seq, uptime_ms: agent.uptime(), skipped });
    });
    agent.on("fetch_image", ({ key }) => images.sendWhole(key));
}
