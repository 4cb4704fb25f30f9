package android.text;

/** Text that can change. */
public interface Editable extends CharSequence {
    Editable append(CharSequence arg1);

    Editable delete(int arg1, int arg2);

    Editable insert(int arg1, CharSequence arg2);

    Editable replace(int arg1, int arg2, CharSequence arg3);

    void clear();
}
