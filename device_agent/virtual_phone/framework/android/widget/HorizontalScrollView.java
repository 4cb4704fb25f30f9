package android.widget;

import android.content.Context;
import android.view.MotionEvent;
import android.view.View;
import org.mindproof.phone.Drag;
import org.mindproof.phone.Fling;

/** A window on one wide child. */
public class HorizontalScrollView extends FrameLayout {
    private final Drag drag;
    private Fling fling;

    public HorizontalScrollView(Context context) {
        super(context);
        drag = new Drag(context, false);
    }

    @Override
    protected String kind() {
        return "hscroll";
    }

    @Override
    public CharSequence getAccessibilityClassName() {
        return HorizontalScrollView.class.getName();
    }

    private int range() {
        View child = getChildAt(0);
        int room = getWidth() - getPaddingLeft() - getPaddingRight();
        return child == null ? 0 : Math.max(0, child.getWidth() - room);
    }

    @Override
    public boolean canScrollHorizontally(int direction) {
        return direction > 0 ? mScrollX < range() : mScrollX > 0;
    }

    private boolean scrollTowards(int dx) {
        int x = Math.max(0, Math.min(range(), mScrollX + dx));
        boolean free = x == mScrollX + dx;
        scrollTo(x, mScrollY);
        return free;
    }

    public void fling(int velocityX) {
        stopFling();
        fling = Fling.decay(velocityX, this::scrollTowards, () -> fling = null);
    }

    private boolean stopFling() {
        boolean moving = fling != null;
        if (moving) {
            fling.stop();
            fling = null;
        }
        return moving;
    }

    @Override
    public boolean onInterceptTouchEvent(MotionEvent ev) {
        if (ev.getActionMasked() == MotionEvent.ACTION_DOWN) {
            drag.down(ev, stopFling());
        } else if (ev.getActionMasked() == MotionEvent.ACTION_MOVE) {
            drag(ev);
        }
        return drag.isDragging();
    }

    private void drag(MotionEvent ev) {
        scrollTowards(-drag.move(ev));
        if (drag.isDragging() && getParent() != null) {
            getParent().requestDisallowInterceptTouchEvent(true);
        }
    }

    @Override
    public boolean onTouchEvent(MotionEvent ev) {
        switch (ev.getActionMasked()) {
            case MotionEvent.ACTION_MOVE:
                drag(ev);
                break;
            case MotionEvent.ACTION_UP:
                float velocity = drag.up(ev);
                if (velocity != 0) {
                    fling(Math.round(-velocity));
                }
                break;
            case MotionEvent.ACTION_CANCEL:
                drag.cancel();
                break;
            default:
                break;
        }
        return true;
    }
}
