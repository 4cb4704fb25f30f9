package org.mindproof.chat;

/** The names of this app's views and pictures. */
final class R {
    private R() {}

    static final class id {
        static final int toolbar = 0x7f010001;
        static final int title = 0x7f010002;
        static final int conversations = 0x7f010003;
        static final int conversation = 0x7f010004;
        static final int name = 0x7f010005;
        static final int preview = 0x7f010006;
        static final int time = 0x7f010007;
        static final int unread = 0x7f010008;
        static final int avatar = 0x7f010009;
        static final int messages = 0x7f01000a;
        static final int message = 0x7f01000b;
        static final int bubble = 0x7f01000c;
        static final int message_field = 0x7f01000d;
        static final int send_button = 0x7f01000e;
        static final int back = 0x7f01000f;
        static final int status = 0x7f010010;
        static final int status_message = 0x7f010011;
        static final int retry_button = 0x7f010012;
    }

    static final class drawable {
        static final int ic_back = 0x7f020001;
        static final int ic_send = 0x7f020002;
        static final int ic_search = 0x7f020003;
    }
}
