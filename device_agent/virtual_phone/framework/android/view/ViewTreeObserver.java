package android.view;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Tells of the moments of one window: after a layout, and before a frame is drawn. */
public final class ViewTreeObserver {
    private final List<OnGlobalLayoutListener> layoutListeners = new ArrayList<>();
    private final List<OnPreDrawListener> preDrawListeners = new ArrayList<>();

    ViewTreeObserver() {}

    public boolean isAlive() {
        return true;
    }

    public void addOnGlobalLayoutListener(OnGlobalLayoutListener listener) {
        layoutListeners.add(listener);
    }

    public void removeOnGlobalLayoutListener(OnGlobalLayoutListener victim) {
        layoutListeners.remove(victim);
    }

    public void addOnPreDrawListener(OnPreDrawListener listener) {
        preDrawListeners.add(listener);
    }

    public void removeOnPreDrawListener(OnPreDrawListener victim) {
        preDrawListeners.remove(victim);
    }

    /** Called by the window when everything in it has its place. */
    public void dispatchOnGlobalLayout() {
        List.copyOf(layoutListeners).forEach(OnGlobalLayoutListener::onGlobalLayout);
    }

    /** Called by the window before it draws; true when a listener wants this frame not to be drawn. */
    public boolean dispatchOnPreDraw() {
        return List.copyOf(preDrawListeners).stream().filter(Predicate.not(OnPreDrawListener::onPreDraw)).count() > 0;
    }

    /** Hears of layouts. */
    public interface OnGlobalLayoutListener {
        void onGlobalLayout();
    }

    /** Hears of frames before they are drawn. */
    public interface OnPreDrawListener {
        boolean onPreDraw();
    }
}
