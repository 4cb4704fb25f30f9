package org.mindproof.probe;

/** The names of the probe's views. */
final class R {
    private R() {}

    static final class id {
        static final int made = 0x7f010001;
        static final int report = 0x7f010002;
        static final int secret = 0x7f010003;
        static final int held = 0x7f010004;
        static final int overlay = 0x7f010005;
        static final int scroller = 0x7f010006;
        static final int last = 0x7f010007;
        static final int secure = 0x7f010008;
        static final int cover = 0x7f010009;
        static final int crash = 0x7f01000a;
        static final int count = 0x7f01000b;
        static final int hang = 0x7f01000c;
        static final int half = 0x7f01000d;
    }
}
