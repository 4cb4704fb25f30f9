package org.mindproof.phone;

import android.content.Context;
import android.view.KeyEvent;
import android.view.MotionEvent;
import android.view.View;
import android.view.ViewGroup;
import android.view.Window;
import android.widget.FrameLayout;

/** The window of an activity: a decor that keeps clear of the system bars, and the content in it. */
public final class PhoneWindow extends Window {
    private final Decor decor;
    private final FrameLayout content;

    public PhoneWindow(Context context) {
        super(context);
        decor = new Decor(context);
        content = new FrameLayout(context);
        content.setId(android.R.id.content);
        decor.addView(content, ViewGroup.LayoutParams.MATCH_PARENT, ViewGroup.LayoutParams.MATCH_PARENT);
        setStatusBarColor(0xFFFFFFFF);
        fitSystemBars();
    }

    /** A window as large as its content, which no bar reaches. */
    public static PhoneWindow floating(Context context) {
        PhoneWindow window = new PhoneWindow(context);
        window.decor.setPadding(0, 0, 0, 0);
        window.content.setLayoutParams(new FrameLayout.LayoutParams(ViewGroup.LayoutParams.WRAP_CONTENT,
                ViewGroup.LayoutParams.WRAP_CONTENT));
        return window;
    }

    /** Leaves room for the bars as they are now. */
    public void fitSystemBars() {
        decor.setPadding(0, Screen.statusBar, 0, Screen.navigationBar);
    }

    @Override
    public View getDecorView() {
        return decor;
    }

    @Override
    public void setContentView(View view) {
        content.removeAllViews();
        content.addView(view, ViewGroup.LayoutParams.MATCH_PARENT, ViewGroup.LayoutParams.MATCH_PARENT);
    }

    @Override
    public void addContentView(View view, ViewGroup.LayoutParams params) {
        content.addView(view, params);
    }

    @Override
    public void setStatusBarColor(int color) {
        decor.setBackgroundColor(color);
    }

    @Override
    public boolean superDispatchTouchEvent(MotionEvent event) {
        return decor.superDispatchTouchEvent(event);
    }

    @Override
    public boolean superDispatchKeyEvent(KeyEvent event) {
        return false;
    }

    private final class Decor extends FrameLayout {
        Decor(Context context) {
            super(context);
        }

        @Override
        public boolean dispatchTouchEvent(MotionEvent ev) {
            Callback callback = getCallback();
            return callback == null ? superDispatchTouchEvent(ev) : callback.dispatchTouchEvent(ev);
        }

        @Override
        public boolean dispatchKeyEvent(KeyEvent event) {
            Callback callback = getCallback();
            return callback != null && callback.dispatchKeyEvent(event);
        }

        boolean superDispatchTouchEvent(MotionEvent event) {
            return super.dispatchTouchEvent(event);
        }
    }
}
