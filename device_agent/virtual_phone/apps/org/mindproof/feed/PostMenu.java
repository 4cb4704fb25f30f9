package org.mindproof.feed;

import android.app.Dialog;
import android.widget.LinearLayout;
import android.widget.TextView;
import org.mindproof.content.Post;
import org.mindproof.design.Ui;

/** What can be done with a post, in a dialog; each entry only closes it. */
final class PostMenu {
    private static final String[] ENTRIES = {"Copy link", "Not interested", "Report"};
    private final Dialog dialog;

    PostMenu(FeedContext feed, Post post) {
        Ui ui = feed.ui();
        dialog = new Dialog(feed.activity());
        LinearLayout list = ui.column();
        ui.pad(list, 28, 22, 28, 12);
        TextView title = ui.text("Post by " + post.author().name(), 18, Ui.INK, Ui.MEDIUM);
        title.setId(R.id.menu_title);
        list.addView(title, ui.linear(ui.dp(260), Ui.WRAP, 0, 0, 0, 10));
        for (String entry : ENTRIES) {
            TextView row = ui.text(entry, 16, Ui.INK, null);
            row.setId(R.id.menu_entry);
            ui.pad(row, 0, 14, 0, 14);
            row.setOnClickListener(view -> dialog.dismiss());
            list.addView(row, ui.linear(Ui.MATCH, Ui.WRAP));
        }
        dialog.setContentView(list);
    }

    void show() {
        dialog.show();
    }
}
