/**
 * Numbers for views. A view keeps its number as long as it lives, and is never kept alive by having one: the agent holds
 * JNI weak references only. Views are found by identity hash, then by identity, for two objects may share a hash.
 */

import type { Jni } from "./jni";

const SWEEP_EVERY = 512;
const NO_ID = -1;

interface Known {
    readonly id: number;
    readonly hash: number;
    readonly weak: NativePointer;
    className: string;
}

export interface Name {
    /** The resource name, ``org.example:id/title``; empty where the view has none. */
    readonly view_id: string;
    readonly class_name: string;
}

export class Views {
    private readonly byId = new Map<number, Known>();
    private readonly byHash = new Map<number, Known[]>();
    private readonly resourceNames = new Map<number, string>();
    private readonly goners: ((id: number) => void)[] = [];
    private readonly own = new Set<number>();
    private readonly view = Java.use("android.view.View");
    private last = 0;
    private sweepAt = SWEEP_EVERY;

    constructor(private readonly jni: Jni) {}

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
            this.drop(known);
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
        const hash = this.jni.identityHashOf(handle);
        const env = Java.vm.getEnv();
        return this.byHash.get(hash)?.find((one) => env.isSameObject(one.weak, handle)) ?? this.add(handle, hash);
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

    private add(handle: NativePointer, hash: number): Known {
        if (this.byId.size >= this.sweepAt) {
            this.sweep();
        }
        const known = { id: ++this.last, hash, weak: this.jni.newWeak(handle), className: "" };
        this.byId.set(known.id, known);
        const others = this.byHash.get(hash);
        if (others === undefined) {
            this.byHash.set(hash, [known]);
        } else {
            others.push(known);
        }
        return known;
    }

    private sweep(): void {
        const env = Java.vm.getEnv();
        for (const known of [...this.byId.values()]) {
            if (env.isSameObject(known.weak, NULL)) {
                this.drop(known);
            }
        }
        this.sweepAt = Math.max(SWEEP_EVERY, 2 * this.byId.size);
    }

    private drop(known: Known): void {
        this.byId.delete(known.id);
        this.own.delete(known.id);
        const others = (this.byHash.get(known.hash) ?? []).filter((one) => one !== known);
        if (others.length === 0) {
            this.byHash.delete(known.hash);
        } else {
            this.byHash.set(known.hash, others);
        }
        this.jni.deleteWeak(known.weak);
        this.goners.forEach((fn) => fn(known.id));
    }
}
