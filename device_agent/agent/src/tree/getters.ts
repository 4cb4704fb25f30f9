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

const table = Java.vm.getEnv().handle.readPointer();

/** A function of the table; its types after the environment: `p` is a pointer, `i` an integer. */
function jni<F>(index: number, result: "void" | "pointer" | "uint8" | "int32" | "float", types: string): F {
    const address = table.add(index * Process.pointerSize).readPointer();
    const parameters = [..."p" + types].map((type) => (type === "p" ? "pointer" : "int32"));
    // Runtimes use faults of their own: Frida must not take them away.
    return new NativeFunction(address, result, parameters as [], { exceptions: "propagate" }) as unknown as F;
}

type Caller<T> = (env: Ref, self: Ref, method: Ref, args: Ref) => T;
type Finder = (env: Ref, klass: Ref, name: Ref, signature: Ref) => Ref;

const findClass = jni<(env: Ref, name: Ref) => Ref>(6, "pointer", "p");
const clear = jni<(env: Ref) => void>(17, "void", "");
const newGlobal = jni<(env: Ref, ref: Ref) => Ref>(21, "pointer", "p");
const deleteLocal = jni<(env: Ref, ref: Ref) => void>(23, "void", "p");
const isInstance = jni<(env: Ref, ref: Ref, klass: Ref) => number>(32, "uint8", "pp");
const getMethod = jni<Finder>(33, "pointer", "ppp");
const callObject = jni<Caller<Ref>>(36, "pointer", "ppp");
const callBoolean = jni<Caller<number>>(39, "uint8", "ppp");
const callInt = jni<Caller<number>>(51, "int32", "ppp");
const callFloat = jni<Caller<number>>(57, "float", "ppp");
const callVoid = jni<Caller<void>>(63, "void", "ppp");
const getField = jni<Finder>(94, "pointer", "ppp");
const intField = jni<(env: Ref, ref: Ref, field: Ref) => number>(100, "int32", "pp");
const getStaticMethod = jni<Finder>(113, "pointer", "ppp");
const callStaticObject = jni<Caller<Ref>>(116, "pointer", "ppp");
const stringLength = jni<(env: Ref, string: Ref) => number>(164, "int32", "p");
const newInts = jni<(env: Ref, length: number) => Ref>(179, "pointer", "i");
const intRegion = jni<(env: Ref, array: Ref, at: number, length: number, to: Ref) => void>(203, "void", "piip");
const stringRegion = jni<(env: Ref, string: Ref, at: number, length: number, to: Ref) => void>(220, "void", "piip");
const thrown = jni<(env: Ref) => number>(228, "uint8", "");

/** Getters of one thread at a time: `enter` comes first whenever the thread may be another. */
export class Getters {
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
        const local = findClass(this.env, Memory.allocUtf8String(name));
        if (this.failed() || local.isNull()) {
            return null;
        }
        const kept = newGlobal(this.env, local);
        this.free(local);
        return kept;
    }

    method(klass: Ref | null, name: string, signature: string): Member {
        return this.find(getMethod, klass, name, signature);
    }

    staticMethod(klass: Ref | null, name: string, signature: string): Member {
        return this.find(getStaticMethod, klass, name, signature);
    }

    field(klass: Ref | null, name: string, signature: string): Member {
        return this.find(getField, klass, name, signature);
    }

    intOf(self: Ref, field: Member): number {
        return field === null ? 0 : intField(this.env, self, field);
    }

    int(self: Ref, method: Member): number {
        return this.call(callInt, 0, self, method);
    }

    bool(self: Ref, method: Member, argument = 0): boolean {
        this.argument.writeS32(argument);
        return this.call(callBoolean, 0, self, method) !== 0;
    }

    float(self: Ref, method: Member): number {
        return this.call(callFloat, 0, self, method);
    }

    object(self: Ref, method: Member, argument = 0): Ref {
        this.argument.writeS32(argument);
        return this.call(callObject, NULL, self, method);
    }

    staticObject(klass: Ref, method: Member): Ref {
        return this.call(callStaticObject, NULL, klass, method);
    }

    /** What `method` writes into the ``int[2]`` that it is given. */
    intPair(self: Ref, method: Member): [number, number] {
        const array = newInts(this.env, 2);
        this.argument.writePointer(array);
        this.call(callVoid, undefined, self, method);
        intRegion(this.env, array, 0, 2, this.pair);
        this.free(array);
        return [this.pair.readS32(), this.pair.add(4).readS32()];
    }

    /** The text of the ``CharSequence`` that `method` gives, at most `most` UTF-16 units, fit for JSON; "" for null. */
    text(self: Ref, method: Member, most: number): string {
        const sequence = this.object(self, method);
        if (sequence.isNull()) {
            return "";
        }
        const string = this.object(sequence, this.toString);
        this.free(sequence);
        if (string.isNull()) {
            return "";
        }
        const text = this.decode(string, most);
        this.free(string);
        return text;
    }

    isInstance(ref: Ref, klass: Ref | null): boolean {
        return klass !== null && isInstance(this.env, ref, klass) !== 0;
    }

    free(ref: Ref): void {
        deleteLocal(this.env, ref);
    }

    private decode(string: Ref, most: number): string {
        const length = Math.min(stringLength(this.env, string), most);
        if (length === 0) {
            return "";
        }
        if (length > this.room) {
            this.room = 2 * length;
            this.chars = Memory.alloc(2 * this.room);
        }
        stringRegion(this.env, string, 0, length, this.chars);
        const units = new Uint16Array(this.chars.readByteArray(2 * length) as ArrayBuffer);
        return fitForJson(units);
    }

    private call<T>(by: Caller<T>, otherwise: T, self: Ref, method: Member): T {
        if (method === null) {
            return otherwise;
        }
        const result = by(this.env, self, method, this.argument);
        return this.failed() ? otherwise : result;
    }

    private failed(): boolean {
        const failed = thrown(this.env) !== 0;
        if (failed) {
            clear(this.env);
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
