package android.widget;

import android.content.Context;
import android.database.DataSetObserver;
import android.view.MotionEvent;
import android.view.View;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.mindproof.phone.Drag;
import org.mindproof.phone.Fling;

/** A list that makes views only for what shows, and uses them again. */
public abstract class AbsListView extends AdapterView<ListAdapter> {
    protected int mFirstPosition;
    private final Map<Integer, Deque<View>> scrap = new HashMap<>();
    private final Drag drag;
    private ListAdapter adapter;
    private OnScrollListener scrollListener;
    private Fling fling;
    private int scrollState = OnScrollListener.SCROLL_STATE_IDLE;
    private boolean dataChanged;
    private boolean filling;
    private final DataSetObserver observer = new DataSetObserver() {
        @Override
        public void onChanged() {
            dataChanged = true;
            requestLayout();
        }
    };

    public AbsListView(Context context) {
        super(context);
        drag = new Drag(context, true);
        tell("scrollable", true);
        setFocusable(true);
    }

    @Override
    protected String kind() {
        return "list";
    }

    @Override
    public ListAdapter getAdapter() {
        return adapter;
    }

    @Override
    public void setAdapter(ListAdapter adapter) {
        if (this.adapter != null) {
            this.adapter.unregisterDataSetObserver(observer);
        }
        this.adapter = adapter;
        if (adapter != null) {
            adapter.registerDataSetObserver(observer);
        }
        scrapAll();
        scrap.clear();
        mFirstPosition = 0;
        dataChanged = true;
        requestLayout();
    }

    @Override
    public int getFirstVisiblePosition() {
        return mFirstPosition;
    }

    public void setOnScrollListener(OnScrollListener l) {
        scrollListener = l;
    }

    public void setSelection(int position) {
        setSelectionFromTop(position, 0);
    }

    public void setSelectionFromTop(int position, int y) {
        stopFling();
        scrapAll();
        mFirstPosition = Math.max(0, Math.min(position, getCount() - 1));
        if (adapter != null && getHeight() > 0) {
            fillFrom(getPaddingTop() + y);
            closeGap();
            notifyScroll();
        } else {
            requestLayout();
        }
    }

    @Override
    public void requestLayout() {
        if (!filling) {
            super.requestLayout();
        }
    }

    @Override
    protected void onLayout(boolean changed, int left, int top, int right, int bottom) {
        layoutChildren();
    }

    /** Binds again when the data changed, or else only measures again and stacks from the first child's top. */
    protected void layoutChildren() {
        if (adapter == null || getHeight() == 0 || filling) {
            return;
        }
        int top = getChildCount() == 0 ? getPaddingTop() : getChildAt(0).getTop();
        if (dataChanged || getChildCount() == 0) {
            dataChanged = false;
            scrapAll();
            mFirstPosition = Math.max(0, Math.min(mFirstPosition, getCount() - 1));
            fillFrom(top);
        } else {
            restack(top);
        }
        closeGap();
        notifyScroll();
    }

    private int innerWidth() {
        return getWidth() - getPaddingLeft() - getPaddingRight();
    }

    private int innerBottom() {
        return getHeight() - getPaddingBottom();
    }

    private void restack(int top) {
        List<View> items = new ArrayList<>();
        for (int i = 0; i < getChildCount(); i++) {
            items.add(getChildAt(i));
        }
        filling = true;
        measureItems(items, innerWidth());
        filling = false;
        int y = top;
        for (View item : items) {
            place(item, getPaddingLeft(), y);
            y += item.getHeight();
        }
        recycle();
        fillFrom(top);
    }

    /** Adds items until the view is full both ways; an empty list begins at `top`. */
    private void fillFrom(int top) {
        filling = true;
        int count = getChildCount();
        int y = count == 0 ? top : getChildAt(count - 1).getBottom();
        for (int i = mFirstPosition + count; i < getCount() && y < innerBottom(); i++) {
            y = add(i, y, true).getBottom();
        }
        y = getChildCount() == 0 ? top : getChildAt(0).getTop();
        while (mFirstPosition > 0 && y > getPaddingTop()) {
            y = add(--mFirstPosition, y, false).getTop();
        }
        filling = false;
    }

    private View add(int position, int y, boolean below) {
        int type = adapter.getItemViewType(position);
        Deque<View> spare = scrap.computeIfAbsent(type, t -> new ArrayDeque<>());
        View child = adapter.getView(position, spare.poll(), this);
        child.setTag(android.R.id.content, type);
        if (child.getLayoutParams() == null) {
            child.setLayoutParams(new LayoutParams(LayoutParams.MATCH_PARENT, LayoutParams.WRAP_CONTENT));
        }
        addViewInLayout(child, below ? -1 : 0, child.getLayoutParams());
        measureItems(List.of(child), innerWidth());
        place(child, getPaddingLeft(), below ? y : y - child.getHeight());
        return child;
    }

    /** Pulls the items to the edge when they end above the bottom or begin below the top. */
    private void closeGap() {
        if (getChildCount() == 0) {
            return;
        }
        int last = getChildAt(getChildCount() - 1).getBottom();
        if (mFirstPosition + getChildCount() >= getCount() && last < innerBottom()) {
            shiftChildren(innerBottom() - last);
            fillFrom(getPaddingTop());
        }
        int first = getChildAt(0).getTop();
        if (mFirstPosition == 0 && first > getPaddingTop()) {
            shiftChildren(getPaddingTop() - first);
            fillFrom(getPaddingTop());
        }
    }

