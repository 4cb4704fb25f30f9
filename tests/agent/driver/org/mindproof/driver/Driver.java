package org.mindproof.driver;

import android.os.Handler;
import android.os.Looper;
import android.text.Editable;
import android.text.SpannableStringBuilder;
import android.view.ViewGroup;
import android.view.inspector.WindowInspector;
import android.widget.LinearLayout;
import android.widget.TextView;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/** What a test has an app do: everything on the app's main thread, one call a message, as code of the app itself. */
public final class Driver {
    private static final List<TextView> VIEWS = new ArrayList<>();
    private static CharSequence own;

    private Driver() {}

    private static <T> T onMain(Callable<T> what) throws Exception {
        FutureTask<T> task = new FutureTask<>(what);
        new Handler(Looper.getMainLooper()).post(task);
        return task.get();
    }

    /** Puts that many empty text views over the app; an earlier column goes. */
    public static void column(int count) throws Exception {
        onMain(() -> {
            ViewGroup root = (ViewGroup) WindowInspector.getGlobalWindowViews().get(0);
            VIEWS.clear();
            LinearLayout column = new LinearLayout(root.getContext());
            column.setOrientation(LinearLayout.VERTICAL);
            column.setBackgroundColor(0xFFFFFFFF);
            for (int i = 0; i < count; i++) {
                VIEWS.add(new TextView(root.getContext()));
                column.addView(VIEWS.get(i));
            }
            root.addView(column);
            return null;
        });
    }

    /** Sets the text of each view to the prefix and its index, all in one message. */
    public static void burst(String prefix) throws Exception {
        onMain(() -> {
            for (int i = 0; i < VIEWS.size(); i++) {
                VIEWS.get(i).setText(prefix + i);
            }
            return null;
        });
    }

    /** Texts come and go as UTF-16 in hex, for scripts cannot carry every one. */
    private static String decoded(String hex) {
        return new String(HexFormat.of().parseHex(hex), StandardCharsets.UTF_16BE);
    }

    private static String encoded(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_16BE));
    }

    /** Sets a text; `how` is plain, chars, append, spannable, hint, description or null. */
    public static void set(int index, String how, String hex) throws Exception {
        String text = decoded(hex);
        onMain(() -> {
            TextView view = VIEWS.get(index);
            switch (how) {
                case "chars" -> view.setText(text.toCharArray(), 0, text.length());
                case "append" -> view.append(text);
                case "spannable" -> view.setText(new SpannableStringBuilder(text), TextView.BufferType.SPANNABLE);
                case "hint" -> view.setHint(text);
                case "description" -> view.setContentDescription(text);
                case "null" -> view.setText(null);
                default -> view.setText(text);
            }
            return null;
        });
    }

    /** Sets a text of a kind of its own, as one with spans is, and keeps it. */
    public static void setOwn(int index, String hex) throws Exception {
        own = new SpannableStringBuilder(decoded(hex)) {};
        onMain(() -> {
            VIEWS.get(index).setText(own);
            return null;
        });
    }

    /** Whether the app reads back the very object that `setOwn` set, with whatever is on it. */
    public static boolean readsOwn(int index) throws Exception {
        return onMain(() -> VIEWS.get(index).getText() == own);
    }

    /** Whether the view has that very object. */
    public static boolean hasOwn(int index) throws Exception {
        return field(index) == own;
    }

    /** Sets a text of the given length: words of ten letters. */
    public static void setLong(int index, int length) throws Exception {
        String text = "abcdefghi ".repeat(length / 10 + 1).substring(0, length);
        onMain(() -> {
            VIEWS.get(index).setText(text);
            return null;
        });
    }

    /** What the app reads back. */
    public static String get(int index) throws Exception {
        return onMain(() -> encoded(VIEWS.get(index).getText().toString()));
    }

    /** Whether the app can change the text it reads back. */
    public static boolean readsEditable(int index) throws Exception {
        return onMain(() -> VIEWS.get(index).getText() instanceof Editable);
    }

    /** What the view really has. */
    public static String shown(int index) throws Exception {
        return encoded(text(index));
    }

    private static String text(int index) throws Exception {
        return field(index).toString();
    }

    private static Object field(int index) throws Exception {
        Field field = TextView.class.getDeclaredField("text");
        field.setAccessible(true);
        return onMain(() -> field.get(VIEWS.get(index)));
    }

    /** How many views have a text that begins so. */
    public static int showing(String prefix) throws Exception {
        int count = 0;
        for (int i = 0; i < VIEWS.size(); i++) {
            count += text(i).startsWith(prefix) ? 1 : 0;
        }
        return count;
    }

    /** A view that cannot say what its resources are: whoever asks gets an exception. Replaces view 0. */
    public static void brokenView() throws Exception {
        onMain(() -> {
            TextView broken = new TextView(VIEWS.get(0).getContext()) {
                @Override
                public int getId() {
                    throw new IllegalStateException("no id today");
                }
            };
            VIEWS.set(0, broken);
            return null;
        });
    }

    /** Has the system kill the process soon, in the middle of the setting of a text: when someone asks what it says. */
    public static void die() {
        CharSequence deadly = new SpannableStringBuilder("deadly") {
            @Override
            public String toString() {
                try {
                    new ProcessBuilder("kill", "-9", Long.toString(ProcessHandle.current().pid())).start().waitFor();
                    Thread.sleep(10_000);
                } catch (IOException | InterruptedException failed) {
                    throw new IllegalStateException(failed);
                }
                return "";
            }
        };
        new Handler(Looper.getMainLooper()).post(() -> VIEWS.get(0).setText(deadly));
    }

    /** Microseconds that each of `count` settings of one of `different` texts took, in the order they were made. */
    public static String time(int count, int different, String prefix) throws Exception {
        return onMain(() -> {
            StringBuilder times = new StringBuilder();
            for (int i = 0; i < count; i++) {
                String text = prefix + i % different;
                long before = System.nanoTime();
                VIEWS.get(0).setText(text);
                times.append((System.nanoTime() - before) / 1000).append(' ');
            }
            return times.toString();
        });
    }

    /** Sets texts from another thread for as long as the test wants, and redraws: something is always under way. */
    public static void restless(int milliseconds) throws Exception {
        Thread thread = new Thread(() -> {
            long end = System.nanoTime() + milliseconds * 1_000_000L;
            for (int i = 0; System.nanoTime() < end; i++) {
                String text = "restless " + i % 40;
                new Handler(Looper.getMainLooper()).post(() -> VIEWS.forEach(view -> view.setText(text)));
                try {
                    Thread.sleep(5);
                } catch (InterruptedException stopped) {
                    return;
                }
            }
        }, "restless");
        thread.setDaemon(true);
        thread.start();
    }
}
