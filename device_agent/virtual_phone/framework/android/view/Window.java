package android.view;

import android.content.Context;

/** What an activity shows itself in. */
public abstract class Window {
    private final Context context;
    private final WindowManager.LayoutParams attributes = new WindowManager.LayoutParams();
    private Callback callback;

    public Window(Context context) {
        this.context = context;
        attributes.type = WindowManager.LayoutParams.TYPE_BASE_APPLICATION;
    }

    public final Context getContext() {
        return context;
    }

    public abstract View getDecorView();

    public abstract void setContentView(View view);

    public abstract void addContentView(View view, ViewGroup.LayoutParams params);

    public abstract boolean superDispatchTouchEvent(MotionEvent event);

    public abstract boolean superDispatchKeyEvent(KeyEvent event);

    public abstract void setStatusBarColor(int color);

    public WindowManager getWindowManager() {
        return (WindowManager) context.getSystemService(Context.WINDOW_SERVICE);
    }

    public <T extends View> T findViewById(int id) {
        return getDecorView().findViewById(id);
    }

    public void setCallback(Callback callback) {
        this.callback = callback;
    }

    public final Callback getCallback() {
        return callback;
    }

    public final WindowManager.LayoutParams getAttributes() {
        return attributes;
    }

    public void setFlags(int flags, int mask) {
        attributes.flags = (attributes.flags & ~mask) | (flags & mask);
        if (getDecorView().isAttachedToWindow()) {
            getWindowManager().updateViewLayout(getDecorView(), attributes);
        }
    }

    public void addFlags(int flags) {
        setFlags(flags, flags);
    }

    public void clearFlags(int flags) {
        setFlags(0, flags);
    }

    /** Hears the window's input first. */
    public interface Callback {
        boolean dispatchKeyEvent(KeyEvent arg1);

        boolean dispatchTouchEvent(MotionEvent arg1);
    }
}
