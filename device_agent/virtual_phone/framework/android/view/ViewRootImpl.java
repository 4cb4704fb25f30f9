package android.view;

import android.os.Handler;
import android.os.Looper;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.mindproof.phone.Inside;
import org.mindproof.phone.Json;
import org.mindproof.phone.WindowLink;

/** Top of one window's views: runs the layout pass and hands out input. */
final class ViewRootImpl {
    static final Map<Integer, WeakReference<View>> VIEWS = new ConcurrentHashMap<>();
    static final List<ViewRootImpl> ROOTS = new ArrayList<>();
    private static final Handler HANDLER = new Handler(Looper.getMainLooper());
    private static final int IDLE_ROUNDS = 8;
    private static final int LAYOUT_ROUNDS = 4;

    static {
        Inside.windowManager = new WindowManagerImpl();
        Inside.input = ViewRootImpl::input;
        Inside.windowViews = () -> ROOTS.stream().map(root -> root.view).toList();
        Inside.relayout = () -> List.copyOf(ROOTS).forEach(root -> root.view.requestLayout());
    }

    final View view;
    final ViewTreeObserver observer = new ViewTreeObserver();
    View focused;
    private final Set<View> redraws = new LinkedHashSet<>();
    private boolean scheduled;
    private boolean layoutWanted;
    boolean scrolled;

    ViewRootImpl(View view) {
        this.view = view;
    }

    synchronized void schedule() {
        if (!scheduled) {
            scheduled = true;
            HANDLER.post(this::traverse);
        }
    }

    void requestLayout() {
        layoutWanted = true;
        schedule();
    }

    void redraw(View wanted) {
        synchronized (redraws) {
            redraws.add(wanted);
        }
    }

    private void traverse() {
        synchronized (this) {
            if (!scheduled) {
                return;
            }
            scheduled = false;
        }
        boolean laidOut = false;
        for (int round = 0; layoutWanted && round < LAYOUT_ROUNDS; round++) {
            layoutWanted = false;
            Map<String, Object> reply = WindowLink.get().ask(WindowLink.message("layout"));
            applyBounds(Json.array(reply.get("b")), List.of());
            view.layoutPass();
            laidOut = true;
        }
        if (laidOut) {
            observer.dispatchOnGlobalLayout();
        }
        if (scrolled) {
            scrolled = false;
            observer.dispatchOnScrollChanged();
        }
        if (observer.dispatchOnPreDraw()) {
            schedule();
            return;
        }
        List<View> again;
        synchronized (redraws) {
            again = new ArrayList<>(redraws);
            redraws.clear();
        }
        again.forEach(View::record);
        synchronized (this) {
            // What the pass itself asked for is done; a wish that outlives the rounds waits for the next change.
            scheduled = false;
        }
        if (laidOut || WindowLink.get().hasChanges()) {
            WindowLink.get().commit();
        }
    }

    /** Takes bounds as id, left, top, width, height; `items` keep their own places. */
    static void applyBounds(List<Object> bounds, List<View> items) {
        for (int i = 0; i < bounds.size(); i += 5) {
            WeakReference<View> reference = VIEWS.get(Json.integer(bounds.get(i)));
            View view = reference == null ? null : reference.get();
            if (view != null) {
                boolean item = items.contains(view);
                view.setFrame(item ? view.mLeft : Json.integer(bounds.get(i + 1)),
                        item ? view.mTop : Json.integer(bounds.get(i + 2)), Json.integer(bounds.get(i + 3)),
                        Json.integer(bounds.get(i + 4)));
            }
        }
    }

    void focus(View next) {
        if (focused != next) {
            View before = focused;
            focused = next;
            if (before != null) {
                before.tell("focused", false);
            }
            if (next != null) {
                next.tell("focused", true);
            }
        }
    }

    private static void input(Map<String, Object> message) {
        int window = Json.integer(message.get("window"));
        for (ViewRootImpl root : List.copyOf(ROOTS)) {
            if (root.view.serverId == window) {
                root.dispatch(message);
            }
        }
        done(Json.integer(message.get("n")), IDLE_ROUNDS);
    }

    /** Tells the server that the input is handled: when what it caused has run, but not when an app never rests. */
    private static void done(int number, int rounds) {
        HANDLER.post(() -> {
            if (rounds > 0 && !Looper.myQueue().isIdle()) {
                done(number, rounds - 1);
            } else {
                WindowLink.get().send(WindowLink.message("done", "n", number));
            }
        });
    }

    private void dispatch(Map<String, Object> message) {
        switch ((String) message.get("t")) {
            case "touch":
                float x = ((Double) message.get("x")).floatValue() - view.mLeft;
                float y = ((Double) message.get("y")).floatValue() - view.mTop;
                view.dispatchTouchEvent(MotionEvent.obtain(((Double) message.get("down")).longValue(),
                        ((Double) message.get("time")).longValue(), Json.integer(message.get("action")), x, y, 0));
                break;
            case "key":
                int code = Json.integer(message.get("code"));
                key(new KeyEvent(KeyEvent.ACTION_DOWN, code));
                key(new KeyEvent(KeyEvent.ACTION_UP, code));
                break;
            case "type":
                if (focused != null) {
                    focused.commitText((String) message.get("text"));
                }
                break;
            default:
                break;
        }
    }

    private void key(KeyEvent event) {
        if (focused == null || !focused.dispatchKeyEvent(event)) {
            view.dispatchKeyEvent(event);
        }
    }
}
