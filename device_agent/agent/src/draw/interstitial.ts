/**
 * A page over the app that asks something. It lies in a window of its own, with the activity's own token, so
 * that it covers all of the activity and takes all input, and it goes along: when another activity comes to
 * the front, or the same one is made anew, the page is put over that. It ends when the participant answers
 * or the backend takes it away.
 *
 * Main thread only, but for the clock that wakes it.
 */

import type { Agent } from "../agent";
import type { ToAgentOf } from "../messages";
import { TARGETS } from "./targets";
import { type Choice, Page } from "./page";
import type { Windows } from "./windows";

type Message = ToAgentOf<"interstitial">;

const TYPE_BASE_APPLICATION = 1;
const TYPE_APPLICATION = 2;
const FIRST_SYSTEM_WINDOW = 2000;
const MATCH = -1;
const OPAQUE = -1;
const VISIBLE = 0;
const FLAG_LAYOUT_IN_SCREEN = 0x100;
const KEYCODE_BACK = 4;
const CUTOUT_ALWAYS = 3;

interface Shown {
    readonly page: Page;
    readonly host: number;
    readonly windows: JavaObject;
}

interface Asked {
    readonly key: string;
    readonly message: string;
    readonly choices: Choice[];
    readonly since: number;
    readonly seconds: number;
}

export class Interstitial {
    private asked: Asked | null = null;
    private shown: Shown | null = null;
    private clock: ReturnType<typeof setTimeout> | undefined;

    constructor(
        private readonly agent: Agent,
        private readonly windows: Windows,
    ) {
        const { hooks } = agent;
        agent.on("interstitial", (message) => this.set(message));
        agent.onLeave(() => this.end());
        windows.onAdded((root) => this.onWindow(root));
        hooks.hook(TARGETS.activityResumed, (original, _self, [activity]) => {
            original(activity);
            this.onActivity(activity);
        });
        hooks.hook(TARGETS.performClick, (original, self) => this.answerBy(self) || original());
        hooks.hook(TARGETS.groupKey, (original, self, [event]) =>
            this.isPage(self) && event.getKeyCode() === KEYCODE_BACK ? true : original(event));
    }

    private set({ key, open, message, seconds, choices, at_once }: Message): void {
        if (!open) {
            if (this.asked?.key === key) {
                this.end();
            }
            return;
        }
        this.end();
        const all = choices.map(([id, label]) => ({ id, label, atOnce: at_once.includes(id) }));
        this.asked = { key, message, choices: all, since: Date.now(), seconds };
        const shows = (root: JavaObject): boolean => isActivity(root) && root.getWindowVisibility() === VISIBLE;
        const host = this.windows.roots().filter(shows).at(-1);
        if (host !== undefined) {
            this.show(host);
        }
    }

    private end(): void {
        this.asked = null;
        clearTimeout(this.clock);
        this.hide();
    }

    // Where it is

    /** A window came: an activity's gets the page before its first frame, any other goes under it. */
    private onWindow(root: JavaObject): void {
        if (this.asked === null || this.agent.views.isOwn(this.agent.views.idOf(root))) {
            return;
        }
        const over = this.shown !== null && (windowParams(root)?.type.value as number) < FIRST_SYSTEM_WINDOW;
        const host = isActivity(root) ? root : over ? this.agent.views.viewOf(this.shown?.host ?? 0) : null;
        if (host !== null) {
            this.hide();
            this.show(host);
        }
    }

    /** An activity comes to the front; one whose window is still to come is seen by that. */
    private onActivity(activity: JavaObject): void {
        const root = this.asked === null ? null : (activity.getWindow().getDecorView() as JavaObject);
        if (root !== null && isActivity(root)) {
            this.show(root);
        }
    }

    private show(host: JavaObject): void {
        const { asked, agent } = this;
        const id = agent.views.idOf(host);
        if (asked === null || this.shown?.host === id) {
            return;
        }
        this.hide();
        agent.hooks.quiet(() => {
            const context = host.getContext() as JavaObject;
            const page = new Page(context, asked.message, asked.choices);
            agent.views.markOwn(page.root);
            const manager = Java.cast(context.getSystemService("window"), Java.use("android.view.ViewManager"));
            const windows = Java.retain(manager);
            windows.addView(page.root, over(host));
            this.shown = { page, host: id, windows };
        });
        this.tick();
    }

    private hide(): void {
        const { shown } = this;
        this.shown = null;
        if (shown !== null) {
            try {
                shown.windows.removeView(shown.page.root);
            } catch (error) {
                // It went with its activity.
                if (!String(error).includes("not attached to window manager")) {
                    throw error;
                }
            }
        }
    }

    // What becomes of it

    private tick(): void {
        const { asked, shown } = this;
        clearTimeout(this.clock);
        if (asked === null || shown === null) {
            return;
        }
        const left = Math.max(0, asked.since + asked.seconds * 1000 - Date.now());
        const seconds = Math.ceil(left / 1000);
        this.agent.hooks.quiet(() => shown.page.count(seconds));
        if (left > 0) {
            this.clock = setTimeout(() => this.agent.onMain(() => this.tick()), left - (seconds - 1) * 1000);
        }
    }

    private answerBy(view: JavaObject): boolean {
        const { asked } = this;
        const choice = asked === null ? undefined : this.shown?.page.choiceOf(view);
        if (asked === null || choice === undefined) {
            return false;
        }
        this.end();
        const after_s = (Date.now() - asked.since) / 1000;
        this.agent.send({ type: "answered", key: asked.key, choice: choice.id, after_s });
        return true;
    }

    private isPage(view: JavaObject): boolean {
        return this.shown !== null && this.shown.page.root.$isSameObject(view);
    }
}

/** Parameters for a window that covers the window of `host`, and is called the same. */
function over(host: JavaObject): JavaObject {
    const params = Java.use("android.view.WindowManager$LayoutParams")
        .$new(MATCH, MATCH, TYPE_APPLICATION, FLAG_LAYOUT_IN_SCREEN, OPAQUE);
    const its = windowParams(host) as JavaObject;
    params.token.value = its.token.value;
    params.setTitle(its.getTitle());
    params.layoutInDisplayCutoutMode.value = CUTOUT_ALWAYS;
    params.setFitInsetsTypes?.(0);
    return params;
}

/** Whether this is the top view of an activity's window that the system knows. */
function isActivity(root: JavaObject): boolean {
    return windowParams(root)?.type.value === TYPE_BASE_APPLICATION;
}

function windowParams(root: JavaObject): JavaObject | null {
    const params = root.getLayoutParams() as JavaObject | null;
    const type = Java.use("android.view.WindowManager$LayoutParams");
    return params !== null && (type.class.isInstance(params) as boolean) ? Java.cast(params, type) : null;
}
