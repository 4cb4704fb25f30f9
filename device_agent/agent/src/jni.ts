/**
 * Calls of JNI where the bridge is too slow (13 us a call instead of 2) or loses something: weak references, identity
 * hashes, and texts with lone surrogates or NULs, which the bridge's UTF-8 cannot hold. Handles of objects go in and out;
 * the numbers are places in JNI's function table.
 */

type P = NativePointer;
type Result = "pointer" | "int" | "uint8" | "void";
type Lookup = (env: P, holder: P, name: P, type: P) => P;
type Region = (env: P, array: P, from: number, count: number, to: P) => void;

const MOST_CHARS_A_CALL = 8192;

/** Needs a thread that Java knows: make one inside `Java.perform`. */
export class Jni {
    private readonly held: JavaObject[] = [];
    private readonly table = Java.vm.getEnv().handle.readPointer();
    private readonly define =
        this.bind<(env: P, name: P, loader: P, bytes: P, length: number) => P>(
            5, "pointer", ["pointer", "pointer", "pointer", "pointer", "int"]);
    private readonly exceptionOccurred = this.bind<(env: P) => P>(15, "pointer", 1);
    private readonly exceptionClear = this.bind<(env: P) => void>(17, "void", 1);
    private readonly isInstance = this.bind<(env: P, object: P, klass: P) => number>(32, "uint8", 3);
    private readonly getMethodId = this.bind<Lookup>(33, "pointer", 4);
    private readonly callObject = this.bind<(env: P, object: P, method: P, args: P) => P>(36, "pointer", 4);
    private readonly getStaticMethodId = this.bind<Lookup>(113, "pointer", 4);
    private readonly callStaticInt = this.bind<(env: P, klass: P, method: P, args: P) => number>(131, "int", 4);
    private readonly newString =
        this.bind<(env: P, chars: P, length: number) => P>(163, "pointer", ["pointer", "pointer", "int"]);
    private readonly stringLength = this.bind<(env: P, string: P) => number>(164, "int", 2);
    private readonly stringChars = this.bind<(env: P, string: P, copied: P) => P>(165, "pointer", 3);
    private readonly releaseChars = this.bind<(env: P, string: P, chars: P) => void>(166, "void", 3);
    private readonly arrayLength = this.bind<(env: P, array: P) => number>(171, "int", 2);
    private readonly byteRegion = this.bind<Region>(200, "void", ["pointer", "pointer", "int", "int", "pointer"]);
    private readonly intRegion = this.bind<Region>(203, "void", ["pointer", "pointer", "int", "int", "pointer"]);
    private readonly weakGlobal = this.bind<(env: P, object: P) => P>(226, "pointer", 2);
    private readonly deleteWeakGlobal = this.bind<(env: P, weak: P) => void>(227, "void", 2);

    private readonly system = this.classOf("java.lang.System");
    private readonly string = Java.use("java.lang.String");
    private readonly stringOf =
        this.method(this.getMethodId, this.classOf("java.lang.Object"), "toString", "()Ljava/lang/String;");
    private readonly identityHash =
        this.method(this.getStaticMethodId, this.system, "identityHashCode", "(Ljava/lang/Object;)I");

    /** A class to ask `isA` for; held for good. */
    classOf(name: string): P {
        const klass = Java.retain(Java.use(name).class);
        this.held.push(klass);
        return klass.$h;
    }

    isA(object: P, klass: P): boolean {
        return this.isInstance(Java.vm.getEnv().handle, object, klass) !== 0;
    }

    identityHashOf(object: P): number {
        const argument = Memory.alloc(Process.pointerSize);
        argument.writePointer(object);
        return this.callStaticInt(Java.vm.getEnv().handle, this.system, this.identityHash, argument);
    }

