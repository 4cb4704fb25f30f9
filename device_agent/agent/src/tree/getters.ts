/**
 * Java getters without the bridge, for the walk over the views: a call through the bridge costs 13 to 40 us, one through
 * JNI's table 0.4. References here are JNI local references; whoever gets one gives it back with `free`.
 *
 * What the app's own code throws in a getter is swallowed, and the answer is zero, false or null: a tree with a gap is
 * better than none. Numbers are places in JNI's function table (Java Native Interface Specification, chapter 4).
 */

export type Ref = NativePointer;
/** A method or field of a class, or null where this Android has none. */
export type Member = NativePointer | null;

const SHORT = 256;
const UNSENDABLE = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const REPLACEMENT = "\ufffd";

type Types = "void" | "pointer" | "uint8" | "int32" | "float";
type Caller<T> = (env: Ref, self: Ref, method: Ref, args: Ref) => T;
type Finder = (env: Ref, klass: Ref, name: Ref, signature: Ref) => Ref;

/** The functions of JNI's table that are used here. Made on a thread that Java knows. */
function bind() {
    const table = Java.vm.getEnv().handle.readPointer();
    /** One function; its types after the environment: `p` is a pointer, `i` an integer. */
    function jni<F>(index: number, result: Types, types: string): F {
        const address = table.add(index * Process.pointerSize).readPointer();
        const parameters = [..."p" + types].map((type) => (type === "p" ? "pointer" : "int32"));
        // Runtimes use faults of their own: Frida must not take them away.
        return new NativeFunction(address, result, parameters as [], { exceptions: "propagate" }) as unknown as F;
    }
    return {
        findClass: jni<(env: Ref, name: Ref) => Ref>(6, "pointer", "p"),
        clear: jni<(env: Ref) => void>(17, "void", ""),
        newGlobal: jni<(env: Ref, ref: Ref) => Ref>(21, "pointer", "p"),
        deleteLocal: jni<(env: Ref, ref: Ref) => void>(23, "void", "p"),
        newLocal: jni<(env: Ref, ref: Ref) => Ref>(25, "pointer", "p"),
        isInstance: jni<(env: Ref, ref: Ref, klass: Ref) => number>(32, "uint8", "pp"),
        getMethod: jni<Finder>(33, "pointer", "ppp"),
        callObject: jni<Caller<Ref>>(36, "pointer", "ppp"),
        callBoolean: jni<Caller<number>>(39, "uint8", "ppp"),
        callInt: jni<Caller<number>>(51, "int32", "ppp"),
        callFloat: jni<Caller<number>>(57, "float", "ppp"),
        callVoid: jni<Caller<void>>(63, "void", "ppp"),
        getField: jni<Finder>(94, "pointer", "ppp"),
        intField: jni<(env: Ref, ref: Ref, field: Ref) => number>(100, "int32", "pp"),
        getStaticMethod: jni<Finder>(113, "pointer", "ppp"),
        callStaticObject: jni<Caller<Ref>>(116, "pointer", "ppp"),
        stringLength: jni<(env: Ref, string: Ref) => number>(164, "int32", "p"),
        newInts: jni<(env: Ref, length: number) => Ref>(179, "pointer", "i"),
        intRegion: jni<(env: Ref, array: Ref, at: number, length: number, to: Ref) => void>(203, "void", "piip"),
        stringRegion: jni<(env: Ref, string: Ref, at: number, length: number, to: Ref) => void>(220, "void", "piip"),
        thrown: jni<(env: Ref) => number>(228, "uint8", ""),
    };
}

/** Getters of one thread at a time: `enter` comes first whenever the thread may be another. */
export class Getters {
    private readonly jni = bind();
    private env = Java.vm.getEnv().handle;
    private readonly argument = Memory.alloc(8);
    private readonly pair = Memory.alloc(8);
    private chars = Memory.alloc(2 * SHORT);
    private room = SHORT;
    private readonly toString = this.method(this.findClass("java/lang/Object"), "toString", "()Ljava/lang/String;");

    enter(): void {
        this.env = Java.vm.getEnv().handle;
    }

    /** A class, kept for good; null where there is none. */
    findClass(name: string): Ref | null {
        const local = this.jni.findClass(this.env, Memory.allocUtf8String(name));
        if (this.failed() || local.isNull()) {
            return null;
        }
        const kept = this.jni.newGlobal(this.env, local);
        this.free(local);
        return kept;
    }

