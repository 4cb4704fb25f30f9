/**
 * What holds on Android's runtime (ART) only, or on the JVM of the virtual phone only. Everything else in the agent runs
 * unchanged on both.
 */

export type Runtime = "art" | "jvm";

export const runtime: Runtime = Process.findModuleByName("libart.so") === null ? "jvm" : "art";

/** Android's API level; null where there is no Android beneath. */
export function sdk(): number | null {
    return runtime === "art" ? (Java.use("android.os.Build$VERSION").SDK_INT.value as number) : null;
}

/** The package of this process. On ART the application may not be there yet, so the process is asked for its name. */
export function packageName(): string {
    if (runtime === "art") {
        // zygote names a process ``package`` or ``package:service``.
        return (File.readAllText("/proc/self/cmdline").split("\0")[0] ?? "").split(":")[0] ?? "";
    }
    return Java.use("android.app.ActivityThread").currentApplication().getPackageName() as string;
}

const WINDOW_INSPECTOR_SDK = 29;

/** The root views of all windows of this process. */
export function windowRoots(): JavaObject[] {
    const level = sdk();
    const view = Java.use("android.view.View");
    // Before Android 10 there was no public way; the list is a hidden field, the same since Android 4.2.
    const list = level !== null && level < WINDOW_INSPECTOR_SDK
        ? (Java.use("android.view.WindowManagerGlobal").getInstance().mViews.value as JavaObject)
        : (Java.use("android.view.inspector.WindowInspector").getGlobalWindowViews() as JavaObject);
    const roots: JavaObject[] = [];
    for (let i = 0; i < (list.size() as number); i++) {
        roots.push(Java.cast(list.get(i) as JavaObject, view));
    }
    return roots;
}
