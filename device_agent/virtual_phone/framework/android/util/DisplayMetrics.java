package android.util;

/** Size and density of the display. */
public class DisplayMetrics {
    public int widthPixels;
    public int heightPixels;
    public float density;
    public int densityDpi;
    public float scaledDensity;

    public DisplayMetrics() {}
}
