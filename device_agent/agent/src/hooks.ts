/**
 * Hooks by exact signature. An error in our code never reaches the app: the original runs, and the error is told. What the
 * app's own code throws goes to the app.
 *
 * A hooked method that is called from here runs as the app made it, of the class that was hooked: our own calls meet our
 * hooks only by way of the app's or Android's code, and `quiet` is for that.
 *
 * A hook takes effect a tick after it is set (`Script.nextTick`) on the JVM.
 */

import type { Hook } from "./messages";

export type Original = (...args: JavaValue[]) => JavaValue;
export type Body = (original: Original, self: JavaObject, args: JavaValue[]) => JavaValue;

const SIGNATURE = /^([\w.$]+)#([\w$]+)\(([^)]*)\)$/;

interface Target {
    readonly name: string;
    readonly method: JavaMethod;
    readonly bodies: Body[];
}

export class Hooks {
    /** One entry a target, in the order they were asked for. */
    readonly states: Hook[] = [];
    private readonly targets = new Map<string, Target>();
    private readonly quietThreads = new Map<number, number>();
    /** Code of hooks that were taken out, which a thread may still be leaving: freed with the script. */
    private readonly replaced: unknown[] = [];
    private stopped = false;

    constructor(private readonly problem: (where: string, error: unknown) => void) {}

    /**
     * Set a hook; true when it is in place. Several hooks of one target lie around one another: the first that was set
     * is outermost. Where class or method is missing, `states` says so and nothing else happens.
     */
    hook(target: string, body: Body): boolean {
        const known = this.targets.get(target);
        if (known !== undefined) {
            known.bodies.push(body);
            return true;
        }
        if (this.states.some((state) => state.target === target)) {
            return false;
        }
        try {
            const added = { name: target, method: methodOf(target), bodies: [body] };
            added.method.implementation = this.implementation(added);
            this.targets.set(target, added);
            this.states.push({ target, state: "on", why: "" });
            return true;
        } catch (error) {
            this.states.push({ target, state: "missing", why: (error as Error).message });
            return false;
        }
    }

    /** Run `fn` with our own hooks passing straight through on this thread: what it sets is not taken for the app's. */
    quiet<T>(fn: () => T): T {
        const thread = Process.getCurrentThreadId();
        const depth = this.quietThreads.get(thread) ?? 0;
        this.quietThreads.set(thread, depth + 1);
        try {
            return fn();
        } finally {
            if (depth === 0) {
                this.quietThreads.delete(thread);
            } else {
                this.quietThreads.set(thread, depth);
            }
        }
    }

    /** Pass every call straight through from now on. */
    stop(): void {
        this.stopped = true;
    }

    /**
     * Take all hooks out. On the JVM that takes effect a tick later, and a call that is passed on meanwhile comes back
     * to the hook, for ever: no thread that uses the hooked methods may run until then.
     */
    remove(): void {
        this.stop();
        for (const { method } of [...this.targets.values()].reverse()) {
            this.replaced.push(method.implementation);
            method.implementation = null;
        }
        this.targets.clear();
    }

    private passing(): boolean {
        return this.stopped || (this.quietThreads.size > 0 && this.quietThreads.has(Process.getCurrentThreadId()));
    }

    private implementation(target: Target): JavaMethod["implementation"] {
        // eslint-disable-next-line @typescript-eslint/no-this-alias
        const hooks = this;
        return function (this: JavaObject, ...args: JavaValue[]): JavaValue {
            return hooks.passing() ? target.method.call(this, ...args) : hooks.run(target, 0, this, args);
        };
    }

    /** Run body number `index` of a target around all that lie inside it. */
    private run(target: Target, index: number, self: JavaObject, args: JavaValue[]): JavaValue {
        const body = target.bodies[index];
        if (body === undefined) {
            return target.method.call(self, ...args);
        }
        let called = false;
        let result: JavaValue;
        let thrown: unknown;
        const original: Original = (...given) => {
            called = true;
            try {
                return (result = this.run(target, index + 1, self, given));
            } catch (error) {
                thrown = error;
                throw error;
            }
        };
        try {
            return body(original, self, args);
        } catch (error) {
            if (thrown !== undefined && error === thrown) {
                throw error;
            }
            this.problem(target.name, error);
            return called ? result : this.run(target, index + 1, self, args);
        }
    }
}

function methodOf(target: string): JavaMethod {
    const [, className, name, types] = SIGNATURE.exec(target) ?? [];
    if (className === undefined || name === undefined || types === undefined) {
        throw new Error(`${target} is no signature`);
    }
    const methods = Java.use(className)[name] as JavaMethods | undefined;
    if (methods === undefined) {
        throw new Error(`${className} has no method ${name}`);
    }
    return methods.overload(...(types === "" ? [] : types.split(",")));
}
