package org.mindproof.feed;

import android.view.View;
import android.widget.ImageView;
import android.widget.LinearLayout;
import android.widget.TextView;
import org.mindproof.content.Comment;
import org.mindproof.content.Counts;
import org.mindproof.content.Post;
import org.mindproof.design.Pictures;
import org.mindproof.design.Ui;

/** One post: made once, bound to many posts as the list recycles it. */
final class PostView {
    static final float PHOTO_DP = 340;

    final LinearLayout root;
    private final FeedContext feed;
    private final ImageView avatar;
    private final TextView author;
    private final TextView meta;
    private final TextView text;
    private final ImageView photo;
    private final ImageView heart;
    private final TextView likes;
    private final TextView comments;
    private final TextView shares;
    private final LinearLayout topComment;
    private final TextView commentAuthor;
    private final TextView commentText;
    private final TextView all;
    private Post post;

    PostView(FeedContext feed) {
        this.feed = feed;
        Ui ui = feed.ui();
        root = ui.column();
        root.setId(R.id.post);
        root.setBackgroundColor(0xFFFFFFFF);
        ui.pad(root, 0, 12, 0, 4);
        avatar = ui.picture(-1);
        avatar.setId(R.id.post_avatar);
        author = named(ui.text("", 15, Ui.INK, Ui.MEDIUM), R.id.post_author);
        meta = named(ui.text("", 12.5f, Ui.QUIET, null), R.id.post_meta);
        text = named(ui.text("", 15, Ui.INK, null), R.id.post_text);
        text.setLineSpacing(0, 1.12f);
        photo = ui.picture(0);
        photo.setId(R.id.post_photo);
        heart = ui.icon(R.drawable.ic_heart, 24, 10, Ui.INK);
        likes = named(ui.text("", 13.5f, Ui.INK, Ui.MEDIUM), R.id.like_count);
        comments = named(ui.text("", 13.5f, Ui.INK, Ui.MEDIUM), R.id.comment_count);
        shares = named(ui.text("", 13.5f, Ui.INK, Ui.MEDIUM), R.id.share_count);
        topComment = ui.column();
        commentAuthor = named(ui.text("", 13, Ui.INK, Ui.MEDIUM), R.id.comment_author);
        commentText = named(ui.text("", 14, Ui.INK, null), R.id.comment_text);
        all = named(ui.text("", 13, Ui.QUIET, null), R.id.view_comments);
        build(ui);
    }

    private static TextView named(TextView view, int id) {
        view.setId(id);
        return view;
    }

    private void build(Ui ui) {
        LinearLayout head = ui.row();
        ui.pad(head, 14, 0, 6, 10);
        head.addView(avatar, ui.linear(ui.dp(42), ui.dp(42)));
        LinearLayout names = ui.column();
        names.addView(author);
        names.addView(meta);
        LinearLayout.LayoutParams middle = ui.rest(false);
        middle.leftMargin = ui.dp(11);
        head.addView(names, middle);
        ImageView more = ui.icon(R.drawable.ic_more, 20, 10, Ui.QUIET);
        more.setId(R.id.post_more);
        more.setContentDescription("More options");
        more.setOnClickListener(view -> new PostMenu(feed, post).show());
        head.addView(more);
        head.setOnClickListener(view -> feed.openProfile(post.author()));
        root.addView(head);
        root.addView(text, ui.linear(Ui.MATCH, Ui.WRAP, 14, 0, 14, 10));
        root.addView(photo, ui.linear(Ui.MATCH, ui.dp(PHOTO_DP)));
        root.addView(buttons(ui));
        topComment.setId(R.id.top_comment);
        topComment.setBackground(ui.shape(0xFFF3F4F7, 14));
        ui.pad(topComment, 12, 8, 12, 10);
        topComment.addView(commentAuthor);
        topComment.addView(commentText);
        topComment.setOnClickListener(view -> feed.openComments(post));
        root.addView(topComment, ui.linear(Ui.MATCH, Ui.WRAP, 14, 2, 14, 4));
        ui.pad(all, 16, 4, 16, 10);
        all.setOnClickListener(view -> feed.openComments(post));
        root.addView(all);
        View gap = new View(root.getContext());
        gap.setBackgroundColor(0xFFF0F1F4);
        root.addView(gap, ui.linear(Ui.MATCH, ui.dp(6)));
    }

    private View buttons(Ui ui) {
        LinearLayout row = ui.row();
        ui.pad(row, 4, 2, 14, 2);
        heart.setId(R.id.like_button);
        heart.setOnClickListener(view -> {
            feed.toggleLike(post.number());
            showLikes();
        });
        row.addView(heart);
        row.addView(likes, ui.linear(Ui.WRAP, Ui.WRAP));
        row.addView(button(ui, R.drawable.ic_comment, R.id.comment_button, "Comment", view -> feed.openComments(post)));
        row.addView(comments, ui.linear(Ui.WRAP, Ui.WRAP));
        row.addView(button(ui, R.drawable.ic_share, R.id.share_button, "Share", view -> { }));
        row.addView(shares, ui.linear(Ui.WRAP, Ui.WRAP));
        return row;
    }

    private static ImageView button(Ui ui, int icon, int id, String label, View.OnClickListener click) {
        ImageView view = ui.icon(icon, 24, 10, Ui.INK);
        view.setLayoutParams(ui.linear(ui.dp(44), ui.dp(44), 8, 0, 0, 0));
        view.setId(id);
        view.setContentDescription(label);
        view.setOnClickListener(click);
        return view;
    }

    void bind(Post post) {
        this.post = post;
        Pictures.show(avatar, post.author().avatar());
        avatar.setContentDescription("Profile picture of " + post.author().name());
        author.setText(post.author().name());
        meta.setText(post.age() + " · " + post.author().town());
        text.setText(post.text());
        photo.setVisibility(post.picture() == null ? View.GONE : View.VISIBLE);
        Pictures.show(photo, post.picture());
        photo.setContentDescription("Photo by " + post.author().name());
        comments.setText(Counts.brief(post.comments()));
        shares.setText(Counts.of(Counts.plain(post.shares()), "shares"));
        Comment top = post.top();
        topComment.setVisibility(top == null ? View.GONE : View.VISIBLE);
        commentAuthor.setText(top == null ? "" : top.author().name());
        commentText.setText(top == null ? "" : top.text());
        all.setText("View all " + Counts.of(Counts.full(post.comments()), "comments"));
        showLikes();
    }

    private void showLikes() {
        boolean liked = feed.isLiked(post.number());
        boolean counted = post.likes() != Counts.UNKNOWN;
        int count = counted ? post.likes() + (liked ? 1 : 0) : Counts.UNKNOWN;
        heart.setImageResource(liked ? R.drawable.ic_heart_full : R.drawable.ic_heart);
        heart.setColorFilter(liked ? Ui.LIKED : Ui.INK);
        heart.setContentDescription(liked ? "Unlike" : "Like button");
        heart.setSelected(liked);
        likes.setText(Counts.of(count < 10_000 ? Counts.full(count) : Counts.brief(count), "likes"));
    }
}
