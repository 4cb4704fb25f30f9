package android.widget;

import android.content.Context;
import android.graphics.Typeface;
import android.text.Editable;
import android.text.TextUtils;
import android.text.TextWatcher;
import android.util.TypedValue;
import android.view.View;
import java.util.ArrayList;
import java.util.List;
import org.mindproof.phone.Inside;
import org.mindproof.phone.Screen;

/** Shows text. */
public class TextView extends View {
    private static final int PASSWORD = 0x80;
    private final List<TextWatcher> watchers = new ArrayList<>();
    private CharSequence text = "";
    private CharSequence hint;
    private float textSize;
    private int textColor = 0xFF1F1F1F;
    private int hintColor = 0xFF8A8D91;
    private int gravity;
    private int inputType;
    private int maxLines = Integer.MAX_VALUE;
    private Typeface typeface = Typeface.DEFAULT;

    public TextView(Context context) {
        super(context);
        setTextSize(14);
    }

    @Override
    protected String kind() {
        return "text";
    }

    @Override
    public CharSequence getAccessibilityClassName() {
        return TextView.class.getName();
    }

    public final void setText(CharSequence text) {
        setText(text, BufferType.NORMAL);
    }

    public void setText(CharSequence text, BufferType type) {
        CharSequence next = text == null ? "" : text;
        CharSequence before = this.text;
        watchers.forEach(w -> w.beforeTextChanged(before, 0, before.length(), next.length()));
        this.text = next;
        tell("text", next.toString());
        requestLayout();
        watchers.forEach(w -> w.onTextChanged(next, 0, before.length(), next.length()));
        watchers.forEach(w -> w.afterTextChanged(next instanceof Editable editable ? editable : null));
    }

    public final void setText(int resid) {
        setText(getResources().getString(resid));
    }

    public CharSequence getText() {
        return text;
    }

    public int length() {
        return text.length();
    }

    public final void setText(char[] text, int start, int len) {
        setText(new String(text, start, len));
    }

    public final void append(CharSequence text) {
        append(text, 0, text.length());
    }

    public void append(CharSequence text, int start, int end) {
        setText(this.text.toString() + text.subSequence(start, end));
    }

    public final void setHint(CharSequence hint) {
        this.hint = hint;
        tell("hint", hint == null ? "" : hint.toString());
        requestLayout();
    }

    public CharSequence getHint() {
        return hint;
    }

    public void addTextChangedListener(TextWatcher watcher) {
        watchers.add(watcher);
    }

    public void removeTextChangedListener(TextWatcher watcher) {
        watchers.remove(watcher);
    }

    public void setTextColor(int color) {
        textColor = color;
        tell("color", color);
    }

    public final int getCurrentTextColor() {
        return textColor;
    }

    public final void setHintTextColor(int color) {
        hintColor = color;
        tell("hintColor", color);
    }

    public final int getCurrentHintTextColor() {
        return hintColor;
    }

    public void setTextSize(float size) {
        setTextSize(TypedValue.COMPLEX_UNIT_SP, size);
    }

    public void setTextSize(int unit, float size) {
        textSize = unit == TypedValue.COMPLEX_UNIT_PX ? size : size * Screen.density;
        tell("size", textSize);
        requestLayout();
    }

    public float getTextSize() {
        return textSize;
    }

    public void setTypeface(Typeface tf) {
        typeface = tf == null ? Typeface.DEFAULT : tf;
        tell("font", Inside.typeface.apply(typeface));
        requestLayout();
    }

    public Typeface getTypeface() {
        return typeface;
    }

    public void setGravity(int gravity) {
        this.gravity = gravity;
        tell("gravity", gravity);
    }

    public int getGravity() {
        return gravity;
    }

    public void setInputType(int type) {
        inputType = type;
        tell("password", (type & PASSWORD) != 0);
    }

    public int getInputType() {
        return inputType;
    }

    /** Asks for capitals; only `false`, which is how it is, has an effect here. */
    public void setAllCaps(boolean allCaps) {}

    public void setMaxLines(int maxLines) {
        this.maxLines = maxLines;
        tell("maxLines", maxLines);
        requestLayout();
    }

    public int getMaxLines() {
        return maxLines;
    }

    public void setSingleLine() {
        setMaxLines(1);
    }

    public void setEllipsize(TextUtils.TruncateAt where) {
        tell("ellipsize", where == TextUtils.TruncateAt.END);
        requestLayout();
    }

    public void setLineSpacing(float add, float mult) {
        tell("spacing", new Object[] {add, mult});
        requestLayout();
    }

    public void setShadowLayer(float radius, float dx, float dy, int color) {
        tell("shadow", new Object[] {dx, dy, color});
    }

    /** How the text is kept. */
    public enum BufferType {
        NORMAL,
        SPANNABLE,
        EDITABLE
    }
}
