package android.app;

import android.content.Context;
import android.content.ContextWrapper;

/** The app itself. */
public class Application extends ContextWrapper {
    public Application() {
        super(null);
    }

    public void onCreate() {}

    final void attach(Context base) {
        attachBaseContext(base);
    }
}
