package android.app;

import android.content.Context;
import android.content.Intent;
import android.content.res.Resources;
import org.mindproof.phone.Inside;

/** The context of this process. */
final class ContextImpl extends Context {
    private final String packageName;
    private final Resources resources;

    ContextImpl(String packageName) {
        this.packageName = packageName;
        this.resources = new AppResources(packageName);
    }

    @Override
    public Context getApplicationContext() {
        return ActivityThread.application;
    }

    @Override
    public String getPackageName() {
        return packageName;
    }

    @Override
    public Resources getResources() {
        return resources;
    }

    @Override
    public Object getSystemService(String name) {
        return WINDOW_SERVICE.equals(name) ? Inside.windowManager : null;
    }

    @Override
    public void startActivity(Intent intent) {
        ActivityThread.start(intent);
    }
}
