package org.mindproof.phone;

import java.util.HashMap;
import java.util.Map;

/** The display as the window server described it: pixels, density, bars, and the advance widths of its fonts. */
public final class Screen {
    public static int width = 1080;
    public static int height = 2220;
    public static float density = 2.625f;
    public static int statusBar = 63;
    public static int navigationBar = 126;
    public static long seed = 1;
    private static final Map<String, float[]> ADVANCES = new HashMap<>();

    private Screen() {}

    public static void configure(Map<String, Object> message) {
        width = Json.integer(message.get("width"));
        height = Json.integer(message.get("height"));
        density = Json.integer(message.get("dpi")) / 160f;
        statusBar = Json.integer(message.get("top"));
        navigationBar = Json.integer(message.get("bottom"));
        seed = ((Double) message.get("seed")).longValue();
        Object fonts = message.get("advances");
        if (fonts != null) {
            Json.object(fonts).forEach((name, widths) -> ADVANCES.put(name, floats(widths)));
        }
    }

    /** The width of `text` in ems of the font `name`. */
    public static float ems(String name, String text, int start, int end) {
        float[] widths = ADVANCES.get(name);
        float sum = 0;
        for (int i = start; i < end; i++) {
            int c = text.charAt(i) - ' ';
            sum += widths != null && c >= 0 && c < widths.length ? widths[c] : 0.56f;
        }
        return sum;
    }

    private static float[] floats(Object value) {
        java.util.List<Object> list = Json.array(value);
        float[] out = new float[list.size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = ((Double) list.get(i)).floatValue();
        }
        return out;
    }
}
