package android.os;

/** What this phone says of itself. */
public class Build {
    public static final String BRAND = "mindproof";
    public static final String MANUFACTURER = "Mindproof";
    public static final String MODEL = "Virtual Phone";

    public Build() {}

    /** The version of Android. */
    public static class VERSION {
        public static final String RELEASE = "14";
        public static final int SDK_INT = 34;

        public VERSION() {}
    }
}