    private void recycle() {
        while (getChildCount() > 1 && getChildAt(0).getBottom() <= 0) {
            scrapAt(0);
            mFirstPosition++;
        }
        while (getChildCount() > 1 && getChildAt(getChildCount() - 1).getTop() >= getHeight()) {
            scrapAt(getChildCount() - 1);
        }
    }

    private void scrapAt(int index) {
        View child = getChildAt(index);
        detach(index);
        scrap.computeIfAbsent((Integer) child.getTag(android.R.id.content), t -> new ArrayDeque<>()).add(child);
    }

    private void scrapAll() {
        while (getChildCount() > 0) {
            scrapAt(0);
        }
    }

    public boolean canScrollList(int direction) {
        return direction > 0 ? room(-1) != 0 : room(1) != 0;
    }

    @Override
    public boolean canScrollVertically(int direction) {
        return canScrollList(direction);
    }

    /** How much of a wish to move the items by `dy` there is room for. */
    private int room(int dy) {
        int count = getChildCount();
        if (count == 0) {
            return 0;
        }
        if (dy > 0 && mFirstPosition == 0) {
            return Math.max(0, Math.min(dy, getPaddingTop() - getChildAt(0).getTop()));
        }
        if (dy < 0 && mFirstPosition + count >= getCount()) {
            return Math.min(0, Math.max(dy, innerBottom() - getChildAt(count - 1).getBottom()));
        }
        return dy;
    }

    /** Moves the items by `dy` pixels, never over an edge; true when there may be room for more. */
    protected final boolean trackMotionScroll(int dy) {
        int left = dy;
        while (left != 0) {
            int step = room(Math.max(-getHeight(), Math.min(getHeight(), left)));
            if (step == 0) {
                break;
            }
            left -= step;
            shiftChildren(step);
            fillFrom(getPaddingTop());
            recycle();
            correctOvershoot();
        }
        if (left != dy) {
            notifyScroll();
        }
        return left == 0;
    }

    private void correctOvershoot() {
        if (mFirstPosition == 0 && getChildAt(0).getTop() > getPaddingTop()) {
            shiftChildren(getPaddingTop() - getChildAt(0).getTop());
        }
        View last = getChildAt(getChildCount() - 1);
        boolean all = mFirstPosition == 0 && getChildAt(0).getTop() == getPaddingTop();
        if (mFirstPosition + getChildCount() >= getCount() && last.getBottom() < innerBottom() && !all) {
            shiftChildren(innerBottom() - last.getBottom());
            fillFrom(getPaddingTop());
        }
    }

    public void scrollListBy(int y) {
        trackMotionScroll(-y);
    }

    public void smoothScrollBy(int distance, int duration) {
        stopFling();
        fling = Fling.glide(distance, duration, pixels -> trackMotionScroll(-pixels), this::rest);
    }

    public void fling(int velocityY) {
        stopFling();
        report(OnScrollListener.SCROLL_STATE_FLING);
        fling = Fling.decay(velocityY, pixels -> trackMotionScroll(-pixels), this::rest);
    }

    /** The finger left at `velocity` pixels a second, or rested (0). */
    protected void onRelease(float velocity) {
        if (velocity == 0) {
            rest();
        } else {
            fling(Math.round(-velocity));
        }
    }

    private void rest() {
        fling = null;
        report(OnScrollListener.SCROLL_STATE_IDLE);
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
        switch (ev.getActionMasked()) {
            case MotionEvent.ACTION_DOWN:
                drag.down(ev, stopFling());
                break;
            case MotionEvent.ACTION_MOVE:
                follow(ev);
                break;
            default:
                break;
        }
        return drag.isDragging();
    }

    @Override
    public boolean onTouchEvent(MotionEvent ev) {
        switch (ev.getActionMasked()) {
            case MotionEvent.ACTION_MOVE:
                follow(ev);
                break;
            case MotionEvent.ACTION_UP:
                if (drag.isDragging()) {
                    onRelease(drag.up(ev));
                } else {
                    click(ev);
                }
                break;
            case MotionEvent.ACTION_CANCEL:
                drag.cancel();
                onRelease(0);
                break;
            default:
                break;
        }
        return true;
    }

    private void follow(MotionEvent ev) {
        int pixels = drag.move(ev);
        if (drag.isDragging()) {
            report(OnScrollListener.SCROLL_STATE_TOUCH_SCROLL);
            trackMotionScroll(pixels);
        }
    }

    private void click(MotionEvent ev) {
        for (int i = 0; i < getChildCount(); i++) {
            View child = getChildAt(i);
            if (ev.getY() >= child.getTop() && ev.getY() < child.getBottom()) {
                int position = mFirstPosition + i;
                post(() -> performItemClick(child, position, adapter.getItemId(position)));
            }
        }
    }

    private void report(int state) {
        if (scrollState != state) {
            scrollState = state;
            if (scrollListener != null) {
                scrollListener.onScrollStateChanged(this, state);
            }
        }
    }

    private void notifyScroll() {
        onScrollChanged(0, 0, 0, 0); // as Android does: a list has no scroll position of its own, only this sign of life
        if (scrollListener != null) {
            scrollListener.onScroll(this, mFirstPosition, getChildCount(), getCount());
        }
    }

    /** Size of an item. */
    public static class LayoutParams extends android.view.ViewGroup.LayoutParams {
        public LayoutParams(int w, int h) {
            super(w, h);
        }
    }

    /** Hears of scrolling. */
    public interface OnScrollListener {
        int SCROLL_STATE_IDLE = 0;
        int SCROLL_STATE_TOUCH_SCROLL = 1;
        int SCROLL_STATE_FLING = 2;

        void onScrollStateChanged(AbsListView arg1, int arg2);

        void onScroll(AbsListView arg1, int arg2, int arg3, int arg4);
    }
}
