package android.app;

import android.content.ComponentName;
import android.content.Context;
import android.content.ContextWrapper;
import android.content.Intent;
import android.os.Bundle;
import android.view.KeyEvent;
import android.view.MotionEvent;
import android.view.View;
import android.view.ViewGroup;
import android.view.Window;
import android.view.WindowManager;
import org.mindproof.phone.PhoneWindow;

/** One screen of an app. */
public class Activity extends ContextWrapper implements Window.Callback {
    private PhoneWindow window;
    private Intent intent;
    private boolean finished;

    public Activity() {
        super(null);
    }

    final void attach(Context base, Intent intent) {
        attachBaseContext(base);
        this.intent = intent;
        window = new PhoneWindow(this);
        window.setCallback(this);
    }

    protected void onCreate(Bundle savedInstanceState) {}

    protected void onStart() {}

    protected void onResume() {}

    protected void onPause() {}

    protected void onStop() {}

    protected void onDestroy() {}

    public Intent getIntent() {
        return intent;
    }

    public Window getWindow() {
        return window;
    }

    public WindowManager getWindowManager() {
        return window.getWindowManager();
    }

    public final Application getApplication() {
        return ActivityThread.application;
    }

    public ComponentName getComponentName() {
        return new ComponentName(this, getClass());
    }

    public void setContentView(View view) {
        window.setContentView(view);
    }

    public void addContentView(View view, ViewGroup.LayoutParams params) {
        window.addContentView(view, params);
    }

    public <T extends View> T findViewById(int id) {
        return window.findViewById(id);
    }

    public void finish() {
        if (!finished) {
            finished = true;
            ActivityThread.finish(this);
        }
    }

    public boolean isFinishing() {
        return finished;
    }

    public void onBackPressed() {
        finish();
    }

    public final void runOnUiThread(Runnable action) {
        if (getMainLooper().isCurrentThread()) {
            action.run();
        } else {
            ActivityThread.HANDLER.post(action);
        }
    }

    @Override
    public boolean dispatchTouchEvent(MotionEvent ev) {
        return window.superDispatchTouchEvent(ev) || onTouchEvent(ev);
    }

    public boolean onTouchEvent(MotionEvent event) {
        return false;
    }

    @Override
    public boolean dispatchKeyEvent(KeyEvent event) {
        if (event.getAction() == KeyEvent.ACTION_DOWN) {
            return onKeyDown(event.getKeyCode(), event);
        }
        return onKeyUp(event.getKeyCode(), event);
    }

    public boolean onKeyDown(int keyCode, KeyEvent event) {
        return false;
    }

    public boolean onKeyUp(int keyCode, KeyEvent event) {
        if (keyCode == KeyEvent.KEYCODE_BACK) {
            onBackPressed();
            return true;
        }
        return false;
    }
}
