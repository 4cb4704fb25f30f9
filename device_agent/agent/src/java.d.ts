/**
 * The part of Frida's Java bridge that the agent uses. The bridge's own types ship with its npm package, which the
 * bundle does not need otherwise; this is also where every `any` of the agent lives: what a Java method takes and gives
 * back cannot be known here.
 */

/** What goes into a Java method or comes out of one: wrappers, numbers, booleans, strings, null. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type JavaValue = any;

/** A Java object. Inside a hook it is borrowed, and must go through `Java.retain` to be kept. */
interface JavaObject {
    readonly $h: NativePointer;
    readonly $className: string;
    $dispose(): void;
    $isSameObject(other: JavaObject): boolean;
    [member: string]: JavaValue;
}

/** One method with one signature. */
interface JavaMethod {
    (...args: JavaValue[]): JavaValue;
    call(self: JavaObject | JavaClass, ...args: JavaValue[]): JavaValue;
    implementation: ((this: JavaObject, ...args: JavaValue[]) => JavaValue) | null;
    readonly returnType: { readonly className: string };
}

/** All methods of one name. */
interface JavaMethods extends JavaMethod {
    overload(...types: string[]): JavaMethod;
    readonly overloads: JavaMethod[];
}

/** A Java class: `$new` makes an object, static members are properties. */
interface JavaClass {
    readonly class: JavaObject;
    readonly $new: JavaMethods & ((...args: JavaValue[]) => JavaObject);
    [member: string]: JavaValue;
}

/** JNI. */
interface JavaEnv {
    readonly handle: NativePointer;
    newLocalRef(object: NativePointer): NativePointer;
    deleteLocalRef(object: NativePointer): void;
    deleteGlobalRef(object: NativePointer): void;
    isSameObject(one: NativePointer, other: NativePointer): boolean;
    isInstanceOf(object: NativePointer, klass: NativePointer): boolean;
}

declare const Java: {
    readonly available: boolean;
    readonly vm: { getEnv(): JavaEnv; perform<T>(fn: (env: JavaEnv) => T): T };
    perform(fn: () => void): void;
    use(name: string): JavaClass;
    cast(object: JavaObject | NativePointer, type: JavaClass): JavaObject;
    retain(object: JavaObject): JavaObject;
    array(type: string, values: JavaValue[]): JavaObject & ArrayLike<JavaValue>;
    /** On ART only. */
    registerClass(spec: { name: string; implements: JavaClass[]; methods: Record<string, () => void> }): JavaClass;
    choose(name: string, callbacks: { onMatch(object: JavaObject): void; onComplete(): void }): void;
};

/** Put before the bundle by `build.py`: names this very agent. */
declare const MINDPROOF_AGENT: string;
