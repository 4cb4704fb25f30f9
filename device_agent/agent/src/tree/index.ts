/**
 * The live UI tree: read right before a frame is drawn, when everything has its place, and told as what changed. Hooks
 * only say that something may have changed, and whether a scroll was all of it; a frame without such a sign costs
 * nothing. What no hook sees (an animation's inner workings, a focus) is found by a look at everything soon after.
 */

import type { Agent } from "../agent";
import { TARGETS } from "../targets";
import { watchLifecycle, watchTouches } from "./activity";
import { Delta, type Parts, type Steps } from "./delta";
import { Mirror } from "./mirror";
import { Reader } from "./reader";
import { Windows } from "./windows";

/** After a frame that was not read in full, everything is looked at this much later. */
const LOOK_AGAIN_MS = 400;

/** Methods after which anything may be elsewhere or different. */
const DISTURBING = [
    TARGETS.onGlobalLayout, TARGETS.setText, TARGETS.setContentDescription, TARGETS.setVisibility, TARGETS.setAlpha,
    TARGETS.setTranslationX, TARGETS.setTranslationY, TARGETS.setSelected, TARGETS.setEnabled,
];
/** Methods by which a view moves its children, one by one: RecyclerView does so for every row. */
const OFFSETTING = [TARGETS.offsetTopAndBottom, TARGETS.offsetLeftAndRight];

class LiveTree {
    private readonly reader: Reader;
    private readonly mirror: Mirror;
    private readonly windows: Windows;
    private readonly delta = new Delta();
    private readonly scrolled = new Set<number>();
    private disturbed = true;
    private toldActivity: string | undefined;
    private seq = 0;
    private waiting = false;
    private left = false;

    constructor(private readonly agent: Agent) {
        this.reader = new Reader(agent);
        this.mirror = new Mirror(agent, this.reader);
        this.windows = new Windows(agent, this.reader.get, this.mirror);
    }

    watch(): void {
        const { hooks } = this.agent;
        for (const target of DISTURBING) {
            hooks.hook(target, (original, _self, args) => {
                this.disturbed = true;
                return original(...args);
            });
        }
        this.agent.onChanged(() => {
            this.disturbed = true;
        });
        hooks.hook(TARGETS.onScrollChanged, (original, self, args) => {
            if (this.agent.config.tree) {
                this.scrolled.add(this.agent.views.idOf(self));
            }
            return original(...args);
        });
        for (const target of OFFSETTING) {
            hooks.hook(target, (original, self, args) => {
                if (this.agent.config.tree && this.agent.isMainThread()) {
                    this.reader.get.enter();
                    this.scrolled.add(this.reader.parentOf(self.$h));
                }
                return original(...args);
            });
        }
        hooks.hook(TARGETS.onPreDraw, (original, _self, args) => {
            const cancelled = original(...args);
            this.beforeFrame();
            return cancelled;
        });
        for (const target of [TARGETS.removeWindow, TARGETS.removeWindowNow]) {
            hooks.hook(target, (original, _self, args) => {
                const result = original(...args);
                this.windowsChanged();
                return result;
            });
        }
        this.agent.onLeave(() => {
            this.left = true;
        });
        watchLifecycle(this.agent, () => this.windowsChanged());
        watchTouches(this.agent);
    }

    private wanted(): boolean {
        return this.agent.config.tree && !this.left;
    }

    /** Everything, at once. */
    tellAll(): void {
        this.toldActivity = undefined;
        this.update(true, true);
    }

    private beforeFrame(): void {
        if (!this.wanted() || !this.agent.isMainThread()) {
            return;
        }
        const whole = this.disturbed;
        if (whole || this.scrolled.size > 0) {
            this.update(whole, false);
        }
        if (!whole) {
            this.lookAgain();
        }
    }

    /** A window that goes, or another activity in front, need not come with a frame of a window that stays. */
    private windowsChanged(): void {
        this.disturbed = true;
        // Not `atEnd`, which may run on Frida's thread: `Getters` are of one thread at a time.
        this.agent.onMain(this.afterMessage);
    }

    private readonly afterMessage = (): void => {
        if (this.wanted() && this.disturbed) {
            this.update(true, false);
        }
    };

    private lookAgain(): void {
        if (!this.waiting) {
            this.waiting = true;
            setTimeout(() => this.agent.onMain(() => {
                this.waiting = false;
                if (this.wanted()) {
                    this.update(true, false);
                }
            }), LOOK_AGAIN_MS);
        }
    }

    /** Read what may have changed, and tell what did. Where that fails, everything is read next time. */
    private update(whole: boolean, full: boolean): void {
        try {
            this.readAndTell(whole, full);
        } catch (error) {
            this.disturbed = true;
            throw error;
        }
    }

    private readAndTell(whole: boolean, full: boolean): void {
        const scrolled = new Set(this.scrolled);
        this.scrolled.clear();
        this.disturbed = false;
        const uptime = this.agent.uptime();
        this.reader.get.enter();
        const open = this.windows.open();
        for (const { seen, ref } of open) {
            this.mirror.read(seen, ref, whole || seen.children === null, scrolled);
            this.reader.get.free(ref);
        }
        const visible = open.map(({ seen }) => seen).filter((seen) => seen.box !== null);
        if (full) {
            this.send(uptime, true, this.delta.full(visible));
            return;
        }
        const { parts, steps } = this.delta.since(visible);
        this.send(uptime, false, parts);
        this.tellScrolls(uptime, scrolled, steps);
    }

    private send(uptime_ms: number, full: boolean, { changed, moved, shifted, gone }: Parts): void {
        const { activity } = this.windows;
        const news = {
            ...(activity !== this.toldActivity ? { activity } : {}),
            ...(changed.length > 0 ? { changed } : {}),
            ...(moved.length > 0 ? { moved } : {}),
            ...(shifted.length > 0 ? { shifted } : {}),
            ...(gone.length > 0 ? { gone } : {}),
        };
        if (full || Object.keys(news).length > 0) {
            this.agent.send({ type: "tree", seq: this.seq++, uptime_ms, full, ...news });
            this.toldActivity = activity;
        }
    }

    private tellScrolls(uptime_ms: number, scrolled: ReadonlySet<number>, steps: Steps): void {
        for (const view of scrolled) {
            const [dx, dy] = steps.get(view) ?? [0, 0];
            if (dx !== 0 || dy !== 0) {
                this.agent.send({ type: "scrolled", view, dx, dy, uptime_ms });
            }
        }
    }
}

export function start(agent: Agent): void {
    const tree = new LiveTree(agent);
    let on = false;
    tree.watch();
    agent.on("configure", ({ tree: wanted }) => {
        if (wanted && !on) {
            tree.tellAll();
        }
        on = wanted;
    });
    agent.on("fetch_tree", () => {
        if (agent.config.tree) {
            tree.tellAll();
        }
    });
}
