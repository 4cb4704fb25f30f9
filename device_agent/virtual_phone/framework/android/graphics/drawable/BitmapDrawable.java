package android.graphics.drawable;

import android.content.res.Resources;
import android.graphics.Bitmap;
import android.graphics.Canvas;
import android.graphics.RectF;
import java.util.Map;
import org.mindproof.phone.Inside;

/** A bitmap as a drawable. */
public class BitmapDrawable extends Drawable {
    private final Bitmap bitmap;

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

    @Override
    public void setAlpha(int alpha) {}

    @Override
    public void draw(Canvas canvas) {
        canvas.drawBitmap(bitmap, null, new RectF(0, 0, bitmap.getWidth(), bitmap.getHeight()), null);
    }

    @Override
    protected Object describe() {
        return Map.of("picture", Inside.bitmap.apply(bitmap), "w", bitmap.getWidth(), "h", bitmap.getHeight());
    }
}
