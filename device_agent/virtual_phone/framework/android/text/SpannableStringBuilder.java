package android.text;

/** Text that can change; spans are not kept. */
public class SpannableStringBuilder implements CharSequence, Editable {
    private final StringBuilder text;

    public SpannableStringBuilder() {
        this("");
    }

    public SpannableStringBuilder(CharSequence text) {
        this.text = new StringBuilder(text);
    }

    @Override
    public SpannableStringBuilder append(CharSequence text) {
        this.text.append(text);
        return this;
    }

    @Override
    public SpannableStringBuilder delete(int start, int end) {
        text.delete(start, end);
        return this;
    }

    @Override
    public SpannableStringBuilder insert(int where, CharSequence tb) {
        text.insert(where, tb);
        return this;
    }

    @Override
    public SpannableStringBuilder replace(int start, int end, CharSequence tb) {
        text.replace(start, end, tb.toString());
        return this;
    }

    @Override
    public void clear() {
        text.setLength(0);
    }

    @Override
    public int length() {
        return text.length();
    }

    @Override
    public char charAt(int where) {
        return text.charAt(where);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return text.subSequence(start, end);
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
