/**
 * JNI without the bridge, for the walk over the views: a call through the bridge costs 13 to 40 us, one through JNI's
 * table 0.4. References here are JNI local references: whoever gets one gives it back with `free`.
 *
 * What the app's own code throws in a getter is swallowed, and the getter's answer is zero, false or null: a tree with a
 * gap is better than none. Places in the table are JNI's own numbers (Java Native Interface Specification, chapter 4).
 */

const FIND_CLASS = 6;
const EXCEPTION_CLEAR = 17;
const NEW_GLOBAL_REF = 21;
const DELETE_LOCAL_REF = 23;
const IS_SAME_OBJECT = 24;
const NEW_LOCAL_REF = 25;
const GET_OBJECT_CLASS = 31;
const IS_INSTANCE_OF = 32;
const GET_METHOD_ID = 33;
const CALL_OBJECT_METHOD_A = 36;
const CALL_BOOLEAN_METHOD_A = 39;
const CALL_INT_METHOD_A = 51;
const CALL_FLOAT_METHOD_A = 57;
const CALL_VOID_METHOD_A = 63;
const GET_STATIC_METHOD_ID = 113;
const CALL_STATIC_OBJECT_METHOD_A = 116;
const GET_STRING_LENGTH = 164;
const NEW_INT_ARRAY = 179;
const GET_INT_ARRAY_REGION = 203;
const GET_STRING_REGION = 220;
const EXCEPTION_CHECK = 228;

export type Ref = NativePointer;
/** A method of a class, or null where this Android has none. */
export type Method = NativePointer | null;

type Call = (...args: (NativePointer | number)[]) => never;
type Result = "void" | "pointer" | "uint8" | "int32" | "float";

const REPLACEMENT = "\ufffd";

export class Jni {
    private env: NativePointer = NULL;
    private readonly table: NativePointer;
    private readonly argument = Memory.alloc(8);
    private chars = Memory.alloc(512);
    private room = 256;

    private readonly findClass_: (env: Ref, name: Ref) => Ref;
    private readonly newGlobal: (env: Ref, ref: Ref) => Ref;
    private readonly newLocal: (env: Ref, ref: Ref) => Ref;
    private readonly deleteLocal: (env: Ref, ref: Ref) => void;
    private readonly same: (env: Ref, one: Ref, other: Ref) => number;
    private readonly classOf_: (env: Ref, ref: Ref) => Ref;
    private readonly instance: (env: Ref, ref: Ref, klass: Ref) => number;
    private readonly methodId: (env: Ref, klass: Ref, name: Ref, signature: Ref) => Ref;
    private readonly staticMethodId: (env: Ref, klass: Ref, name: Ref, signature: Ref) => Ref;
    private readonly callObject: (env: Ref, ref: Ref, method: Ref, args: Ref) => Ref;
    private readonly callBoolean: (env: Ref, ref: Ref, method: Ref, args: Ref) => number;
    private readonly callInt: (env: Ref, ref: Ref, method: Ref, args: Ref) => number;
    private readonly callFloat: (env: Ref, ref: Ref, method: Ref, args: Ref) => number;
    private readonly callVoid: (env: Ref, ref: Ref, method: Ref, args: Ref) => void;
    private readonly callStatic: (env: Ref, klass: Ref, method: Ref, args: Ref) => Ref;
    private readonly stringLength: (env: Ref, string: Ref) => number;
    private readonly stringRegion: (env: Ref, string: Ref, at: number, length: number, to: Ref) => void;
    private readonly newInts: (env: Ref, length: number) => Ref;
    private readonly intRegion: (env: Ref, array: Ref, at: number, length: number, to: Ref) => void;
    private readonly thrown: (env: Ref) => number;
    private readonly clear: (env: Ref) => void;

    constructor() {
        this.enter();
        this.table = this.env.readPointer();
        this.findClass_ = this.entry(FIND_CLASS, "pointer", 2);
        this.newGlobal = this.entry(NEW_GLOBAL_REF, "pointer", 2);
        this.newLocal = this.entry(NEW_LOCAL_REF, "pointer", 2);
        this.deleteLocal = this.entry(DELETE_LOCAL_REF, "void", 2);
        this.same = this.entry(IS_SAME_OBJECT, "uint8", 3);
        this.classOf_ = this.entry(GET_OBJECT_CLASS, "pointer", 2);
        this.instance = this.entry(IS_INSTANCE_OF, "uint8", 3);
        this.methodId = this.entry(GET_METHOD_ID, "pointer", 4);
        this.staticMethodId = this.entry(GET_STATIC_METHOD_ID, "pointer", 4);
        this.callObject = this.entry(CALL_OBJECT_METHOD_A, "pointer", 4);
        this.callBoolean = this.entry(CALL_BOOLEAN_METHOD_A, "uint8", 4);
        this.callInt = this.entry(CALL_INT_METHOD_A, "int32", 4);
        this.callFloat = this.entry(CALL_FLOAT_METHOD_A, "float", 4);
        this.callVoid = this.entry(CALL_VOID_METHOD_A, "void", 4);
        this.callStatic = this.entry(CALL_STATIC_OBJECT_METHOD_A, "pointer", 4);
        this.stringLength = this.entry(GET_STRING_LENGTH, "int32", 2);
        this.stringRegion = this.entry(GET_STRING_REGION, "void", 2, 2, 1);
        this.newInts = this.entry(NEW_INT_ARRAY, "pointer", 1, 1);
        this.intRegion = this.entry(GET_INT_ARRAY_REGION, "void", 2, 2, 1);
        this.thrown = this.entry(EXCEPTION_CHECK, "uint8", 1);
        this.clear = this.entry(EXCEPTION_CLEAR, "void", 1);
    }

