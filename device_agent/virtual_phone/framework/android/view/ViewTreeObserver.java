package android.view;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Tells of the moments of one window: after a layout, after a scroll, and before a frame is drawn. */
public final class ViewTreeObserver {
    private final List<OnGlobalLayoutListener> layoutListeners = new ArrayList<>();
    private final List<OnScrollChangedListener> scrollListeners = new ArrayList<>();
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

    public void addOnScrollChangedListener(OnScrollChangedListener listener) {
        scrollListeners.add(listener);
    }

    public void removeOnScrollChangedListener(OnScrollChangedListener victim) {
        scrollListeners.remove(victim);
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

    void dispatchOnScrollChanged() {
        List.copyOf(scrollListeners).forEach(OnScrollChangedListener::onScrollChanged);
    }

    /** Called by the window before it draws; true when a listener wants this frame not to be drawn. */
    public boolean dispatchOnPreDraw() {
        return List.copyOf(preDrawListeners).stream().filter(Predicate.not(OnPreDrawListener::onPreDraw)).count() > 0;
    }

    /** Hears of layouts. */
    public interface OnGlobalLayoutListener {
        void onGlobalLayout();
    }

    /** Hears that something in the window scrolled. */
    public interface OnScrollChangedListener {
        void onScrollChanged();
    }

    /** Hears of frames before they are drawn. */
    public interface OnPreDrawListener {
        boolean onPreDraw();
    }
}
