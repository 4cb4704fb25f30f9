package android.graphics.drawable;

import android.content.res.Resources;
import android.graphics.Bitmap;
import android.graphics.Canvas;
import android.graphics.RectF;
import android.view.Gravity;
import java.util.Map;
import org.mindproof.phone.Inside;

/** A bitmap as a drawable. */
public class BitmapDrawable extends Drawable {
    private final Bitmap bitmap;
    private int gravity = Gravity.FILL;
    private boolean filter = true;

    public BitmapDrawable(Resources res, Bitmap bitmap) {
        this.bitmap = bitmap;
    }

    public final Bitmap getBitmap() {
        return bitmap;
    }

    @Override
    public int getIntrinsicWidth() {
        return bitmap.getWidth();
    }

    @Override
    public int getIntrinsicHeight() {
        return bitmap.getHeight();
    }

    public int getGravity() {
        return gravity;
    }

    /** Where the bitmap lies in its bounds; FILL stretches it. */
    public void setGravity(int gravity) {
        this.gravity = gravity;
    }

    /** Whether a stretched bitmap is smooth. */
    @Override
    public void setFilterBitmap(boolean filter) {
        this.filter = filter;
    }

    @Override
    public void setAlpha(int alpha) {}

    @Override
    public void draw(Canvas canvas) {
        canvas.drawBitmap(bitmap, null, new RectF(0, 0, bitmap.getWidth(), bitmap.getHeight()), null);
    }

    @Override
    protected Object describe() {
        return Map.of("picture", Inside.bitmap.apply(bitmap), "w", bitmap.getWidth(), "h", bitmap.getHeight(), "gravity",
                gravity, "filter", filter);
    }
}
