/** Every view of every window of this process, parents before children; on the main thread. */

import { windowRoots } from "../art";
import type { Jni } from "../jni";

export function* allViews(jni: Jni): Iterable<JavaObject> {
    const group = Java.use("android.view.ViewGroup");
    const groupClass = jni.classOf("android.view.ViewGroup");
    const waiting = windowRoots();
    let view: JavaObject | undefined;
    while ((view = waiting.pop()) !== undefined) {
        yield view;
        if (jni.isA(view.$h, groupClass)) {
            const parent = Java.cast(view, group);
            const count = parent.getChildCount() as number;
            for (let i = 0; i < count; i++) {
                const child = parent.getChildAt(i) as JavaObject | null;
                if (child !== null) {
                    waiting.push(child);
                }
            }
        }
    }
}