    /** Take this thread's environment; to be called whenever the thread may be another. */
    enter(): void {
        this.env = Java.vm.getEnv().handle;
    }

    /** A class, kept for good; null where there is none. */
    findClass(name: string): Ref | null {
        const local = this.findClass_(this.env, Memory.allocUtf8String(name));
        if (this.failed() || local.isNull()) {
            return null;
        }
        const kept = this.newGlobal(this.env, local);
        this.free(local);
        return kept;
    }

    method(klass: Ref | null, name: string, signature: string): Method {
        return this.named(this.methodId, klass, name, signature);
    }

    staticMethod(klass: Ref | null, name: string, signature: string): Method {
        return this.named(this.staticMethodId, klass, name, signature);
    }

    int(ref: Ref, method: Method, argument?: number): number {
        return this.call(this.callInt, 0, ref, method, argument);
    }

    bool(ref: Ref, method: Method, argument?: number): boolean {
        return this.call(this.callBoolean, 0, ref, method, argument) !== 0;
    }

    float(ref: Ref, method: Method): number {
        return this.call(this.callFloat, 0, ref, method);
    }

    object(ref: Ref, method: Method, argument?: number): Ref {
        return this.call(this.callObject, NULL, ref, method, argument);
    }

    staticObject(klass: Ref, method: Method): Ref {
        return this.call(this.callStatic, NULL, klass, method);
    }

    /** What a method writes into an ``int[2]`` that it is given. */
    intPair(ref: Ref, method: Method): [number, number] {
        const array = this.newInts(this.env, 2);
        this.argument.writePointer(array);
        if (method !== null) {
            this.callVoid(this.env, ref, method, this.argument);
        }
        this.failed();
        this.intRegion(this.env, array, 0, 2, this.chars);
        this.free(array);
        return [this.chars.readS32(), this.chars.add(4).readS32()];
    }

    /** At most `most` UTF-16 units of a ``java.lang.String``. */
    string(ref: Ref, most: number): string {
        const length = Math.min(this.stringLength(this.env, ref), most);
        if (length > this.room) {
            this.room = 2 * length;
            this.chars = Memory.alloc(2 * this.room);
        }
        this.stringRegion(this.env, ref, 0, length, this.chars);
        return length === 0 ? "" : wellFormed(this.chars.readByteArray(2 * length) as ArrayBuffer);
    }

    /** The class as ``java.lang.Class``. */
    classOf(ref: Ref): Ref {
        return this.classOf_(this.env, ref);
    }

    isInstance(ref: Ref, klass: Ref | null): boolean {
        return klass !== null && this.instance(this.env, ref, klass) !== 0;
    }

    isSame(one: Ref, other: Ref): boolean {
        return this.same(this.env, one, other) !== 0;
    }

    /** A local reference to what a weak one stands for; null when that is gone. */
    local(weak: Ref): Ref | null {
        const ref = this.newLocal(this.env, weak);
        return ref.isNull() ? null : ref;
    }

    keep(ref: Ref): Ref {
        return this.newGlobal(this.env, ref);
    }

    free(ref: Ref): void {
        this.deleteLocal(this.env, ref);
    }

    private call<T>(by: (env: Ref, ref: Ref, method: Ref, args: Ref) => T, otherwise: T, ref: Ref, method: Method,
                    argument?: number): T {
        if (method === null) {
            return otherwise;
        }
        if (argument !== undefined) {
            this.argument.writeS32(argument);
        }
        const result = by(this.env, ref, method, this.argument);
        return this.failed() ? otherwise : result;
    }

    private failed(): boolean {
        const failed = this.thrown(this.env) !== 0;
        if (failed) {
            this.clear(this.env);
        }
        return failed;
    }

    private named(by: (env: Ref, klass: Ref, name: Ref, signature: Ref) => Ref, klass: Ref | null, name: string,
                  signature: string): Method {
        if (klass === null) {
            return null;
        }
        const id = by(this.env, klass, Memory.allocUtf8String(name), Memory.allocUtf8String(signature));
        return this.failed() || id.isNull() ? null : id;
    }

    /** A function of the table: so many pointers, then integers, then pointers again. */
    private entry<T>(index: number, result: Result, pointers: number, integers = 0, after = 0): T {
        const types = [
            ...Array<"pointer">(pointers).fill("pointer"),
            ...Array<"int32">(integers).fill("int32"),
            ...Array<"pointer">(after).fill("pointer"),
        ];
        const address = this.table.add(index * Process.pointerSize).readPointer();
        return new NativeFunction(address, result, types) as unknown as Call as T;
    }
}

/** Text from UTF-16, what cannot travel as JSON (half a pair, a zero) replaced. */
export function wellFormed(utf16: ArrayBuffer): string {
    const units = new Uint16Array(utf16);
    let text = "";
    for (let at = 0; at < units.length; at += 4096) {
        text += String.fromCharCode(...units.subarray(at, at + 4096));
    }
    return text.replace(/\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, REPLACEMENT);
}
