package android.text;

/** What a text field holds. */
public interface InputType {
    int TYPE_CLASS_TEXT = 1;
    int TYPE_TEXT_VARIATION_PASSWORD = 128;
    int TYPE_TEXT_FLAG_MULTI_LINE = 131072;
}
