package android.graphics;

/** Colours as 0xAARRGGBB. */
public class Color {
    public static final int BLACK = 0xFF000000;
    public static final int DKGRAY = 0xFF444444;
    public static final int GRAY = 0xFF888888;
    public static final int LTGRAY = 0xFFCCCCCC;
    public static final int WHITE = 0xFFFFFFFF;
    public static final int RED = 0xFFFF0000;
    public static final int TRANSPARENT = 0;

    public Color() {}

    public static int rgb(int red, int green, int blue) {
        return argb(255, red, green, blue);
    }

    public static int argb(int alpha, int red, int green, int blue) {
        return (alpha << 24) | (red << 16) | (green << 8) | blue;
    }

    public static int alpha(int color) {
        return color >>> 24;
    }

    public static int red(int color) {
        return (color >> 16) & 0xFF;
    }

    public static int green(int color) {
        return (color >> 8) & 0xFF;
    }

    public static int blue(int color) {
        return color & 0xFF;
    }

    public static int parseColor(String colorString) {
        if (!colorString.startsWith("#")) {
            throw new IllegalArgumentException("Unknown color");
        }
        long color = Long.parseLong(colorString.substring(1), 16);
        return (int) (colorString.length() == 7 ? color | 0xFF000000L : color);
    }
}
