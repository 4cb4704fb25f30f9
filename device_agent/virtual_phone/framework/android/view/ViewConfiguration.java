package android.view;

import android.content.Context;

/** The numbers that tell a tap from a drag. */
public class ViewConfiguration {
    private final float density;

    private ViewConfiguration(float density) {
        this.density = density;
    }

    public static ViewConfiguration get(Context context) {
        return new ViewConfiguration(context.getResources().getDisplayMetrics().density);
    }

    public static int getLongPressTimeout() {
        return 400;
    }

    public int getScaledTouchSlop() {
        return Math.round(8 * density);
    }

    public int getScaledMinimumFlingVelocity() {
        return Math.round(50 * density);
    }

    public int getScaledMaximumFlingVelocity() {
        return Math.round(8000 * density);
    }
}
