package android.graphics;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.mindproof.phone.Inside;

/** Records what a view draws; the window server plays it back. */
public class Canvas {
    static {
        Inside.canvas = canvas -> ((Canvas) canvas).operations;
        Inside.drawView = (canvas, number) -> ((Canvas) canvas).record("view", number, ((Canvas) canvas).dx, ((Canvas) canvas).dy);
    }

    private final List<Object> operations = new ArrayList<>();
    private final Deque<float[]> saved = new ArrayDeque<>();
    private float dx;
    private float dy;

    private final Bitmap bitmap;

    public Canvas() {
        bitmap = null;
    }

    /** Draws into the pixels of `bitmap`. */
    public Canvas(Bitmap bitmap) {
        if (!bitmap.isMutable()) {
            throw new IllegalStateException("Immutable bitmap passed to Canvas constructor");
        }
        this.bitmap = bitmap;
    }

    public int save() {
        saved.push(new float[] {dx, dy});
        return saved.size();
    }

    public void restore() {
        float[] origin = saved.pop();
        dx = origin[0];
        dy = origin[1];
    }

    public void translate(float dx, float dy) {
        this.dx += dx;
        this.dy += dy;
    }

    public void drawColor(int color) {
        record("color", color);
    }

    public void drawText(String text, float x, float y, Paint paint) {
        float left = x;
        if (paint.getTextAlign() != Paint.Align.LEFT) {
            float width = paint.measureText(text);
            left -= paint.getTextAlign() == Paint.Align.CENTER ? width / 2 : width;
        }
        record("text", text, left + dx, y + dy, paint.getColor(), paint.getTextSize(),
                Inside.typeface.apply(paint.getTypeface()));
    }

    public void drawText(CharSequence text, int start, int end, float x, float y, Paint paint) {
        drawText(text.subSequence(start, end).toString(), x, y, paint);
    }

    public void drawRect(float left, float top, float right, float bottom, Paint paint) {
        drawRoundRect(left, top, right, bottom, 0, 0, paint);
    }

    public void drawRect(Rect r, Paint paint) {
        drawRect(r.left, r.top, r.right, r.bottom, paint);
    }

    public void drawRoundRect(RectF rect, float rx, float ry, Paint paint) {
        drawRoundRect(rect.left, rect.top, rect.right, rect.bottom, rx, ry, paint);
    }

    public void drawRoundRect(float left, float top, float right, float bottom, float rx, float ry, Paint paint) {
        record("rect", left + dx, top + dy, right + dx, bottom + dy, rx, paint.getColor(), stroke(paint));
    }

    public void drawCircle(float cx, float cy, float radius, Paint paint) {
        drawRoundRect(cx - radius, cy - radius, cx + radius, cy + radius, radius, radius, paint);
    }

    public void drawLine(float startX, float startY, float stopX, float stopY, Paint paint) {
        record("line", startX + dx, startY + dy, stopX + dx, stopY + dy, paint.getColor(),
                Math.max(1, paint.getStrokeWidth()));
    }

    public void drawBitmap(Bitmap bitmap, Rect src, RectF dst, Paint paint) {
        record("picture", Inside.bitmap.apply(bitmap), dst.left + dx, dst.top + dy, dst.right + dx, dst.bottom + dy);
    }

    private static float stroke(Paint paint) {
        return paint.getStyle() == Paint.Style.STROKE ? Math.max(1, paint.getStrokeWidth()) : 0;
    }

    private void record(Object... operation) {
        if (bitmap == null) {
            operations.add(operation);
        } else {
            bitmap.draw(operation);
        }
    }
}
