/**
 * A `Runnable` of ours, to be posted to the app's main thread.
 *
 * It would be simpler to hook `Handler.dispatchMessage`, and wrong: all that the app does would then run inside a hook, and
 * an app that ends its own process inside one waits for Frida, which waits for the hook.
 */

import { runtime } from "./art";
import type { Jni } from "./jni";

const NAME = "org.mindproof.agent.Job";
/** ``public class Job implements Runnable { public void run() {} }``, as a compiler for Java 8 makes it. */
const CLASS_FILE = `
yv66vgAAADQADQoAAgADBwAEDAAFAAYBABBqYXZhL2xhbmcvT2JqZWN0AQAGPGluaXQ+AQADKClWBwAIAQAXb3JnL21pbmRw
cm9vZi9hZ2VudC9Kb2IHAAoBABJqYXZhL2xhbmcvUnVubmFibGUBAARDb2RlAQADcnVuACEABwACAAEACQAAAAIAAQAFAAYA
AQALAAAAEQABAAEAAAAFKrcAAbEAAAAAAAEADAAGAAEACwAAAA0AAAABAAAAAbEAAAAAAAA=`;

export interface Job {
    readonly runnable: JavaObject;
    /** Have it do nothing any more; takes effect as hooks that are removed do. */
    remove(): void;
}

export function makeJob(jni: Jni, run: () => void): Job {
    if (runtime === "art") {
        const job = Java.registerClass({
            name: NAME,
            implements: [Java.use("java.lang.Runnable")],
            methods: { run },
        });
        return { runnable: job.$new(), remove: () => {} };
    }
    // The bridge cannot make classes on the JVM. Ours stays when the agent goes, and serves the next.
    const job = find() ?? define(jni);
    const method = job.run as JavaMethod;
    method.implementation = run;
    const kept = method.implementation; // A thread may still be leaving it.
    return {
        runnable: job.$new(),
        remove: () => {
            method.implementation = null;
            void kept;
        },
    };
}

function find(): JavaClass | null {
    try {
        return Java.use(NAME);
    } catch {
        return null;
    }
}

function define(jni: Jni): JavaClass {
    const loader = Java.use("java.lang.ClassLoader").getSystemClassLoader() as JavaObject;
    const bytes = Java.use("java.util.Base64").getMimeDecoder().decode(CLASS_FILE) as JavaObject;
    jni.defineClass(NAME.replaceAll(".", "/"), loader.$h, jni.bytesOf(bytes.$h));
    return Java.use(NAME);
}
