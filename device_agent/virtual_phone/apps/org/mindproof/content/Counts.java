package org.mindproof.content;

import java.util.Locale;

/** Numbers as social media write them. */
public final class Counts {
    private Counts() {}

    /** 1284 as 1,284. */
    public static String full(int count) {
        return String.format(Locale.US, "%,d", count);
    }

    /** 3421 as 3.4K. */
    public static String brief(int count) {
        if (count < 1000) {
            return Integer.toString(count);
        }
        boolean million = count >= 1_000_000;
        double value = count / (million ? 1_000_000.0 : 1000.0);
        String text = String.format(Locale.US, value < 100 ? "%.1f" : "%.0f", value);
        return (text.endsWith(".0") ? text.substring(0, text.length() - 2) : text) + (million ? "M" : "K");
    }
}
