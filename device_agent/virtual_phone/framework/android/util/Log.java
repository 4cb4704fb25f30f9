package android.util;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.mindproof.phone.WindowLink;

/** Writes to the phone's log. */
public final class Log {
    public static final int VERBOSE = 2;
    public static final int DEBUG = 3;
    public static final int INFO = 4;
    public static final int WARN = 5;
    public static final int ERROR = 6;
    public static final int ASSERT = 7;
    private static final String LETTERS = "??VDIWEF";

    private Log() {}

    public static int v(String tag, String msg) {
        return println(VERBOSE, tag, msg);
    }

    public static int d(String tag, String msg) {
        return println(DEBUG, tag, msg);
    }

    public static int i(String tag, String msg) {
        return println(INFO, tag, msg);
    }

    public static int w(String tag, String msg) {
        return println(WARN, tag, msg);
    }

    public static int e(String tag, String msg) {
        return println(ERROR, tag, msg);
    }

    public static int e(String tag, String msg, Throwable tr) {
        return println(ERROR, tag, msg + '\n' + getStackTraceString(tr));
    }

    public static int println(int priority, String tag, String msg) {
        if (WindowLink.isConnected()) {
            String level = LETTERS.substring(priority, priority + 1);
            WindowLink.get().send(WindowLink.message("log", "level", level, "tag", tag, "message", msg));
        }
        return msg.length();
    }

    public static String getStackTraceString(Throwable tr) {
        StringWriter out = new StringWriter();
        tr.printStackTrace(new PrintWriter(out, true));
        return out.toString();
    }
}
