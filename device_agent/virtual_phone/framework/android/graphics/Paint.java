package android.graphics;

import org.mindproof.phone.Inside;
import org.mindproof.phone.Screen;

/** How to draw: colour, font, style. */
public class Paint {
    static {
        Inside.filter = paint -> ((Paint) paint).filter == null ? null : ((Paint) paint).filter.describe();
    }

    public static final int ANTI_ALIAS_FLAG = 1;
    private static final float ASCENT = -0.927734375f;
    private static final float DESCENT = 0.244140625f;
    private int color = Color.BLACK;
    private float textSize = 12;
    private float strokeWidth;
    private Style style = Style.FILL;
    private Align align = Align.LEFT;
    private Typeface typeface = Typeface.DEFAULT;
    private int flags;
    private ColorFilter filter;

    public Paint() {}

    public Paint(int flags) {
        this.flags = flags;
    }

    public ColorFilter setColorFilter(ColorFilter filter) {
        this.filter = filter;
        return filter;
    }

    public ColorFilter getColorFilter() {
        return filter;
    }

    public void setAntiAlias(boolean aa) {
        flags = aa ? flags | ANTI_ALIAS_FLAG : flags & ~ANTI_ALIAS_FLAG;
    }

    public final boolean isAntiAlias() {
        return (flags & ANTI_ALIAS_FLAG) != 0;
    }

    public void setColor(int color) {
        this.color = color;
    }

    public int getColor() {
        return color;
    }

    public void setTextSize(float textSize) {
        this.textSize = textSize;
    }

    public float getTextSize() {
        return textSize;
    }

    public Typeface setTypeface(Typeface typeface) {
        this.typeface = typeface == null ? Typeface.DEFAULT : typeface;
        return typeface;
    }

    public Typeface getTypeface() {
        return typeface;
    }

    public void setStyle(Style style) {
        this.style = style;
    }

    public Style getStyle() {
        return style;
    }

    public void setStrokeWidth(float width) {
        strokeWidth = width;
    }

    public float getStrokeWidth() {
        return strokeWidth;
    }

    public void setTextAlign(Align align) {
        this.align = align;
    }

    public Align getTextAlign() {
        return align;
    }

    public float measureText(String text) {
        return measureText(text, 0, text.length());
    }

    public float measureText(String text, int start, int end) {
        return Screen.ems(Inside.typeface.apply(typeface), text, start, end) * textSize;
    }

    public float ascent() {
        return ASCENT * textSize;
    }

    public float descent() {
        return DESCENT * textSize;
    }

    /** Whether shapes are filled. */
    public enum Style {
        FILL,
        STROKE,
        FILL_AND_STROKE
    }

    /** Where a text's origin lies. */
    public enum Align {
        LEFT,
        CENTER,
        RIGHT
    }
}
