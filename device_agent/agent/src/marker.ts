/**
 * One agent a process. Two would take each other's replacements for the app's own texts, and undo them for good.
 *
 * The mark is the name of the thread that runs the script: it is there for every other script in the process, it goes with
 * the thread, and asking for it needs no Java. That matters, for scripts of one frida-server share the thread, and the one
 * that attached it to Java detaches it when it goes: a script that stands back must have left Java alone.
 */

const NAME = "mindproof-agent";
const PR_SET_NAME = 15;
/** Where ``struct dirent`` holds the name: after inode, offset (8 bytes each), length and type, in glibc and bionic. */
const NAME_IN_ENTRY = 19;

let before: string | null = null;

/** Mark this process as ours; false when another agent is here. */
export function mark(): boolean {
    if (threads().some((thread) => nameOf(thread) === NAME)) {
        return false;
    }
    before = nameOf(Process.getCurrentThreadId());
    rename(NAME);
    return true;
}

/** Take the mark away; on the thread that set it. */
export function unmark(): void {
    if (before !== null) {
        rename(before);
        before = null;
    }
}

/**
 * Every thread of this process, as the kernel lists them. Frida's own list stops each thread to look at it, which now and
 * then takes many seconds.
 */
function threads(): number[] {
    const libc = <F>(name: string, result: "pointer" | "int"): F =>
        new NativeFunction(Module.getGlobalExportByName(name), result, ["pointer"]) as unknown as F;
    const open = libc<(path: NativePointer) => NativePointer>("opendir", "pointer");
    const next = libc<(folder: NativePointer) => NativePointer>("readdir", "pointer");
    const close = libc<(folder: NativePointer) => number>("closedir", "int");
    const folder = open(Memory.allocUtf8String("/proc/self/task"));
    const found: number[] = [];
    for (let entry = next(folder); !entry.isNull(); entry = next(folder)) {
        found.push(Number(entry.add(NAME_IN_ENTRY).readUtf8String()));
    }
    close(folder);
    return found.filter((thread) => Number.isInteger(thread));
}

/** Empty for a thread that is gone by now. */
function nameOf(thread: number): string {
    try {
        return File.readAllText(`/proc/self/task/${thread}/comm`).trim();
    } catch {
        return "";
    }
}

function rename(name: string): void {
    const prctl = new NativeFunction(Module.getGlobalExportByName("prctl"), "int", ["int", "pointer"]);
    prctl(PR_SET_NAME, Memory.allocUtf8String(name));
}
