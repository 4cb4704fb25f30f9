package org.mindproof.shorts;

/** The names of this app's views and pictures. */
final class R {
    private R() {}

    static final class id {
        static final int pager = 0x7f010001;
        static final int clip = 0x7f010002;
        static final int author = 0x7f010003;
        static final int caption = 0x7f010004;
        static final int like_button = 0x7f010005;
        static final int like_count = 0x7f010006;
        static final int comment_button = 0x7f010007;
        static final int comment_count = 0x7f010008;
        static final int share_button = 0x7f010009;
        static final int share_count = 0x7f01000a;
        static final int avatar = 0x7f01000b;
        static final int follow_button = 0x7f01000c;
        static final int sound = 0x7f01000d;
        static final int page = 0x7f01000e;
        static final int tab_following = 0x7f01000f;
        static final int tab_for_you = 0x7f010010;
        static final int status_message = 0x7f010011;
        static final int retry_button = 0x7f010012;
    }

    static final class drawable {
        static final int ic_heart_full = 0x7f020001;
        static final int ic_comment = 0x7f020002;
        static final int ic_share = 0x7f020003;
        static final int ic_music = 0x7f020004;
    }
}
