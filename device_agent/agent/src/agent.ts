/**
 * The agent: what every feature is given. It sends and receives messages, runs code on the app's main thread, and keeps
 * hooks, view numbers and the ledger.
 *
 * Frida runs one thread at a time in here, and gives way whenever Java is called: between any two calls into Java, a hook
 * may have run on another thread.
 */

import type { Content } from "./content/content";
import { Hooks } from "./hooks";
import { Jni } from "./jni";
import { type Job, makeJob } from "./job";
import { Ledger } from "./ledger";
import {
    type Configure, type Effect, type Outgoing, readToAgent, type ToAgentOf, type ToAgentType, UNCONFIGURED, VERSION,
} from "./messages";
import { Views } from "./views";

const FLUSH_MS = 4;
const LEAVE_MS = 2000;
const PARTING_MS = 50;
const UNHOOK_STEP_MS = 2;
const MOST_PROBLEMS = 200;

type Handler = (message: never) => void;

/** What others need of `draw/`. */
export interface DrawnEffects {
    /** Draw `effect` on a view on behalf of `source`, in place of what that source had drawn; null ends it. */
    put(view: number, source: string, effect: Effect | null): void;
    /** Whether nothing of what the app shows in this view can be seen. */
    hides(view: number): boolean;
}

export class Agent {
    readonly hooks = new Hooks((where, error) => this.problem(where, error));
    readonly jni = new Jni();
    readonly views = new Views(this.jni);
    readonly ledger = new Ledger(this.views, (where, error) => this.problem(where, error));
    /** What is judged and shown by content; set when `content` starts. */
    content: Content | null = null;
    /** What is drawn on views; set when `draw` starts. */
    effects: DrawnEffects | null = null;
    /** The last Configure, from its receipt on; handlers of it run on the main thread, as of all messages. */
    config: Configure = UNCONFIGURED;

    private readonly receipts = new Map<ToAgentType, Handler>();
    private readonly handlers = new Map<ToAgentType, Handler[]>();
    private readonly told = new Set<string>();
    private readonly jobs: (() => void)[] = [];
    private readonly endings = new Set<() => void>();
    private readonly leavings: (() => void)[] = [];
    private readonly watchers: ((view: number) => void)[] = [];
    private readonly clock = Java.use("android.os.SystemClock");
    private readonly handler: JavaObject;
    private readonly job: Job;
    private readonly mainLooper: JavaObject;
    private mainThread = 0;
    private ready = false;
    private woken = false;

    constructor() {
        this.mainLooper = Java.use("android.os.Looper").getMainLooper() as JavaObject;
        this.handler = Java.use("android.os.Handler").$new(this.mainLooper);
        this.job = makeJob(this.jni, () => this.onMainThread());
    }

    /** Uptime in milliseconds, Android's clock of events and frames. */
    uptime(): number {
        return Number(this.clock.uptimeMillis());
    }

    send(message: Outgoing, binary?: ArrayBuffer): void {
        send({ v: VERSION, ...message }, binary ?? null);
    }

    /** Call `handler` on the main thread for every message of that type; handlers run in the order they were added. */
    on<T extends ToAgentType>(type: T, handler: (message: ToAgentOf<T>) => void): void {
        const handlers = this.handlers.get(type) ?? [];
        handlers.push(handler as Handler);
        this.handlers.set(type, handlers);
    }

    /**
     * Call `handler` on receipt, on Frida's thread, before all others: for what must hold from now on even while the main
     * thread is busy, or held before the app starts.
     */
    onReceipt<T extends ToAgentType>(type: T, handler: (message: ToAgentOf<T>) => void): void {
        this.receipts.set(type, handler as Handler);
    }

    /** Call `fn` whenever a view's content, its key, or what is shown of it changed. */
    onChanged(fn: (view: number) => void): void {
        this.watchers.push(fn);
    }

    changed(view: number): void {
        for (const watcher of this.watchers) {
            watcher(view);
        }
    }

    /** Run `fn` on the app's main thread, after everything that was asked for before. */
    onMain(fn: () => void): void {
        this.jobs.push(fn);
        this.wake();
    }

    /** Run `fn` once after what the main thread does now, or in 4 ms, whichever is first. Same `fn`, one run. */
    atEnd(fn: () => void): void {
        if (this.endings.size === 0) {
            setTimeout(() => Java.perform(() => this.runEndings()), FLUSH_MS);
        }
        this.endings.add(fn);
        this.onMain(() => {});
    }

