package android;

/** The framework's own resources. */
public final class R {
    public R() {}

    /** Names of views. */
    public static final class id {
        public static final int content = 16908290;

        public id() {}
    }
}
