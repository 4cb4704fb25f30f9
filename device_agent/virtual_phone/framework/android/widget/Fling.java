package android.widget;

import android.os.Handler;
import android.os.Looper;
import java.util.function.IntPredicate;

/**
 * A fling that loses speed exponentially in steps of fixed length, so that it goes the same way every time.
 */
final class Fling implements Runnable {
    private static final long TICK_MS = 33;
    private static final double DECAY_S = 0.325;
    private static final double END_PX_PER_S = 60;
    private static final Handler HANDLER = new Handler(Looper.getMainLooper());
    private final IntPredicate move;
    private final Runnable end;
    private double velocity;
    private double fraction;

    /** `move` takes the pixels of one step and says whether there is room for more; `end` runs at rest. */
    Fling(double velocity, IntPredicate move, Runnable end) {
        this.velocity = velocity;
        this.move = move;
        this.end = end;
    }

    void start() {
        HANDLER.postDelayed(this, TICK_MS);
    }

    void stop() {
        HANDLER.removeCallbacks(this);
    }

    @Override
    public void run() {
        double step = velocity * TICK_MS / 1000 + fraction;
        int pixels = (int) step;
        fraction = step - pixels;
        velocity *= Math.exp(-TICK_MS / 1000.0 / DECAY_S);
        if (move.test(pixels) && Math.abs(velocity) > END_PX_PER_S) {
            start();
        } else {
            end.run();
        }
    }
}
