package android.view;

import java.util.ArrayDeque;
import java.util.Deque;

/** The speed of a touch over its last tenth of a second. */
public final class VelocityTracker {
    private static final long WINDOW_MS = 100;
    private final Deque<float[]> points = new ArrayDeque<>();
    private final Deque<Long> times = new ArrayDeque<>();
    private float velocityX;
    private float velocityY;

    private VelocityTracker() {}

    public static VelocityTracker obtain() {
        return new VelocityTracker();
    }

    public void addMovement(MotionEvent event) {
        if (event.getActionMasked() == MotionEvent.ACTION_DOWN) {
            clear();
        }
        points.add(new float[] {event.getRawX(), event.getRawY()});
        times.add(event.getEventTime());
        while (times.peekLast() - times.peekFirst() > WINDOW_MS) {
            times.poll();
            points.poll();
        }
    }

    public void computeCurrentVelocity(int units) {
        long span = times.isEmpty() ? 0 : times.peekLast() - times.peekFirst();
        velocityX = span == 0 ? 0 : (points.peekLast()[0] - points.peekFirst()[0]) * units / span;
        velocityY = span == 0 ? 0 : (points.peekLast()[1] - points.peekFirst()[1]) * units / span;
    }

    public float getXVelocity() {
        return velocityX;
    }

    public float getYVelocity() {
        return velocityY;
    }

    public void clear() {
        points.clear();
        times.clear();
    }

    public void recycle() {
        clear();
    }
}
