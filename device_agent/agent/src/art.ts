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
