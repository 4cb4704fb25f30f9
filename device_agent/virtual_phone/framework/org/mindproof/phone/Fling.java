package org.mindproof.phone;

import android.os.Handler;
import android.os.Looper;
import java.util.function.IntPredicate;

/** A movement that goes on by itself in steps of fixed length, so that it goes the same way every time. */
public final class Fling implements Runnable {
    private static final long TICK_MS = 33;
    private static final double DECAY_S = 0.325;
    private static final double END_PX_PER_S = 60;
    private static final Handler HANDLER = new Handler(Looper.getMainLooper());
    private final Steps steps;
    private final IntPredicate move;
    private final Runnable end;

    /** The pixels of each step, and whether it is the last. */
    private interface Steps {
        int next();

        boolean over();
    }

    private Fling(Steps steps, IntPredicate move, Runnable end) {
        this.steps = steps;
        this.move = move;
        this.end = end;
        HANDLER.postDelayed(this, TICK_MS);
    }

    /**
     * Starts at `velocity` pixels a second and loses speed exponentially.
     *
     * <p>`move` takes the pixels of one step and says whether there is room for more; `end` runs at rest.
     */
    public static Fling decay(double velocity, IntPredicate move, Runnable end) {
        return new Fling(new Decay(velocity), move, end);
    }

    /** Goes `distance` pixels in `durationMs`, slower towards the end. */
    public static Fling glide(int distance, int durationMs, IntPredicate move, Runnable end) {
        return new Fling(new Glide(distance, Math.max(1, Math.round(durationMs / (float) TICK_MS))), move, end);
    }

    public void stop() {
        HANDLER.removeCallbacks(this);
    }

    @Override
    public void run() {
        boolean room = move.test(steps.next());
        if (room && !steps.over()) {
            HANDLER.postDelayed(this, TICK_MS);
        } else {
            end.run();
        }
    }

    private static final class Decay implements Steps {
        private double velocity;
        private double fraction;

        Decay(double velocity) {
            this.velocity = velocity;
        }

        @Override
        public int next() {
            double step = velocity * TICK_MS / 1000 + fraction;
            int pixels = (int) step;
            fraction = step - pixels;
            velocity *= Math.exp(-TICK_MS / 1000.0 / DECAY_S);
            return pixels;
        }

        @Override
        public boolean over() {
            return Math.abs(velocity) < END_PX_PER_S;
        }
    }

    private static final class Glide implements Steps {
        private final int distance;
        private final int count;
        private int done;
        private int at;

        Glide(int distance, int count) {
            this.distance = distance;
            this.count = count;
        }

        @Override
        public int next() {
            done++;
            double left = 1 - done / (double) count;
            int place = (int) Math.round(distance * (1 - left * left));
            int pixels = place - at;
            at = place;
            return pixels;
        }

        @Override
        public boolean over() {
            return done >= count;
        }
    }
}
