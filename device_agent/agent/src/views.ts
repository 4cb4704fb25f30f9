/**
 * Numbers for views. A view keeps its number as long as it lives, and is never kept alive by having one: the agent holds
 * JNI weak references only. Views are found by identity hash, then by identity, for two objects may share a hash.
 */

const NEW_WEAK_GLOBAL_REF = 226;
const DELETE_WEAK_GLOBAL_REF = 227;
const SWEEP_EVERY = 512;

interface Known {
    readonly id: number;
    readonly hash: number;
    readonly weak: NativePointer;
}

export class Views {
    private readonly byId = new Map<number, Known>();
    private readonly byHash = new Map<number, Known[]>();
    private readonly system = Java.use("java.lang.System");
    private readonly view = Java.use("android.view.View");
    private readonly newWeak = jni(NEW_WEAK_GLOBAL_REF, "pointer");
    private readonly deleteWeak = jni(DELETE_WEAK_GLOBAL_REF, "void");
    private last = 0;
    private sweepAt = SWEEP_EVERY;

    get size(): number {
        return this.byId.size;
    }

    /** The number of `view`, given now if it has none. */
    idOf(view: JavaObject): number {
        const hash = this.system.identityHashCode(view) as number;
        const env = Java.vm.getEnv();
        const known = this.byHash.get(hash)?.find((one) => env.isSameObject(one.weak, view.$h));
        return known === undefined ? this.add(env, view, hash) : known.id;
    }

    /** The view with this number, or null when it is gone. The caller may keep it with `Java.retain` only. */
    viewOf(id: number): JavaObject | null {
        const known = this.byId.get(id);
        if (known === undefined) {
            return null;
        }
        const env = Java.vm.getEnv();
        const local = env.newLocalRef(known.weak);
        if (local.isNull()) {
            this.drop(env, known);
            return null;
        }
        try {
            return Java.cast(local, this.view);
        } finally {
            env.deleteLocalRef(local);
        }
    }

    /** The resource name, ``org.example:id/title``, empty where the view has none; and the class. */
    nameOf(view: JavaObject): { view_id: string; class_name: string } {
        return { view_id: this.resourceName(view), class_name: view.$className };
    }

    private resourceName(view: JavaObject): string {
        const number = view.getId() as number;
        if (number === -1) {
            return "";
        }
        try {
            return view.getResources().getResourceName(number) as string;
        } catch {
            return ""; // Numbers made at run time have no name: Android answers with NotFoundException.
        }
    }

    private add(env: JavaEnv, view: JavaObject, hash: number): number {
        if (this.byId.size >= this.sweepAt) {
            this.sweep(env);
        }
        const known = { id: ++this.last, hash, weak: this.newWeak(env.handle, view.$h) as NativePointer };
        this.byId.set(known.id, known);
        const others = this.byHash.get(hash);
        if (others === undefined) {
            this.byHash.set(hash, [known]);
        } else {
            others.push(known);
        }
        return known.id;
    }

    private sweep(env: JavaEnv): void {
        for (const known of [...this.byId.values()]) {
            if (env.isSameObject(known.weak, NULL)) {
                this.drop(env, known);
            }
        }
        this.sweepAt = Math.max(SWEEP_EVERY, 2 * this.byId.size);
    }

    private drop(env: JavaEnv, known: Known): void {
        this.byId.delete(known.id);
        const others = (this.byHash.get(known.hash) ?? []).filter((one) => one !== known);
        if (others.length === 0) {
            this.byHash.delete(known.hash);
        } else {
            this.byHash.set(known.hash, others);
        }
        this.deleteWeak(env.handle, known.weak);
    }
}

/** A function of JNI's table that takes an environment and one object; its place in the table is JNI's own number. */
function jni<R extends "pointer" | "void">(index: number, result: R): NativeFunction<NativePointer | void, [NativePointer, NativePointer]> {
    const table = Java.vm.getEnv().handle.readPointer();
    const address = table.add(index * Process.pointerSize).readPointer();
    return new NativeFunction(address, result, ["pointer", "pointer"]) as
        NativeFunction<NativePointer | void, [NativePointer, NativePointer]>;
}
