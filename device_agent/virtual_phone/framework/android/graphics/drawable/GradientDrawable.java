package android.graphics.drawable;

import android.graphics.Canvas;
import android.graphics.Paint;
import java.util.HashMap;
import java.util.Map;

/** A rectangle or oval with a colour or a gradient, rounded corners and a border. */
public class GradientDrawable extends Drawable {
    public static final int RECTANGLE = 0;
    public static final int OVAL = 1;
    private final Orientation orientation;
    private int[] colors;
    private int shape = RECTANGLE;
    private float radius;
    private int strokeWidth;
    private int strokeColor;

    public GradientDrawable() {
        this(Orientation.TOP_BOTTOM, new int[] {0});
    }

    public GradientDrawable(Orientation orientation, int[] colors) {
        this.orientation = orientation;
        this.colors = colors.clone();
    }

    public void setColor(int argb) {
        colors = new int[] {argb};
    }

    public void setShape(int shape) {
        this.shape = shape;
    }

    public int getShape() {
        return shape;
    }

    public void setCornerRadius(float radius) {
        this.radius = radius;
    }

    public float getCornerRadius() {
        return radius;
    }

    public void setStroke(int width, int color) {
        strokeWidth = width;
        strokeColor = color;
    }

    @Override
    public void setAlpha(int alpha) {
        for (int i = 0; i < colors.length; i++) {
            colors[i] = (colors[i] & 0xFFFFFF) | (alpha << 24);
        }
    }

    @Override
    public void draw(Canvas canvas) {
        Paint paint = new Paint();
        paint.setColor(colors[0]);
        canvas.drawRoundRect(getBounds().left, getBounds().top, getBounds().right, getBounds().bottom, radius, radius,
                paint);
    }

    @Override
    protected Object describe() {
        Map<String, Object> map = new HashMap<>();
        map.put("fill", colors[0]);
        if (colors.length > 1) {
            map.put("to", colors[colors.length - 1]);
            map.put("direction", orientation.name());
        }
        map.put("radius", shape == OVAL ? -1 : radius);
        if (strokeWidth > 0) {
            map.put("stroke", strokeWidth);
            map.put("strokeColor", strokeColor);
        }
        return map;
    }

    /** The way a gradient runs. */
    public enum Orientation {
        TOP_BOTTOM,
        LEFT_RIGHT,
        TL_BR
    }
}
