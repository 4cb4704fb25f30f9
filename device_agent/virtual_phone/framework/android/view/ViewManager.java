package android.view;

/** Adds and removes views. */
public interface ViewManager {
    void addView(View arg1, ViewGroup.LayoutParams arg2);

    void updateViewLayout(View arg1, ViewGroup.LayoutParams arg2);

    void removeView(View arg1);
}
