package android.view;

import android.content.Context;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.mindproof.phone.Json;
import org.mindproof.phone.WindowLink;

/** A view that holds others. */
public abstract class ViewGroup extends View implements ViewParent, ViewManager {
    private final List<View> children = new ArrayList<>();
    private View touched;
    private boolean interceptForbidden;

    public ViewGroup(Context context) {
        super(context);
    }

    @Override
    protected String kind() {
        return "frame";
    }

    @Override
    public CharSequence getAccessibilityClassName() {
        return ViewGroup.class.getName();
    }

    public void addView(View child) {
        addView(child, -1);
    }

    public void addView(View child, int index) {
        LayoutParams params = child.getLayoutParams();
        addView(child, index, params == null ? generateDefaultLayoutParams() : params);
    }

    public void addView(View child, int width, int height) {
        LayoutParams params = generateDefaultLayoutParams();
        params.width = width;
        params.height = height;
        addView(child, -1, params);
    }

    @Override
    public void addView(View child, LayoutParams params) {
        addView(child, -1, params);
    }

    public void addView(View child, int index, LayoutParams params) {
        addViewInLayout(child, index, params);
        requestLayout();
    }

    protected boolean addViewInLayout(View child, int index, LayoutParams params) {
        if (child.mParent != null) {
            throw new IllegalStateException("The specified child already has a parent. You must call removeView() on the"
                    + " child's parent first.");
        }
        int place = index < 0 ? children.size() : index;
        children.add(place, child);
        if (child.mLayoutParams != params) {
            child.mLayoutParams = params;
            WindowLink.get().change("set", child.serverId, "layout", params.describe());
        }
        child.mParent = this;
        WindowLink.get().change("add", serverId, child.serverId, place);
        if (viewRoot() != null) {
            child.dispatchAttached(true);
        }
        return true;
    }

    @Override
    public void updateViewLayout(View view, LayoutParams params) {
        view.setLayoutParams(params);
    }

    @Override
    public void removeView(View view) {
        int index = children.indexOf(view);
        if (index >= 0) {
            removeViewAt(index);
        }
    }

    public void removeViewAt(int index) {
        detach(index);
        requestLayout();
    }

    public void removeAllViews() {
        while (!children.isEmpty()) {
            detach(children.size() - 1);
        }
        requestLayout();
    }

    /** Takes a child out without asking for a new layout. */
    protected final void detach(int index) {
        View child = children.get(index);
        if (viewRoot() != null) {
            child.dispatchAttached(false);
        }
        children.remove(index);
        child.mParent = null;
        if (touched == child) {
            touched = null;
        }
        WindowLink.get().change("remove", serverId, child.serverId);
        scheduleTraversal();
    }

    public View getChildAt(int index) {
        return index < 0 || index >= children.size() ? null : children.get(index);
    }

    public int getChildCount() {
        return children.size();
    }

    public int indexOfChild(View child) {
        return children.indexOf(child);
    }

    @Override
    <T extends View> T findTraversal(int wanted) {
        T found = super.findTraversal(wanted);
        for (int i = 0; found == null && i < children.size(); i++) {
            found = children.get(i).findTraversal(wanted);
        }
        return found;
    }

    protected LayoutParams generateDefaultLayoutParams() {
        return new LayoutParams(LayoutParams.WRAP_CONTENT, LayoutParams.WRAP_CONTENT);
    }

    /** Has the window server measure `items` at `width` and lay out what is in them; their own places stay as they are. */
    protected final void measureItems(List<View> items, int width) {
        List<Object> ids = new ArrayList<>();
        items.forEach(item -> ids.add(item.serverId));
        Map<String, Object> message = WindowLink.message("items", "w", width, "ids", ids);
        ViewRootImpl.applyBounds(Json.array(WindowLink.get().ask(message).get("b")), items);
        items.forEach(View::layoutPass);
    }

    /** Puts a child at `left`, `top`. */
    protected final void place(View child, int left, int top) {
        child.mRight += left - child.mLeft;
        child.mBottom += top - child.mTop;
        child.mLeft = left;
        child.mTop = top;
        WindowLink.get().change("place", child.serverId, left, top);
    }

