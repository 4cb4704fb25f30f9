package org.mindproof.content;

import java.util.Locale;

/** Numbers as social media write them. */
public final class Counts {
    /** A number that nobody told; it is not shown. */
    public static final int UNKNOWN = -1;

    private Counts() {}

    /** 1284 as 1284. */
    public static String plain(int count) {
        return count == UNKNOWN ? "" : Integer.toString(count);
    }

    /** 1284 as 1,284. */
    public static String full(int count) {
        return count == UNKNOWN ? "" : String.format(Locale.US, "%,d", count);
    }

    /** A number that is written already, and what it counts; empty when there is no number. */
    public static String of(String count, String what) {
        return count.isEmpty() ? "" : count + " " + what;
    }

    /** 3421 as 3.4K. */
    public static String brief(int count) {
        if (count == UNKNOWN) {
            return "";
        }
        if (count < 1000) {
            return Integer.toString(count);
        }
        boolean million = count >= 1_000_000;
        double value = count / (million ? 1_000_000.0 : 1000.0);
        String text = String.format(Locale.US, value < 100 ? "%.1f" : "%.0f", value);
        return (text.endsWith(".0") ? text.substring(0, text.length() - 2) : text) + (million ? "M" : "K");
    }
}
