/** Numbers for views. A view keeps its number as long as it lives, and is never kept alive by having one. */

import { Identities } from "./identities";
import type { Jni } from "./jni";

const NO_ID = -1;

interface Known {
    readonly id: number;
    readonly weak: NativePointer;
    className: string;
}

export interface Name {
    /** The resource name, ``org.example:id/title``; empty where the view has none. */
    readonly view_id: string;
    readonly class_name: string;
}

export class Views {
    private readonly known: Identities<Known>;
    private readonly byId = new Map<number, Known>();
    private readonly resourceNames = new Map<number, string>();
    private readonly goners: ((id: number) => void)[] = [];
    private readonly own = new Set<number>();
    private readonly view = Java.use("android.view.View");
    private last = 0;

    constructor(jni: Jni) {
        this.known = new Identities(jni, (known) => this.forget(known));
    }

    get size(): number {
        return this.byId.size;
    }

    /** The number of `view`, given now if it has none. */
    idOf(view: JavaObject): number {
        return this.idOfHandle(view.$h);
    }

    /** The same by a JNI reference of any kind. */
    idOfHandle(handle: NativePointer): number {
        return this.know(handle).id;
    }

    /** The view with this number, or null when it is gone. */
    viewOf(id: number): JavaObject | null {
        const known = this.byId.get(id);
        if (known === undefined) {
            return null;
        }
        const env = Java.vm.getEnv();
        const local = env.newLocalRef(known.weak);
        if (local.isNull()) {
            return null;
        }
        try {
            return Java.cast(local, this.view);
        } finally {
            env.deleteLocalRef(local);
        }
    }

    nameOf(view: JavaObject): Name {
        const known = this.know(view.$h);
        known.className ||= view.$className;
        return { view_id: this.resourceName(view), class_name: known.className };
    }

    /** This view is the agent's, not the app's: it belongs to no tree and its content is nobody's. */
    markOwn(view: JavaObject): void {
        this.own.add(this.idOf(view));
    }

    isOwn(id: number): boolean {
        return this.own.has(id);
    }

    /** Call `fn` with the number of every view that is found to be gone, some time after it went. */
    onGone(fn: (id: number) => void): void {
        this.goners.push(fn);
    }

    private know(handle: NativePointer): Known {
        return this.known.get(handle, (weak) => {
            const known = { id: ++this.last, weak, className: "" };
            this.byId.set(known.id, known);
            return known;
        });
    }

    private forget({ id }: Known): void {
        this.byId.delete(id);
        this.own.delete(id);
        this.goners.forEach((fn) => fn(id));
    }

    /** Names are asked for once a number: a resource's name is the same as long as the app runs. */
    private resourceName(view: JavaObject): string {
        const number = view.getId() as number;
        if (number === NO_ID) {
            return "";
        }
        let name = this.resourceNames.get(number);
        if (name === undefined) {
            try {
                name = view.getResources().getResourceName(number) as string;
            } catch {
                name = ""; // Numbers made at run time have no name: Android answers with NotFoundException.
            }
            this.resourceNames.set(number, name);
        }
        return name;
    }
}
