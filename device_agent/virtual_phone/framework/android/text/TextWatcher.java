package android.text;

/** Hears of changes to a text. */
public interface TextWatcher {
    void beforeTextChanged(CharSequence arg1, int arg2, int arg3, int arg4);

    void onTextChanged(CharSequence arg1, int arg2, int arg3, int arg4);

    void afterTextChanged(Editable arg1);
}
