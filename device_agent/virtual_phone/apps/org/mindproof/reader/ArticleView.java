package org.mindproof.reader;

import android.content.Context;
import android.graphics.Canvas;
import android.graphics.Paint;
import android.graphics.RectF;
import android.graphics.Typeface;
import android.view.MotionEvent;
import android.view.View;
import java.util.ArrayList;
import java.util.List;
import org.mindproof.content.Article;
import org.mindproof.content.Comment;
import org.mindproof.content.Counts;
import org.mindproof.design.Ui;
import org.mindproof.phone.Drag;
import org.mindproof.phone.Fling;

/**
 * Articles one after another, all drawn by hand: to the UI tree this is one view without a word.
 *
 * <p>Only the articles near the screen are drawn; which they are changes as the reader moves on, without end.
 */
final class ArticleView extends View {
    private static final int COMMENTS = 9;
    private static final int AHEAD = 4;
    private final Drag drag;
    private final Ui ui;
    private final Paint paint = new Paint(Paint.ANTI_ALIAS_FLAG);
    /** Where each article begins, as far as anybody has read; the last entry is where the next one will. */
    private final List<Float> starts = new ArrayList<>();
    private int first;
    private int last = -1;
    private int laidOutFor;
    private float y;
    private Fling fling;

    ArticleView(Context context) {
        super(context);
        ui = new Ui(context);
        drag = new Drag(context, true);
        setScrollContainer(true);
        setBackgroundColor(0xFFFFFFFF);
    }

    @Override
    protected void onDraw(Canvas canvas) {
        if (getWidth() == 0) {
            return;
        }
        if (getWidth() != laidOutFor) {
            laidOutFor = getWidth();
            starts.clear();
            starts.add((float) ui.dp(18));
        }
        first = Math.min(first, starts.size() - 1);
        y = starts.get(first);
        for (last = first; y < mScrollY + AHEAD * getHeight(); last++) {
            draw(canvas, Article.of(last));
            if (starts.size() == last + 1) {
                starts.add(y);
            }
        }
    }

    /** Draws anew when the articles that were drawn no longer reach far enough around the screen. */
    private void follow() {
        int wanted = 0;
        while (wanted + 1 < starts.size() && starts.get(wanted + 1) < mScrollY - getHeight()) {
            wanted++;
        }
        if (wanted != first || starts.get(last) < mScrollY + 2 * getHeight()) {
            first = wanted;
            invalidate();
        }
    }

    private void draw(Canvas canvas, Article article) {
        line(canvas, article.section().toUpperCase(java.util.Locale.ROOT), 12.5f, 0xFFBF3B2B, Ui.MEDIUM, 0);
        y += ui.dp(10);
        paragraph(canvas, article.title(), 29, Ui.INK, Typeface.DEFAULT_BOLD, 0, 1.18f);
        y += ui.dp(12);
        line(canvas, "By " + article.author().name() + "  ·  " + article.minutes() + " min read", 13.5f, Ui.QUIET, null, 0);
        y += ui.dp(16);
        float height = ui.dp(210);
        canvas.drawBitmap(Ui.load(article.picture()), null, new RectF(0, y, getWidth(), y + height), paint);
        y += height + ui.dp(20);
        for (String text : article.paragraphs()) {
            paragraph(canvas, text, 18, 0xFF26282C, null, 0, 1.42f);
            y += ui.dp(16);
        }
        comments(canvas, article);
    }

    private void comments(Canvas canvas, Article article) {
        y += ui.dp(8);
        rule(canvas);
        y += ui.dp(18);
        line(canvas, "Comments (" + COMMENTS + ")", 20, Ui.INK, Ui.MEDIUM, 0);
        y += ui.dp(14);
        for (int i = 0; i < COMMENTS; i++) {
            Comment comment = article.comment(i);
            float size = ui.dp(36);
            float left = ui.dp(20);
            canvas.drawBitmap(Ui.load(comment.author().avatar()), null, new RectF(left, y, left + size, y + size), paint);
            line(canvas, comment.author().name() + "  ·  " + comment.age(), 13.5f, Ui.QUIET, Ui.MEDIUM, ui.dp(48));
            y += ui.dp(4);
            paragraph(canvas, comment.text(), 16, Ui.INK, null, ui.dp(48), 1.3f);
            y += ui.dp(5);
            line(canvas, Counts.full(comment.likes()) + " likes", 12.5f, Ui.QUIET, null, ui.dp(48));
            y += ui.dp(18);
        }
        rule(canvas);
        y += ui.dp(26);
    }

    private void rule(Canvas canvas) {
        paint.setColor(Ui.LINE);
        canvas.drawRect(ui.dp(20), y, getWidth() - ui.dp(20), y + ui.dp(1), paint);
    }

    private void style(float sp, int color, Typeface face) {
        paint.setTextSize(ui.dp(sp));
        paint.setColor(color);
        paint.setTypeface(face);
    }

    private void line(Canvas canvas, String text, float sp, int color, Typeface face, int indent) {
        style(sp, color, face);
        canvas.drawText(text, ui.dp(20) + indent, y - paint.ascent(), paint);
        y += paint.descent() - paint.ascent();
    }

    private void paragraph(Canvas canvas, String text, float sp, int color, Typeface face, int indent, float spacing) {
        style(sp, color, face);
        float step = (paint.descent() - paint.ascent()) * spacing;
        for (String line : lines(text, getWidth() - ui.dp(40) - indent)) {
            canvas.drawText(line, ui.dp(20) + indent, y - paint.ascent(), paint);
            y += step;
        }
    }

    private List<String> lines(String text, int room) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        float used = 0;
        float space = paint.measureText(" ");
        for (String word : text.split(" ")) {
            float width = paint.measureText(word);
            if (line.length() > 0 && used + space + width > room) {
                lines.add(line.toString());
                line.setLength(0);
                used = 0;
            }
            used += width + (line.length() > 0 ? space : 0);
            line.append(line.length() > 0 ? " " : "").append(word);
        }
        lines.add(line.toString());
        return lines;
    }

    private boolean scrollTowards(int dy) {
        int wanted = Math.max(0, mScrollY + dy);
        scrollTo(0, wanted);
        follow();
        return wanted == mScrollY && mScrollY > 0 || dy > 0;
    }

    @Override
    public boolean onTouchEvent(MotionEvent event) {
        switch (event.getActionMasked()) {
            case MotionEvent.ACTION_DOWN:
                drag.down(event, stopFling());
                break;
            case MotionEvent.ACTION_MOVE:
                scrollTowards(-drag.move(event));
                break;
            case MotionEvent.ACTION_UP:
                float velocity = drag.up(event);
                if (velocity != 0) {
                    fling = Fling.decay(-velocity, this::scrollTowards, () -> fling = null);
                }
                break;
            default:
                drag.cancel();
                break;
        }
        return true;
    }

    private boolean stopFling() {
        boolean moving = fling != null;
        if (moving) {
            fling.stop();
            fling = null;
        }
        return moving;
    }
}
