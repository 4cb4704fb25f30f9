package org.mindproof.reader;

import android.content.Context;
import android.graphics.Bitmap;
import android.graphics.Canvas;
import android.graphics.Paint;
import android.graphics.RectF;
import android.graphics.Typeface;
import android.view.MotionEvent;
import android.view.View;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.mindproof.content.Source;
import org.mindproof.design.Pictures;
import org.mindproof.design.Ui;
import org.mindproof.phone.Drag;
import org.mindproof.phone.Fling;

/**
 * Articles one after another, all drawn by hand: to the UI tree this is one view without a word.
 *
 * <p>Only the articles near the screen are drawn; which they are changes as the reader moves on, without end.
 */
final class ArticleView extends View {
    private static final int AHEAD = 4;
    private final Drag drag;
    private final Ui ui;
    private final Source<Story> stories;
    private final Paint paint = new Paint(Paint.ANTI_ALIAS_FLAG);
    /** Where each article begins, as far as anybody has read; the last entry is where the next one will. */
    private final List<Float> starts = new ArrayList<>();
    private int first;
    private int last = -1;
    private int laidOutFor;
    private float y;
    /** Pictures on their way, and those that could not be fetched: these are asked for again only when the user does. */
    private final Set<String> asked = new HashSet<>();
    private Fling fling;

    ArticleView(Context context, Source<Story> stories) {
        super(context);
        this.stories = stories;
        stories.onChange(this::invalidate);
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
        for (last = first; y < mScrollY + AHEAD * getHeight() && last < stories.size(); last++) {
            draw(canvas, stories.get(last));
            if (starts.size() == last + 1) {
                starts.add(y);
            }
        }
        if (last == stories.size()) {
            stories.load();
            status(canvas);
        }
    }

    /** Says, where the articles end for now, that more are coming or why not. */
    private void status(Canvas canvas) {
        boolean wrong = stories.problem() != null;
        y += ui.dp(20);
        paragraph(canvas, wrong ? stories.problem() : "Loading…", 16, Ui.QUIET, null, 0, 1.3f);
        if (wrong) {
            y += ui.dp(8);
            line(canvas, "Tap to try again", 16, Ui.INK, Ui.MEDIUM, 0);
        }
        y += ui.dp(40);
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

    private void draw(Canvas canvas, Story article) {
        line(canvas, article.section(), 12.5f, 0xFFBF3B2B, Ui.MEDIUM, 0);
        y += ui.dp(10);
        paragraph(canvas, article.title(), 29, Ui.INK, Typeface.DEFAULT_BOLD, 0, 1.18f);
        y += ui.dp(12);
        line(canvas, article.byline(), 13.5f, Ui.QUIET, null, 0);
        y += ui.dp(16);
        float height = ui.dp(210);
        picture(canvas, article.picture(), new RectF(0, y, getWidth(), y + height));
        y += height + ui.dp(20);
        for (String text : article.paragraphs()) {
            paragraph(canvas, text, 18, 0xFF26282C, null, 0, 1.42f);
            y += ui.dp(16);
        }
        comments(canvas, article);
    }

    private void comments(Canvas canvas, Story article) {
        y += ui.dp(8);
        rule(canvas);
        y += ui.dp(18);
        line(canvas, article.commentsTitle(), 20, Ui.INK, Ui.MEDIUM, 0);
        y += ui.dp(14);
        for (Story.Note comment : article.comments()) {
            float size = ui.dp(36);
            float left = ui.dp(20);
            picture(canvas, comment.avatar(), new RectF(left, y, left + size, y + size));
            line(canvas, comment.head(), 13.5f, Ui.QUIET, Ui.MEDIUM, ui.dp(48));
            y += ui.dp(4);
            paragraph(canvas, comment.text(), 16, Ui.INK, null, ui.dp(48), 1.3f);
            y += ui.dp(5);
            line(canvas, comment.likes(), 12.5f, Ui.QUIET, null, ui.dp(48));
            y += ui.dp(18);
        }
        rule(canvas);
        y += ui.dp(26);
    }

    /** Draws a picture, or its place until it is there. */
    private void picture(Canvas canvas, String name, RectF place) {
        Bitmap bitmap = Pictures.now(name);
        if (bitmap != null) {
            canvas.drawBitmap(bitmap, null, place, paint);
            return;
        }
        paint.setColor(0xFFE4E6EA);
        canvas.drawRect(place.left, place.top, place.right, place.bottom, paint);
        if (name != null && asked.add(name)) {
            Pictures.await(name, () -> {
                if (Pictures.now(name) != null) {
                    asked.remove(name);
                }
                invalidate();
            });
        }
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
        int wanted = Math.max(0, Math.min(mScrollY + dy, end()));
        scrollTo(0, wanted);
        follow();
        return wanted == mScrollY && mScrollY > 0 || dy > 0;
    }

    /** How far one can scroll: without end, except where the next article is not there yet. */
    private int end() {
        return last == stories.size() ? Math.max(0, Math.round(y) - getHeight()) : Integer.MAX_VALUE;
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
                boolean tapped = !drag.isDragging();
                if (tapped && stories.problem() != null) {
                    asked.clear();
                    stories.retry();
                }
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
