package android.view;

import java.util.HashMap;
import java.util.Map;
import org.mindproof.phone.WindowLink;

/** Windows of this process. */
final class WindowManagerImpl implements WindowManager {
    private static final String SYSTEM_UI = "com.android.systemui";

    @Override
    public void addView(View view, ViewGroup.LayoutParams params) {
        if (!(params instanceof LayoutParams attributes)) {
            throw new IllegalArgumentException("Params must be WindowManager.LayoutParams");
        }
        boolean system = attributes.type >= LayoutParams.FIRST_SYSTEM_WINDOW && attributes.type != LayoutParams.TYPE_TOAST;
        if (system && !view.getContext().getPackageName().equals(SYSTEM_UI)) {
            throw new BadTokenException("Unable to add window -- permission denied for window type " + attributes.type);
        }
        if (view.root != null) {
            throw new IllegalStateException("View " + view + " has already been added to the window manager.");
        }
        ViewRootImpl root = new ViewRootImpl(view);
        view.root = root;
        view.mLayoutParams = params;
        ViewRootImpl.ROOTS.add(root);
        WindowLink.get().change("window", view.serverId, describe(attributes));
        view.dispatchAttached(true);
        view.requestLayout();
    }

    @Override
    public void updateViewLayout(View view, ViewGroup.LayoutParams params) {
        view.mLayoutParams = params;
        WindowLink.get().change("window", view.serverId, describe((LayoutParams) params));
        view.requestLayout();
    }

    @Override
    public void removeView(View view) {
        ViewRootImpl root = view.root;
        if (root == null) {
            throw new IllegalArgumentException("View=" + view + " not attached to window manager");
        }
        view.dispatchAttached(false);
        view.root = null;
        ViewRootImpl.ROOTS.remove(root);
        WindowLink.get().flush(WindowLink.message("unwindow", "id", view.serverId));
    }

    @Override
    public void removeViewImmediate(View view) {
        removeView(view);
    }

    private static Map<String, Object> describe(LayoutParams params) {
        Map<String, Object> map = new HashMap<>();
        map.put("w", params.width);
        map.put("h", params.height);
        map.put("x", params.x);
        map.put("y", params.y);
        map.put("gravity", params.gravity);
        map.put("type", params.type);
        map.put("flags", params.flags);
        map.put("alpha", params.alpha);
        map.put("dim", params.dimAmount);
        map.put("title", params.getTitle().toString());
        return map;
    }
}
