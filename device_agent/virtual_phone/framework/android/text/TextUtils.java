package android.text;

import java.util.Objects;

/** Questions about text. */
public class TextUtils {
    private TextUtils() {}

    public static boolean isEmpty(CharSequence str) {
        return str == null || str.length() == 0;
    }

    public static boolean equals(CharSequence a, CharSequence b) {
        return Objects.equals(a == null ? null : a.toString(), b == null ? null : b.toString());
    }

    /** Where a text that does not fit is cut. */
    public enum TruncateAt {
        START,
        MIDDLE,
        END,
        MARQUEE
    }
}
