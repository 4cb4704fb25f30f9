package android.app;

import android.content.Context;
import android.graphics.drawable.GradientDrawable;
import android.view.Gravity;
import android.view.KeyEvent;
import android.view.MotionEvent;
import android.view.View;
import android.view.ViewGroup;
import android.view.Window;
import android.view.WindowManager;
import org.mindproof.phone.PhoneWindow;
import org.mindproof.phone.Screen;

/** A small window over an activity that takes all input until it goes. */
public class Dialog implements Window.Callback {
    private static final float DIM = 0.6f;
    private final Context context;
    private final PhoneWindow window;
    private boolean cancelable = true;
    private boolean showing;

    public Dialog(Context context) {
        this.context = context;
        window = PhoneWindow.floating(context);
        window.setCallback(this);
        GradientDrawable card = new GradientDrawable();
        card.setColor(0xFFFFFFFF);
        card.setCornerRadius(24 * Screen.density);
        window.getDecorView().setBackground(card);
        WindowManager.LayoutParams place = window.getAttributes();
        place.type = WindowManager.LayoutParams.TYPE_APPLICATION;
        place.flags |= WindowManager.LayoutParams.FLAG_DIM_BEHIND;
        place.dimAmount = DIM;
        place.width = ViewGroup.LayoutParams.WRAP_CONTENT;
        place.height = ViewGroup.LayoutParams.WRAP_CONTENT;
        place.gravity = Gravity.CENTER;
    }

    public final Context getContext() {
        return context;
    }

    public Window getWindow() {
        return window;
    }

    public void setContentView(View view) {
        window.setContentView(view);
    }

    public void setCancelable(boolean flag) {
        cancelable = flag;
    }

    public boolean isShowing() {
        return showing;
    }

    public void show() {
        if (!showing) {
            showing = true;
            window.getWindowManager().addView(window.getDecorView(), window.getAttributes());
        }
    }

    public void dismiss() {
        if (showing) {
            showing = false;
            window.getWindowManager().removeViewImmediate(window.getDecorView());
        }
    }

    public void cancel() {
        dismiss();
    }

    public void onBackPressed() {
        if (cancelable) {
            cancel();
        }
    }

    /** A touch beside the dialog cancels it. */
    public boolean onTouchEvent(MotionEvent event) {
        View decor = window.getDecorView();
        boolean beside = event.getX() < 0 || event.getY() < 0 || event.getX() >= decor.getWidth()
                || event.getY() >= decor.getHeight();
        if (cancelable && beside && event.getActionMasked() == MotionEvent.ACTION_UP) {
            cancel();
        }
        return true;
    }

    @Override
    public boolean dispatchTouchEvent(MotionEvent ev) {
        return window.superDispatchTouchEvent(ev) || onTouchEvent(ev);
    }

    @Override
    public boolean dispatchKeyEvent(KeyEvent event) {
        if (event.getAction() == KeyEvent.ACTION_UP && event.getKeyCode() == KeyEvent.KEYCODE_BACK) {
            onBackPressed();
        }
        return true;
    }
}