    method(klass: Ref | null, name: string, signature: string): Member {
        return this.find(this.jni.getMethod, klass, name, signature);
    }

    staticMethod(klass: Ref | null, name: string, signature: string): Member {
        return this.find(this.jni.getStaticMethod, klass, name, signature);
    }

    field(klass: Ref | null, name: string, signature: string): Member {
        return this.find(this.jni.getField, klass, name, signature);
    }

    intOf(self: Ref, field: Member): number {
        return field === null ? 0 : this.jni.intField(this.env, self, field);
    }

    int(self: Ref, method: Member): number {
        return this.call(this.jni.callInt, 0, self, method);
    }

    bool(self: Ref, method: Member, argument = 0): boolean {
        this.argument.writeS32(argument);
        return this.call(this.jni.callBoolean, 0, self, method) !== 0;
    }

    float(self: Ref, method: Member): number {
        return this.call(this.jni.callFloat, 0, self, method);
    }

    object(self: Ref, method: Member, argument = 0): Ref {
        this.argument.writeS32(argument);
        return this.call(this.jni.callObject, NULL, self, method);
    }

    staticObject(klass: Ref, method: Member): Ref {
        return this.call(this.jni.callStaticObject, NULL, klass, method);
    }

    /** What `method` writes into the ``int[2]`` that it is given. */
    intPair(self: Ref, method: Member): [number, number] {
        const array = this.jni.newInts(this.env, 2);
        this.argument.writePointer(array);
        this.call(this.jni.callVoid, undefined, self, method);
        this.jni.intRegion(this.env, array, 0, 2, this.pair);
        this.free(array);
        return [this.pair.readS32(), this.pair.add(4).readS32()];
    }

    /** The text of the ``CharSequence`` that `method` gives, at most `most` UTF-16 units, fit for JSON; "" for null. */
    text(self: Ref, method: Member, most: number): string {
        const sequence = this.object(self, method);
        if (sequence.isNull()) {
            return "";
        }
        const text = this.textOf(sequence, most);
        this.free(sequence);
        return text;
    }

    /** The text of a ``CharSequence``, of which nothing is freed. */
    textOf(sequence: Ref, most: number): string {
        const string = this.object(sequence, this.toString);
        if (string.isNull()) {
            return "";
        }
        const text = this.decode(string, most);
        this.free(string);
        return text;
    }

    isInstance(ref: Ref, klass: Ref | null): boolean {
        return klass !== null && this.jni.isInstance(this.env, ref, klass) !== 0;
    }

    /** A reference of our own to what `ref`, of any kind, stands for. */
    local(ref: Ref): Ref {
        return this.jni.newLocal(this.env, ref);
    }

    free(ref: Ref): void {
        this.jni.deleteLocal(this.env, ref);
    }

    private decode(string: Ref, most: number): string {
        const length = Math.min(this.jni.stringLength(this.env, string), most);
        if (length === 0) {
            return "";
        }
        if (length > this.room) {
            this.room = 2 * length;
            this.chars = Memory.alloc(2 * this.room);
        }
        this.jni.stringRegion(this.env, string, 0, length, this.chars);
        try {
            const text = this.chars.readUtf16String(length) ?? "";
            if (text.length === length) {
                return text;
            } // Frida's reader stops at a zero,
        } catch {
            // and refuses half a pair.
        }
        return fitForJson(new Uint16Array(this.chars.readByteArray(2 * length) as ArrayBuffer));
    }

    private call<T>(by: Caller<T>, otherwise: T, self: Ref, method: Member): T {
        if (method === null) {
            return otherwise;
        }
        const result = by(this.env, self, method, this.argument);
        return this.failed() ? otherwise : result;
    }

    private failed(): boolean {
        const failed = this.jni.thrown(this.env) !== 0;
        if (failed) {
            this.jni.clear(this.env);
        }
        return failed;
    }

    private find(by: Finder, klass: Ref | null, name: string, signature: string): Member {
        if (klass === null) {
            return null;
        }
        const id = by(this.env, klass, Memory.allocUtf8String(name), Memory.allocUtf8String(signature));
        return this.failed() || id.isNull() ? null : id;
    }
}

/** Text from UTF-16 units; half a pair and zero, which cannot travel, become the replacement character. */
function fitForJson(units: Uint16Array): string {
    let text = "";
    for (let at = 0; at < units.length; at += 4096) {
        text += String.fromCharCode(...units.subarray(at, at + 4096));
    }
    return text.replace(UNSENDABLE, REPLACEMENT);
}
