package org.mindproof.shorts;

import android.content.Context;
import android.graphics.drawable.GradientDrawable;
import android.view.Gravity;
import android.view.View;
import android.widget.FrameLayout;
import android.widget.ImageView;
import android.widget.LinearLayout;
import android.widget.TextView;
import java.util.Set;
import org.mindproof.content.Counts;
import org.mindproof.design.Pictures;
import org.mindproof.design.Ui;

/** One video with what lies over it. */
final class Page {
    final FrameLayout root;
    private final Set<Integer> liked;
    private final ImageView clip;
    private final ImageView avatar;
    private final ImageView heart;
    private final TextView author;
    private final TextView caption;
    private final TextView sound;
    private final TextView likes;
    private final TextView comments;
    private final TextView shares;
    private Video video;
    private boolean playing;

    Page(Context context, Set<Integer> liked) {
        this.liked = liked;
        Ui ui = new Ui(context);
        root = ui.frame();
        root.setId(R.id.page);
        root.setBackgroundColor(0xFF000000);
        clip = new ImageView(context);
        clip.setId(R.id.clip);
        clip.setContentDescription("Video");
        clip.setScaleType(ImageView.ScaleType.CENTER_CROP);
        root.addView(clip, Ui.MATCH, Ui.MATCH);
        root.setOnClickListener(view -> playing = true);
        View shade = new View(context);
        shade.setBackground(new GradientDrawable(GradientDrawable.Orientation.TOP_BOTTOM, new int[] {0, 0xB0000000}));
        root.addView(shade, new FrameLayout.LayoutParams(Ui.MATCH, ui.dp(210), Gravity.BOTTOM));
        avatar = ui.picture(-1);
        heart = ui.icon(R.drawable.ic_heart_full, 32, 8, 0xFFFFFFFF);
        author = text(ui, 16, Ui.MEDIUM, R.id.author);
        caption = text(ui, 15, null, R.id.caption);
        caption.setMaxLines(3);
        sound = text(ui, 13, null, R.id.sound);
        likes = text(ui, 13, Ui.MEDIUM, R.id.like_count);
        comments = text(ui, 13, Ui.MEDIUM, R.id.comment_count);
        shares = text(ui, 13, Ui.MEDIUM, R.id.share_count);
        root.addView(words(ui), new FrameLayout.LayoutParams(Ui.MATCH, Ui.WRAP, Gravity.BOTTOM));
        root.addView(column(ui), new FrameLayout.LayoutParams(ui.dp(76), Ui.WRAP, Gravity.BOTTOM | Gravity.RIGHT));
    }

    private static TextView text(Ui ui, float sp, android.graphics.Typeface face, int id) {
        TextView view = ui.text("", sp, 0xFFFFFFFF, face);
        view.setId(id);
        return view;
    }

    private View words(Ui ui) {
        LinearLayout words = ui.column();
        ui.pad(words, 16, 0, 84, 18);
        words.addView(author);
        words.addView(caption, ui.linear(Ui.MATCH, Ui.WRAP, 0, 6, 0, 10));
        LinearLayout music = ui.row();
        music.addView(ui.icon(R.drawable.ic_music, 16, 0, 0xFFFFFFFF));
        music.addView(sound, ui.linear(Ui.WRAP, Ui.WRAP, 6, 0, 0, 0));
        words.addView(music);
        return words;
    }

    private View column(Ui ui) {
        LinearLayout column = ui.column();
        column.setGravity(Gravity.CENTER_HORIZONTAL);
        ui.pad(column, 0, 0, 0, 22);
        avatar.setId(R.id.avatar);
        column.addView(avatar, ui.linear(ui.dp(48), ui.dp(48), 0, 0, 0, 16));
        heart.setId(R.id.like_button);
        heart.setOnClickListener(view -> {
            if (!liked.remove(video.number())) {
                liked.add(video.number());
            }
            showLikes();
        });
        column.addView(heart);
        column.addView(likes, ui.linear(Ui.WRAP, Ui.WRAP, 0, 0, 0, 10));
        column.addView(button(ui, R.drawable.ic_comment, R.id.comment_button, "Comments"));
        column.addView(comments, ui.linear(Ui.WRAP, Ui.WRAP, 0, 0, 0, 10));
        column.addView(button(ui, R.drawable.ic_share, R.id.share_button, "Share"));
        column.addView(shares, ui.linear(Ui.WRAP, Ui.WRAP));
        return column;
    }

    private static ImageView button(Ui ui, int icon, int id, String label) {
        ImageView view = ui.icon(icon, 32, 8, 0xFFFFFFFF);
        view.setId(id);
        view.setContentDescription(label);
        view.setClickable(true);
        return view;
    }

    void bind(Video video) {
        this.video = video;
        playing = video.playsAlone();
        root.setClickable(!playing);
        Pictures.show(avatar, video.author().avatar());
        author.setText(video.author().handle());
        caption.setText(video.caption());
        sound.setText("Original sound · " + video.author().name());
        comments.setText(Counts.brief(video.comments()));
        shares.setText(Counts.brief(video.shares()));
        showLikes();
        show(0);
        Playlists.fetch(video, () -> {
            if (this.video == video) {
                show(0);
            }
        });
    }

    private void showLikes() {
        boolean on = liked.contains(video.number());
        heart.setColorFilter(on ? Ui.LIKED : 0xFFFFFFFF);
        heart.setSelected(on);
        heart.setContentDescription(on ? "Unlike" : "Like button");
        likes.setText(video.likes(on));
    }

    /** Shows one frame of the video; none while its playlist is not there. */
    void show(int frame) {
        String name = Playlists.clip(video);
        clip.setImageBitmap(name == null ? null : Ui.load(name + "/" + frame));
    }

    /** Whether it plays: by itself, or because somebody touched it. */
    boolean isPlaying() {
        return playing && Playlists.clip(video) != null;
    }
}
