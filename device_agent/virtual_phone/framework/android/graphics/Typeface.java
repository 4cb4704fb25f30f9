package android.graphics;

import org.mindproof.phone.Inside;

/** A font: the phone carries Roboto in the weights of Android. */
public class Typeface {
    public static final int NORMAL = 0;
    public static final int BOLD = 1;
    public static final int ITALIC = 2;
    public static final int BOLD_ITALIC = 3;
    public static final Typeface DEFAULT = new Typeface("Roboto-Regular", NORMAL);
    public static final Typeface DEFAULT_BOLD = new Typeface("Roboto-Bold", BOLD);
    public static final Typeface SANS_SERIF = DEFAULT;

    static {
        Inside.typeface = typeface -> ((Typeface) typeface).file;
    }

    private final String file;
    private final int style;

    private Typeface(String file, int style) {
        this.file = file;
        this.style = style;
    }

    public static Typeface create(String familyName, int style) {
        String weight = "Regular";
        if (familyName != null && familyName.startsWith("sans-serif-")) {
            String name = familyName.substring("sans-serif-".length());
            weight = Character.toUpperCase(name.charAt(0)) + name.substring(1);
        }
        if ((style & BOLD) != 0) {
            weight = "Bold";
        }
        if ((style & ITALIC) != 0) {
            weight = weight.equals("Regular") ? "Italic" : weight + "Italic";
        }
        return new Typeface("Roboto-" + weight, style);
    }

    public static Typeface create(Typeface family, int style) {
        return create((String) null, style);
    }

    public static Typeface defaultFromStyle(int style) {
        return create((String) null, style);
    }

    public int getStyle() {
        return style;
    }

    public final boolean isBold() {
        return (style & BOLD) != 0;
    }
}
