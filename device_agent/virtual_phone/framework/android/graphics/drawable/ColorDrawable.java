package android.graphics.drawable;

import android.graphics.Canvas;
import java.util.Map;

/** One colour. */
public class ColorDrawable extends Drawable {
    private int color;

    public ColorDrawable() {}

    public ColorDrawable(int color) {
        this.color = color;
    }

    public int getColor() {
        return color;
    }

    public void setColor(int color) {
        this.color = color;
    }

    @Override
    public void setAlpha(int alpha) {
        color = (color & 0xFFFFFF) | (alpha << 24);
    }

    @Override
    public void draw(Canvas canvas) {
        canvas.drawColor(color);
    }

    @Override
    protected Object describe() {
        return Map.of("fill", color);
    }
}
