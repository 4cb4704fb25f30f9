package android.view;

/** What holds a view. */
public interface ViewParent {
    ViewParent getParent();

    void requestLayout();

    void requestDisallowInterceptTouchEvent(boolean arg1);
}