    /** Define a class from its file; on the JVM only. `name` has slashes. */
    defineClass(name: string, loader: P, file: ArrayBuffer): void {
        const env = Java.vm.getEnv();
        const bytes = Memory.alloc(file.byteLength);
        bytes.writeByteArray(file);
        const klass = this.define(env.handle, Memory.allocUtf8String(name), loader, bytes, file.byteLength);
        if (klass.isNull()) {
            this.exceptionClear(env.handle);
            throw new Error(`${name} could not be defined`);
        }
        env.deleteLocalRef(klass);
    }

    /** A weak global reference; give it back with `deleteWeak`. */
    newWeak(object: P): P {
        return this.weakGlobal(Java.vm.getEnv().handle, object);
    }

    deleteWeak(weak: P): void {
        this.deleteWeakGlobal(Java.vm.getEnv().handle, weak);
    }

    /** What `toString` of any object says, UTF-16 unit for unit. Throws where that throws. */
    textOf(object: P): string {
        const env = Java.vm.getEnv();
        const string = this.callObject(env.handle, object, this.stringOf, NULL);
        const failure = this.exceptionOccurred(env.handle);
        if (!failure.isNull()) {
            this.exceptionClear(env.handle);
            env.deleteLocalRef(failure);
            throw new Error("toString of a text failed");
        }
        if (string.isNull()) {
            return "";
        }
        const length = this.stringLength(env.handle, string);
        const chars = this.stringChars(env.handle, string, NULL);
        try {
            return decode(chars, length);
        } finally {
            this.releaseChars(env.handle, string, chars);
            env.deleteLocalRef(string);
        }
    }

    /** A `java.lang.String`, UTF-16 unit for unit; the wrapper holds it. */
    javaString(text: string): JavaObject {
        const units = new Uint16Array(text.length);
        for (let i = 0; i < text.length; i++) {
            units[i] = text.charCodeAt(i);
        }
        const memory = Memory.alloc(Math.max(2, 2 * text.length));
        memory.writeByteArray(units.buffer);
        const env = Java.vm.getEnv();
        const local = this.newString(env.handle, memory, text.length);
        try {
            return Java.cast(local, this.string);
        } finally {
            env.deleteLocalRef(local);
        }
    }

    /** The bytes of a Java `byte[]`. */
    bytesOf(array: P): ArrayBuffer {
        return this.region(array, this.byteRegion, 1);
    }

    /** The bytes of a Java `int[]`, in this machine's order. */
    intBytesOf(array: P): ArrayBuffer {
        return this.region(array, this.intRegion, 4);
    }

    private region(array: P, copy: Region, size: number): ArrayBuffer {
        const env = Java.vm.getEnv().handle;
        const count = this.arrayLength(env, array);
        if (count === 0) {
            return new ArrayBuffer(0);
        }
        const memory = Memory.alloc(count * size);
        copy(env, array, 0, count, memory);
        return memory.readByteArray(count * size) ?? new ArrayBuffer(0);
    }

    private bind<F>(index: number, result: Result, types: number | NativeFunctionArgumentType[]): F {
        const address = this.table.add(index * Process.pointerSize).readPointer();
        const given = typeof types === "number" ? new Array<"pointer">(types).fill("pointer") : types;
        // Runtimes use faults of their own, as for null checks: Frida must not take them away.
        return new NativeFunction(address, result, given as [], { exceptions: "propagate" }) as F;
    }

    private method(lookup: Lookup, holder: P, name: string, type: string): P {
        return lookup(Java.vm.getEnv().handle, holder, Memory.allocUtf8String(name), Memory.allocUtf8String(type));
    }
}

function decode(chars: P, length: number): string {
    try {
        const text = chars.readUtf16String(length) ?? "";
        if (text.length === length) {
            return text;
        } // Frida's reader stops at a NUL,
    } catch {
        // and refuses lone surrogates.
    }
    const units = new Uint16Array(chars.readByteArray(2 * length) ?? new ArrayBuffer(0));
    let text = "";
    for (let from = 0; from < length; from += MOST_CHARS_A_CALL) {
        text += String.fromCharCode(...units.subarray(from, from + MOST_CHARS_A_CALL));
    }
    return text;
}
