package android.widget;

import android.content.Context;
import android.view.MotionEvent;
import android.view.View;
import org.mindproof.phone.Drag;
import org.mindproof.phone.Fling;

/** A window on one tall child. */
public class ScrollView extends FrameLayout {
    private final Drag drag;
    private Fling fling;

    public ScrollView(Context context) {
        super(context);
        drag = new Drag(context, true);
    }

    @Override
    protected String kind() {
        return "scroll";
    }

    @Override
    public CharSequence getAccessibilityClassName() {
        return ScrollView.class.getName();
    }

    /** Whether a child that is not as tall is made as tall as this. */
    public void setFillViewport(boolean fillViewport) {
        tell("fill", fillViewport);
        requestLayout();
    }

    private int range() {
        View child = getChildAt(0);
        int room = getHeight() - getPaddingTop() - getPaddingBottom();
        return child == null ? 0 : Math.max(0, child.getHeight() - room);
    }

    @Override
    public boolean canScrollVertically(int direction) {
        return direction > 0 ? mScrollY < range() : mScrollY > 0;
    }

    private boolean scrollTowards(int dy) {
        int y = Math.max(0, Math.min(range(), mScrollY + dy));
        boolean room = y == mScrollY + dy;
        scrollTo(mScrollX, y);
        return room;
    }

    @Override
    protected void onLayout(boolean changed, int left, int top, int right, int bottom) {
        scrollTowards(0);
    }

    public boolean fullScroll(int direction) {
        scrollTo(mScrollX, direction == 33 ? 0 : range());
        return true;
    }

    public final void smoothScrollBy(int dx, int dy) {
        scrollTowards(dy);
    }

    public void fling(int velocityY) {
        stopFling();
        fling = Fling.decay(velocityY, this::scrollTowards, () -> fling = null);
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
            scrollTowards(-drag.move(ev));
        }
        return drag.isDragging();
    }

    @Override
    public boolean onTouchEvent(MotionEvent ev) {
        switch (ev.getActionMasked()) {
            case MotionEvent.ACTION_MOVE:
                scrollTowards(-drag.move(ev));
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
