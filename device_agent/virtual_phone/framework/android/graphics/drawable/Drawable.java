package android.graphics.drawable;

import android.graphics.Canvas;
import android.graphics.Rect;
import org.mindproof.phone.Inside;

/** Something that can be drawn. */
public abstract class Drawable {
    static {
        Inside.drawable = drawable -> drawable == null ? null : ((Drawable) drawable).describe();
    }

    private final Rect bounds = new Rect();

    public Drawable() {}

    public abstract void draw(Canvas canvas);

    public abstract void setAlpha(int alpha);

    public void setFilterBitmap(boolean filter) {}

    public void setBounds(int left, int top, int right, int bottom) {
        bounds.set(left, top, right, bottom);
    }

    public final Rect getBounds() {
        return bounds;
    }

    public int getIntrinsicWidth() {
        return -1;
    }

    public int getIntrinsicHeight() {
        return -1;
    }

    /** This drawable for the window server: a map of JSON values. */
    protected abstract Object describe();
}
