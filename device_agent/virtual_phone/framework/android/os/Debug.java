package android.os;

import org.mindproof.phone.Tracer;

/** Whether this process is being debugged, and waiting for it. */
public final class Debug {
    private static final long LIMIT_MS = 60_000;

    private Debug() {}

    public static boolean waitingForDebugger() {
        return Tracer.isAwaited();
    }

    public static boolean isDebuggerConnected() {
        return Tracer.isConnected();
    }

    public static void waitForDebugger() {
        if (!isDebuggerConnected()) {
            Tracer.await(LIMIT_MS);
        }
    }
}
