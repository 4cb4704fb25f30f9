/*
 * The benchmark's hand inside an app: a script of its own beside the agent, which hooks nothing. It sets texts as the app
 * would, timed by the app process's own clock around each single call; calls go through JNI's table, so that next to
 * nothing of what is measured is ours. `Java` is put in front of it.
 */
"use strict";

const FUNCTIONS = { GetMethodID: 33, CallVoidMethodA: 63, GetStaticMethodID: 113, CallStaticLongMethodA: 134 };
let views = [];
let kept = [];

function jni(name, result, count) {
    const table = Java.vm.getEnv().handle.readPointer();
    const address = table.add(FUNCTIONS[name] * Process.pointerSize).readPointer();
    return new NativeFunction(address, result, Array(count).fill("pointer"), { exceptions: "propagate" });
}

/** What is set: strings as `java.lang.String`, kept. */
function strings(texts) {
    const klass = Java.use("java.lang.String");
    return texts.map((text) => Java.retain(klass.$new(text)));
}

function setter() {
    const env = Java.vm.getEnv().handle;
    const textView = Java.retain(Java.use("android.widget.TextView").class);
    const normal = Java.retain(Java.use("android.widget.TextView$BufferType").NORMAL.value);
    const name = Memory.allocUtf8String("setText");
    const type = Memory.allocUtf8String("(Ljava/lang/CharSequence;Landroid/widget/TextView$BufferType;)V");
    const method = jni("GetMethodID", "pointer", 4)(env, textView.$h, name, type);
    const call = jni("CallVoidMethodA", "void", 4);
    const args = Memory.alloc(16);
    args.add(8).writePointer(normal.$h);
    kept.push(textView, normal);
    return (view, text) => {
        args.writePointer(text.$h);
        call(env, view.$h, method, args);
    };
}

function clock() {
    const env = Java.vm.getEnv().handle;
    const system = Java.retain(Java.use("java.lang.System").class);
    const find = jni("GetStaticMethodID", "pointer", 4);
    const method = find(env, system.$h, Memory.allocUtf8String("nanoTime"), Memory.allocUtf8String("()J"));
    const call = jni("CallStaticLongMethodA", "int64", 4);
    kept.push(system);
    return () => call(env, system.$h, method, NULL).toNumber();
}

/** Nanoseconds that the processor has spent on this thread: Linux's CLOCK_THREAD_CPUTIME_ID. */
function threadClock() {
    const read = new NativeFunction(Module.getGlobalExportByName("clock_gettime"), "int", ["int", "pointer"]);
    const time = Memory.alloc(16);
    return () => {
        read(3, time);
        return time.readS64().toNumber() * 1e9 + time.add(8).readS64().toNumber();
    };
}

function inJava(fn) {
    return new Promise((resolve, reject) => {
        Java.perform(() => {
            try {
                resolve(fn());
            } catch (error) {
                reject(error);
            }
        });
    });
}

rpc.exports = {
    /** Make so many text views, in no window. */
    prepare: (count) => inJava(() => {
        const context = Java.use("android.app.ActivityThread").currentApplication();
        const textView = Java.use("android.widget.TextView");
        views = Array.from({ length: count }, () => Java.retain(textView.$new(context)));
    }),

    /** Set texts one after another on one view, `calls` times in all; nanoseconds of each call, and of its processor. */
    time: (texts, calls) => inJava(() => {
        const [values, set, now, worked] = [strings(texts), setter(), clock(), threadClock()];
        const [taken, used] = [[], []];
        for (let call = 0; call < calls; call++) {
            const workedBefore = worked();
            const begun = now();
            set(views[0], values[call % values.length]);
            taken.push(now() - begun);
            used.push(worked() - workedBefore);
        }
        return [taken, used];
    }),

    /** Set each text on its view, without a pause; nanoseconds of it all. */
    burst: (texts) => inJava(() => {
        const [values, set, now] = [strings(texts), setter(), clock()];
        const begun = now();
        values.forEach((value, index) => set(views[index], value));
        return now() - begun;
    }),

    /** What each view really shows: the field that is drawn, not what the getter answers the app. */
    shown: () => inJava(() => views.map((view) => view.text.value.toString())),
};
