/**
 * One agent a process. Two would take each other's replacements for the app's own texts, and undo them for good. The first
 * leaves a mark among the system properties of the process's Java side, which any script in it can read.
 */

const PROPERTY = "org.mindproof.agent";

/** Mark this process as ours; or what the agent is called that was here before. */
export function mark(): string | null {
    const system = Java.use("java.lang.System");
    const other = system.getProperty(PROPERTY) as string | null;
    if (other !== null && threadLives(other)) {
        return other.split(" ")[0] ?? other;
    }
    system.setProperty(PROPERTY, `${MINDPROOF_AGENT} ${Process.getCurrentThreadId()}`);
    return null;
}

export function unmark(): void {
    Java.use("java.lang.System").clearProperty(PROPERTY);
}

/**
 * Whether the thread of a mark's script is still there: an agent that was torn out without its leave left its mark behind.
 * The kernel is asked, for Frida hides its own threads from scripts.
 */
function threadLives(mark: string): boolean {
    return Java.use("java.io.File").$new(`/proc/self/task/${mark.split(" ")[1]}`).exists() as boolean;
}