    /** Moves all children by `dy`. */
    protected final void shiftChildren(int dy) {
        for (View child : children) {
            child.mTop += dy;
            child.mBottom += dy;
        }
        WindowLink.get().change("shift", serverId, dy);
        scheduleTraversal();
    }

    @Override
    void layoutPass() {
        if (layoutWanted) {
            super.layoutPass();
            for (int i = 0; i < children.size(); i++) {
                children.get(i).layoutPass();
            }
        }
    }

    @Override
    void dispatchAttached(boolean attached) {
        super.dispatchAttached(attached);
        for (View child : List.copyOf(children)) {
            child.dispatchAttached(attached);
        }
    }

    public boolean onInterceptTouchEvent(MotionEvent ev) {
        return false;
    }

    @Override
    public void requestDisallowInterceptTouchEvent(boolean disallowIntercept) {
        interceptForbidden = disallowIntercept;
        if (mParent != null) {
            mParent.requestDisallowInterceptTouchEvent(disallowIntercept);
        }
    }

    @Override
    public boolean dispatchKeyEvent(KeyEvent event) {
        return super.dispatchKeyEvent(event);
    }

    @Override
    public boolean dispatchTouchEvent(MotionEvent ev) {
        boolean down = ev.getActionMasked() == MotionEvent.ACTION_DOWN;
        if (down) {
            touched = null;
            interceptForbidden = false;
        }
        boolean intercepted = (down || touched != null) && !interceptForbidden && onInterceptTouchEvent(ev);
        if (down && !intercepted) {
            touched = firstTaker(ev);
        } else if (touched != null) {
            MotionEvent copy = MotionEvent.obtain(ev);
            if (intercepted) {
                copy.setAction(MotionEvent.ACTION_CANCEL);
            }
            View target = touched;
            boolean taken = dispatchToChild(target, copy);
            if (intercepted || ev.getActionMasked() == MotionEvent.ACTION_UP) {
                touched = null;
            }
            return intercepted || taken;
        }
        return touched != null || super.dispatchTouchEvent(ev);
    }

    private View firstTaker(MotionEvent down) {
        for (int i = children.size() - 1; i >= 0; i--) {
            View child = children.get(i);
            float x = down.getX() + mScrollX - child.getTranslationX();
            float y = down.getY() + mScrollY - child.getTranslationY();
            boolean inside = x >= child.mLeft && x < child.mRight && y >= child.mTop && y < child.mBottom;
            if (child.getVisibility() == VISIBLE && inside && dispatchToChild(child, MotionEvent.obtain(down))) {
                return child;
            }
        }
        return null;
    }

    private boolean dispatchToChild(View child, MotionEvent event) {
        event.offsetLocation(mScrollX - child.mLeft - child.getTranslationX(),
                mScrollY - child.mTop - child.getTranslationY());
        return child.dispatchTouchEvent(event);
    }

    /** How large a child wants to be. */
    public static class LayoutParams {
        public static final int MATCH_PARENT = -1;
        public static final int WRAP_CONTENT = -2;
        public int width;
        public int height;

        public LayoutParams(int width, int height) {
            this.width = width;
            this.height = height;
        }

        /** These parameters for the window server. */
        protected Map<String, Object> describe() {
            Map<String, Object> map = new HashMap<>();
            map.put("w", width);
            map.put("h", height);
            return map;
        }
    }

    /** And how much room around it. */
    public static class MarginLayoutParams extends LayoutParams {
        public int leftMargin;
        public int topMargin;
        public int rightMargin;
        public int bottomMargin;

        public MarginLayoutParams(int width, int height) {
            super(width, height);
        }

        public void setMargins(int left, int top, int right, int bottom) {
            leftMargin = left;
            topMargin = top;
            rightMargin = right;
            bottomMargin = bottom;
        }

        @Override
        protected Map<String, Object> describe() {
            Map<String, Object> map = super.describe();
            map.put("margins", new Object[] {leftMargin, topMargin, rightMargin, bottomMargin});
            return map;
        }
    }
}
