package org.mindproof.phone;

import android.util.Log;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Whoever traces this process: the window server says when one is there. */
public final class Tracer {
    private static final CountDownLatch CAME = new CountDownLatch(1);
    private static volatile boolean connected;
    private static volatile boolean awaited;

    private Tracer() {}

    /** The link's reader calls this: the main thread may be waiting. */
    static void set(boolean there) {
        connected = there;
        if (there) {
            CAME.countDown();
        }
    }

    public static boolean isConnected() {
        return connected;
    }

    public static boolean isAwaited() {
        return awaited;
    }

    /** Blocks until a tracer has come, but no longer than the limit; no app is stuck for a tracer that never comes. */
    public static void await(long limitMs) {
        awaited = true;
        try {
            Log.w("ActivityThread", "Application is waiting for the debugger");
            boolean came = CAME.await(limitMs, TimeUnit.MILLISECONDS);
            Log.w("ActivityThread", came ? "Debugger has connected" : "No debugger within " + limitMs + " ms; going on");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            awaited = false;
        }
    }
}
