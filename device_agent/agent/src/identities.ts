/**
 * Values for Java objects, which they do not keep alive: JNI weak references, found by identity hash, then by identity, for
 * two objects may share a hash.
 */

import type { Jni } from "./jni";

const SWEEP_EVERY = 512;

interface Entry<T> {
    readonly hash: number;
    readonly weak: NativePointer;
    readonly value: T;
}

export class Identities<T> {
    private readonly byHash = new Map<number, Entry<T>[]>();
    private count = 0;
    private sweepAt = SWEEP_EVERY;

    /** `gone` is told the value of every object that is found to be gone, some time after it went. */
    constructor(
        private readonly jni: Jni,
        private readonly gone: (value: T) => void = () => {},
    ) {}

    get size(): number {
        return this.count;
    }

    /** The value of the object that a JNI reference of any kind stands for; `make` makes its first. */
    get(handle: NativePointer, make: (weak: NativePointer) => T): T {
        const hash = this.jni.identityHashOf(handle);
        const env = Java.vm.getEnv();
        const known = this.byHash.get(hash)?.find((one) => env.isSameObject(one.weak, handle));
        return known?.value ?? this.add(handle, hash, make);
    }

    /** Drop the entries of objects that are gone. */
    sweep(): void {
        const env = Java.vm.getEnv();
        for (const entries of [...this.byHash.values()]) {
            for (const entry of entries) {
                if (env.isSameObject(entry.weak, NULL)) {
                    this.drop(entry);
                }
            }
        }
        this.sweepAt = Math.max(SWEEP_EVERY, 2 * this.count);
    }

    private add(handle: NativePointer, hash: number, make: (weak: NativePointer) => T): T {
        if (this.count >= this.sweepAt) {
            this.sweep();
        }
        const weak = this.jni.newWeak(handle);
        const entry = { hash, weak, value: make(weak) };
        this.byHash.set(hash, [...(this.byHash.get(hash) ?? []), entry]);
        this.count++;
        return entry.value;
    }

    private drop(entry: Entry<T>): void {
        const others = (this.byHash.get(entry.hash) ?? []).filter((one) => one !== entry);
        if (others.length === 0) {
            this.byHash.delete(entry.hash);
        } else {
            this.byHash.set(entry.hash, others);
        }
        this.count--;
        this.jni.deleteWeak(entry.weak);
        this.gone(entry.value);
    }
}
