package org.mindproof.feed;

/** The names of this app's views and pictures. */
final class R {
    private R() {}

    static final class id {
        static final int toolbar = 0x7f010001;
        static final int title = 0x7f010002;
        static final int notifications = 0x7f010003;
        static final int feed_list = 0x7f010004;
        static final int stories_bar = 0x7f010005;
        static final int story = 0x7f010006;
        static final int story_ring = 0x7f010007;
        static final int story_avatar = 0x7f010008;
        static final int story_name = 0x7f010009;
        static final int post = 0x7f01000a;
        static final int post_avatar = 0x7f01000b;
        static final int post_author = 0x7f01000c;
        static final int post_meta = 0x7f01000d;
        static final int post_more = 0x7f01000e;
        static final int post_text = 0x7f01000f;
        static final int post_photo = 0x7f010010;
        static final int like_button = 0x7f010011;
        static final int like_count = 0x7f010012;
        static final int comment_button = 0x7f010013;
        static final int comment_count = 0x7f010014;
        static final int share_button = 0x7f010015;
        static final int share_count = 0x7f010016;
        static final int top_comment = 0x7f010017;
        static final int comment_author = 0x7f010018;
        static final int comment_text = 0x7f010019;
        static final int comment_meta = 0x7f01001a;
        static final int comment_avatar = 0x7f01001b;
        static final int comments_list = 0x7f01001c;
        static final int comment_field = 0x7f01001d;
        static final int send_button = 0x7f01001e;
        static final int back = 0x7f01001f;
        static final int tab_home = 0x7f010020;
        static final int tab_search = 0x7f010021;
        static final int tab_profile = 0x7f010022;
        static final int profile_name = 0x7f010023;
        static final int profile_handle = 0x7f010024;
        static final int profile_avatar = 0x7f010025;
        static final int posts_count = 0x7f010026;
        static final int followers_count = 0x7f010027;
        static final int following_count = 0x7f010028;
        static final int follow_button = 0x7f010029;
        static final int profile_list = 0x7f01002a;
        static final int view_comments = 0x7f01002b;
        static final int menu_title = 0x7f01002c;
        static final int menu_entry = 0x7f01002d;
        static final int status_message = 0x7f01002e;
        static final int retry_button = 0x7f01002f;
    }

    static final class drawable {
        static final int ic_heart = 0x7f020001;
        static final int ic_heart_full = 0x7f020002;
        static final int ic_comment = 0x7f020003;
        static final int ic_share = 0x7f020004;
        static final int ic_home = 0x7f020005;
        static final int ic_search = 0x7f020006;
        static final int ic_person = 0x7f020007;
        static final int ic_bell = 0x7f020008;
        static final int ic_more = 0x7f020009;
        static final int ic_back = 0x7f02000a;
        static final int ic_send = 0x7f02000b;
    }
}
