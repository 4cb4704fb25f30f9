package android.content;

import android.content.res.Resources;
import android.os.Looper;

/** Where code of an app stands: its package, its resources, the services of the phone. */
public abstract class Context {
    public static final String WINDOW_SERVICE = "window";

    public Context() {}

    public abstract Context getApplicationContext();

    public abstract String getPackageName();

    public abstract Resources getResources();

    public abstract Object getSystemService(String name);

    public abstract void startActivity(Intent intent);

    public Looper getMainLooper() {
        return Looper.getMainLooper();
    }

    public final String getString(int resId) {
        return getResources().getString(resId);
    }
}
