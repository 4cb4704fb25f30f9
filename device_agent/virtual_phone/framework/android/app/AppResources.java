package android.app;

import android.content.res.Resources;

/** The resources of one app. */
final class AppResources extends Resources {
    AppResources(String packageName) {
        super(packageName);
    }
}
