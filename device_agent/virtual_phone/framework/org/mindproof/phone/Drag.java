package org.mindproof.phone;

import android.content.Context;
import android.view.MotionEvent;
import android.view.VelocityTracker;
import android.view.ViewConfiguration;

/** Follows one finger along one axis: tells a drag from a tap, and the speed at the end. */
public final class Drag {
    private final boolean vertical;
    private final ViewConfiguration configuration;
    private final VelocityTracker velocity = VelocityTracker.obtain();
    private float last;
    private float across;
    private boolean dragging;

    public Drag(Context context, boolean vertical) {
        this.vertical = vertical;
        configuration = ViewConfiguration.get(context);
    }

    public boolean isDragging() {
        return dragging;
    }

    public void down(MotionEvent event, boolean alreadyMoving) {
        velocity.addMovement(event);
        last = along(event);
        across = vertical ? event.getRawX() : event.getRawY();
        dragging = alreadyMoving;
    }

    /** Pixels the finger went since the last call, once it has left the slop. */
    public int move(MotionEvent event) {
        velocity.addMovement(event);
        float distance = along(event) - last;
        int slop = configuration.getScaledTouchSlop();
        if (!dragging) {
            float aside = Math.abs((vertical ? event.getRawX() : event.getRawY()) - across);
            if (Math.abs(distance) <= slop || aside > Math.abs(distance)) {
                return 0;
            }
            dragging = true;
            last += Math.signum(distance) * slop;
            distance = along(event) - last;
        }
        int pixels = (int) distance;
        last += pixels;
        return pixels;
    }

    /** Ends the drag; pixels a second, or 0 for a finger that rested. */
    public float up(MotionEvent event) {
        velocity.addMovement(event);
        velocity.computeCurrentVelocity(1000);
        boolean was = dragging;
        dragging = false;
        float speed = vertical ? velocity.getYVelocity() : velocity.getXVelocity();
        float most = configuration.getScaledMaximumFlingVelocity();
        boolean fast = was && Math.abs(speed) >= configuration.getScaledMinimumFlingVelocity();
        return fast ? Math.max(-most, Math.min(most, speed)) : 0;
    }

    public void cancel() {
        dragging = false;
    }

    private float along(MotionEvent event) {
        return vertical ? event.getRawY() : event.getRawX();
    }
}
