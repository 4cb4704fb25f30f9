package android.widget;

import android.content.Context;
import android.text.Editable;
import android.text.SpannableStringBuilder;
import android.view.KeyEvent;

/** Text to type. The caret stays at the end. */
public class EditText extends TextView {
    public EditText(Context context) {
        super(context);
        setText("");
        setClickable(true);
        setLongClickable(true);
        setFocusable(true);
        tell("editable", true);
    }

    @Override
    public CharSequence getAccessibilityClassName() {
        return EditText.class.getName();
    }

    @Override
    public void setText(CharSequence text, BufferType type) {
        super.setText(new SpannableStringBuilder(text == null ? "" : text), BufferType.EDITABLE);
    }

    @Override
    public Editable getText() {
        return (Editable) super.getText();
    }

    @Override
    protected boolean commitText(CharSequence text) {
        setText(getText().toString() + text);
        return true;
    }

    @Override
    public boolean onKeyDown(int keyCode, KeyEvent event) {
        String text = getText().toString();
        switch (keyCode) {
            case KeyEvent.KEYCODE_DEL:
                if (!text.isEmpty()) {
                    setText(text.substring(0, text.offsetByCodePoints(text.length(), -1)));
                }
                return true;
            case KeyEvent.KEYCODE_SPACE:
                return commitText(" ");
            default:
                return super.onKeyDown(keyCode, event);
        }
    }
}
