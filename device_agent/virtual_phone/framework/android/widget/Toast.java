package android.widget;

import android.content.Context;
import android.graphics.drawable.GradientDrawable;
import android.os.Handler;
import android.os.Looper;
import android.view.Gravity;
import android.view.ViewGroup;
import android.view.WindowManager;
import org.mindproof.phone.Screen;

/** A few words above everything, for a few seconds. */
public class Toast {
    public static final int LENGTH_SHORT = 0;
    public static final int LENGTH_LONG = 1;
    private static final int[] DURATIONS_MS = {2000, 3500};
    private static final Handler HANDLER = new Handler(Looper.getMainLooper());
    private static final int TRANSLUCENT = -3;
    private static Toast shown;

    private final Context context;
    private CharSequence text = "";
    private int duration;
    private TextView view;

    public Toast(Context context) {
        this.context = context;
    }

    public static Toast makeText(Context context, CharSequence text, int duration) {
        Toast toast = new Toast(context);
        toast.text = text;
        toast.duration = duration;
        return toast;
    }

    public void setText(CharSequence s) {
        text = s;
    }

    public void setDuration(int duration) {
        this.duration = duration;
    }

    public int getDuration() {
        return duration;
    }

    public void show() {
        if (shown != null) {
            shown.cancel();
        }
        shown = this;
        view = new TextView(context);
        view.setText(text);
        view.setTextColor(0xFFF2F2F2);
        int side = Math.round(24 * Screen.density);
        int edge = Math.round(14 * Screen.density);
        view.setPadding(side, edge, side, edge);
        GradientDrawable pill = new GradientDrawable();
        pill.setColor(0xF0303134);
        pill.setCornerRadius(24 * Screen.density);
        view.setBackground(pill);
        manager().addView(view, place());
        HANDLER.postDelayed(this::cancel, DURATIONS_MS[duration]);
    }

    private static WindowManager.LayoutParams place() {
        WindowManager.LayoutParams place = new WindowManager.LayoutParams(ViewGroup.LayoutParams.WRAP_CONTENT,
                ViewGroup.LayoutParams.WRAP_CONTENT, WindowManager.LayoutParams.TYPE_TOAST,
                WindowManager.LayoutParams.FLAG_NOT_FOCUSABLE | WindowManager.LayoutParams.FLAG_NOT_TOUCHABLE, TRANSLUCENT);
        place.gravity = Gravity.BOTTOM | Gravity.CENTER_HORIZONTAL;
        place.y = Screen.navigationBar + Math.round(64 * Screen.density);
        place.setTitle("Toast");
        return place;
    }

    public void cancel() {
        if (view != null) {
            manager().removeView(view);
            view = null;
            shown = shown == this ? null : shown;
        }
    }

    private WindowManager manager() {
        return (WindowManager) context.getSystemService(Context.WINDOW_SERVICE);
    }
}