    isMainThread(): boolean {
        if (this.mainThread === 0) {
            // Nothing of ours has run there yet.
            const looper = Java.use("android.os.Looper").myLooper() as JavaObject | null;
            return looper !== null && looper.$isSameObject(this.mainLooper);
        }
        return Process.getCurrentThreadId() === this.mainThread;
    }

    /** Call `fn` on the main thread when the agent leaves, before the ledger puts everything back. */
    onLeave(fn: () => void): void {
        this.leavings.push(fn);
    }

    /** Put everything back and take the hooks out; `done` is then told how many views were put back. Once. */
    leave(done: (restored: number) => void): void {
        let over = false;
        const end = (restored: number): void => {
            if (!over) {
                over = true;
                // The main thread is on its way out of the last hook.
                setTimeout(() => done(restored), PARTING_MS);
            }
        };
        let begun = false;
        this.onMain(() => {
            if (over) {
                return;
            }
            begun = true;
            this.leavings.splice(0).forEach((fn) => this.attempt("leave", fn));
            this.hooks.stop();
            const restored = this.ledger.undoAll();
            this.unhook(() => end(restored));
        });
        // A main thread that hangs shows nothing new; it must not keep the agent here.
        const giveUp = (): void => {
            if (!over) {
                Java.perform(() => this.removeHooks());
                end(0);
            }
        };
        setTimeout(() => (begun ? setTimeout(giveUp, 2 * LEAVE_MS) : giveUp()), LEAVE_MS);
    }

    private removeHooks(): void {
        this.hooks.remove();
        this.job.remove();
    }

    /** Have Frida's thread take the hooks out, and hold the main thread, which would run into them, until it has. */
    private unhook(done: () => void): void {
        let held = false;
        let effective = false;
        const remove = (): void => {
            if (held) {
                Java.perform(() => this.removeHooks());
                Script.nextTick(() => {
                    effective = true;
                });
            } else {
                setTimeout(remove, UNHOOK_STEP_MS);
            }
        };
        // What is set here starts once this thread has left the script; it is held by a job of its own.
        setTimeout(remove, 0);
        this.onMain(() => {
            held = true;
            for (let waited = 0; !effective && waited < LEAVE_MS; waited += UNHOOK_STEP_MS) {
                Thread.sleep(UNHOOK_STEP_MS / 1000);
            }
            done();
        });
    }

    /** Tell the backend that something did not work; once for each place. */
    problem(where: string, error: unknown): void {
        if (!this.told.has(where) && this.told.size < MOST_PROBLEMS) {
            this.told.add(where);
            const message = error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : String(error);
            this.send({ type: "problem", where, message });
        }
    }

    /** Everything is registered: take messages, and once the hooks are effective, say hello and let the main thread in. */
    start(hello: () => void): void {
        this.receive();
        Script.nextTick(() => {
            this.ready = true;
            this.wake();
            Java.perform(() => this.attempt("hello", hello));
        });
    }

    private receive(): void {
        recv((payload: unknown) => {
            this.receive();
            try {
                const message = readToAgent(payload);
                if (message.type === "configure") {
                    this.config = message;
                }
                Java.perform(() => this.receipts.get(message.type)?.(message as never));
                this.onMain(() => this.deliver(message.type, message as never));
            } catch (error) {
                this.problem("message", error);
            }
        });
    }

    private deliver(type: ToAgentType, message: never): void {
        for (const handler of this.handlers.get(type) ?? []) {
            this.attempt(type, () => handler(message));
        }
    }

    private wake(): void {
        if (this.ready && !this.woken && this.jobs.length > 0) {
            this.woken = true;
            Java.perform(() => this.handler.post(this.job.runnable));
        }
    }

    /** Runs on the main thread, posted by `wake`. */
    private onMainThread(): void {
        this.mainThread = Process.getCurrentThreadId();
        this.woken = false;
        this.runJobs();
        this.runEndings();
    }

    private runJobs(): void {
        // Jobs that these add come with a message of their own, so that the app has its turn between.
        for (const job of this.jobs.splice(0)) {
            this.attempt("main thread", job);
        }
    }

    private runEndings(): void {
        const due = [...this.endings];
        this.endings.clear();
        for (const ending of due) {
            this.attempt("main thread", ending);
        }
    }

    private attempt(where: string, fn: () => void): void {
        try {
            fn();
        } catch (error) {
            this.problem(where, error);
        }
    }
}
