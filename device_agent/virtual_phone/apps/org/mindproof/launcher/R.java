package org.mindproof.launcher;

/** The names of this app's views. */
final class R {
    private R() {}

    static final class id {
        static final int workspace = 0x7f010001;
        static final int clock = 0x7f010002;
        static final int date = 0x7f010003;
        static final int app_icon = 0x7f010004;
    }
}
