/**
 * One agent a process. Two would take each other's replacements for the app's own texts, and undo them for good.
 *
 * The mark is the name of the thread that runs the script: it is there for every other script in the process, it goes with
 * the thread, and asking for it needs no Java. That matters, for scripts of one frida-server share the thread, and the one
 * that attached it to Java detaches it when it goes: a script that stands back must have left Java alone.
 */

const NAME = "mindproof-agent";
const PR_SET_NAME = 15;

let before: string | null = null;

/** Mark this process as ours; false when another agent is here. */
export function mark(): boolean {
    const own = File.readAllText(`/proc/self/task/${Process.getCurrentThreadId()}/comm`).trim();
    // Frida hides its threads from its own scripts only: what is listed is another Frida's.
    if (own === NAME || Process.enumerateThreads().some(({ name }) => name === NAME)) {
        return false;
    }
    before = own;
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

function rename(name: string): void {
    const prctl = new NativeFunction(Module.getGlobalExportByName("prctl"), "int", ["int", "pointer"]);
    prctl(PR_SET_NAME, Memory.allocUtf8String(name));
}
