package org.mindproof.feed;

import android.content.Context;
import android.widget.ImageView;
import android.widget.LinearLayout;
import android.widget.TextView;
import org.mindproof.content.Comment;
import org.mindproof.content.Counts;
import org.mindproof.design.Pictures;
import org.mindproof.design.Ui;

/** One comment in the list of comments. */
final class CommentRow {
    final LinearLayout root;
    private final ImageView avatar;
    private final TextView author;
    private final TextView text;
    private final TextView meta;

    CommentRow(Context context) {
        Ui ui = new Ui(context);
        root = ui.row();
        root.setGravity(android.view.Gravity.TOP);
        ui.pad(root, 14, 9, 14, 9);
        avatar = ui.picture(-1);
        avatar.setId(R.id.comment_avatar);
        author = ui.text("", 13.5f, Ui.INK, Ui.MEDIUM);
        author.setId(R.id.comment_author);
        text = ui.text("", 15, Ui.INK, null);
        text.setId(R.id.comment_text);
        text.setLineSpacing(0, 1.1f);
        meta = ui.text("", 12.5f, Ui.QUIET, null);
        meta.setId(R.id.comment_meta);
        root.addView(avatar, ui.linear(ui.dp(36), ui.dp(36), 0, 2, 11, 0));
        LinearLayout column = ui.column();
        column.addView(author);
        column.addView(text, ui.linear(Ui.MATCH, Ui.WRAP, 0, 2, 0, 4));
        column.addView(meta);
        root.addView(column, ui.rest(false));
    }

    void bind(Comment comment) {
        Pictures.show(avatar, comment.author().avatar());
        author.setText(comment.author().name());
        text.setText(comment.text());
        meta.setText(comment.age() + "   " + Counts.of(Counts.full(comment.likes()), "likes   ") + "Reply");
    }
}
