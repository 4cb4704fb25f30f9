package android.view.inspector;

import android.view.View;
import java.util.List;
import org.mindproof.phone.Inside;

/** Shows tools the windows of this process. */
public final class WindowInspector {
    private WindowInspector() {}

    /** The root view of every window, in the order in which they were added. */
    public static List<View> getGlobalWindowViews() {
        return Inside.windowViews.get();
    }
}
