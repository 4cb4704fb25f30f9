package android.view;

import android.content.Context;
import android.content.res.Resources;
import android.graphics.Canvas;
import android.graphics.Paint;
import android.graphics.Rect;
import android.graphics.drawable.ColorDrawable;
import android.graphics.drawable.Drawable;
import android.os.Handler;
import android.os.Looper;
import java.lang.ref.Cleaner;
import java.util.HashMap;
import java.util.Map;
import org.mindproof.phone.Inside;
import org.mindproof.phone.Screen;
import org.mindproof.phone.WindowLink;

/**
 * A rectangle of the screen that draws and takes touches.
 *
 * <p>State lives here; every change is told to the window server, which measures, lays out and draws, and answers with bounds.
 */
public class View {
    public static final int NO_ID = -1;
    public static final int VISIBLE = 0;
    public static final int INVISIBLE = 4;
    public static final int GONE = 8;
    public static final int LAYER_TYPE_NONE = 0;
    public static final int LAYER_TYPE_SOFTWARE = 1;
    public static final int LAYER_TYPE_HARDWARE = 2;
    private static final Cleaner CLEANER = Cleaner.create();
    private static final Handler HANDLER = new Handler(Looper.getMainLooper());
    private static int lastServerId;

    /** The number of this view in the window server. */
    protected final int serverId;

    protected int mLeft;
    protected int mTop;
    protected int mRight;
    protected int mBottom;
    protected int mScrollX;
    protected int mScrollY;
    protected ViewParent mParent;
    protected ViewGroup.LayoutParams mLayoutParams;

    ViewRootImpl root;
    boolean layoutWanted = true;

    private final Context context;
    private final int[] padding = new int[4];
    private int id = NO_ID;
    private int visibility = VISIBLE;
    private float alpha = 1;
    private float translationX;
    private float translationY;
    private boolean enabled = true;
    private boolean clickable;
    private boolean longClickable;
    private boolean focusable;
    private boolean selected;
    private boolean clipToOutline;
    private boolean scrollContainer;
    private boolean drawn;
    private boolean longPressed;
    private float downX;
    private float downY;
    private Object tag;
    private Map<Integer, Object> tags;
    private CharSequence contentDescription;
    private Drawable background;
    private Drawable foreground;
    private int layerType = LAYER_TYPE_NONE;
    private CharSequence paneTitle;
    private int importantForAccessibility;
    private OnClickListener clickListener;
    private OnLongClickListener longClickListener;
    private OnTouchListener touchListener;

    public View(Context context) {
        this.context = context;
        synchronized (View.class) {
            serverId = ++lastServerId;
        }
        int number = serverId;
        CLEANER.register(this, () -> {
            ViewRootImpl.VIEWS.remove(number);
            WindowLink.get().free(number);
        });
        WindowLink.get().change("new", serverId, kind(), getAccessibilityClassName(), context.getPackageName());
        ViewRootImpl.VIEWS.put(serverId, new java.lang.ref.WeakReference<>(this));
    }

    /** What the window server lays out and draws this view as. */
    protected String kind() {
        return getClass() == View.class ? "view" : "canvas";
    }

    /** Tells the window server one property; see `window/node.py` for the names. */
    protected final void tell(String property, Object value) {
        WindowLink.get().change("set", serverId, property, value);
        scheduleTraversal();
    }

    final void scheduleTraversal() {
        ViewRootImpl holder = viewRoot();
        if (holder != null) {
            holder.schedule();
        }
    }

    final ViewRootImpl viewRoot() {
        View view = this;
        while (view.mParent instanceof View parent) {
            view = parent;
        }
        return view.root;
    }

    public CharSequence getAccessibilityClassName() {
        return View.class.getName();
    }

    public final Context getContext() {
        return context;
    }

    public Resources getResources() {
        return context.getResources();
    }

    public void setId(int id) {
        this.id = id;
        tell("rid", id == NO_ID ? "" : getResources().getResourceName(id));
    }

    public int getId() {
        return id;
    }

    public final <T extends View> T findViewById(int id) {
        return id == NO_ID ? null : findTraversal(id);
    }

    @SuppressWarnings("unchecked")
    <T extends View> T findTraversal(int wanted) {
        return id == wanted ? (T) this : null;
    }

    public Object getTag() {
        return tag;
    }

    public void setTag(Object tag) {
        this.tag = tag;
    }

    public Object getTag(int key) {
        return tags == null ? null : tags.get(key);
    }

    public void setTag(int key, Object tag) {
        if (tags == null) {
            tags = new HashMap<>();
        }
        tags.put(key, tag);
    }

    public void setVisibility(int visibility) {
        if (this.visibility != visibility) {
            this.visibility = visibility;
            tell("visibility", visibility);
            requestLayout();
        }
    }

    public int getVisibility() {
        return visibility;
    }

    public boolean isShown() {
        View view = this;
        while (view.visibility == VISIBLE) {
            if (view.root != null) {
                return true;
            }
            if (!(view.mParent instanceof View parent)) {
                return false;
            }
            view = parent;
        }
        return false;
    }

    public boolean isAttachedToWindow() {
        return viewRoot() != null;
    }

    /** Whether the window shows; GONE where there is none. */
    public int getWindowVisibility() {
        ViewRootImpl holder = viewRoot();
        return holder == null ? GONE : holder.view.visibility;
    }

    public void setAlpha(float alpha) {
        if (this.alpha != alpha) {
            this.alpha = alpha;
            tell("alpha", alpha);
        }
    }

    public float getAlpha() {
        return alpha;
    }

    public void setTranslationX(float translationX) {
        this.translationX = translationX;
        tell("translation", new Object[] {translationX, translationY});
    }

    public void setTranslationY(float translationY) {
        this.translationY = translationY;
        tell("translation", new Object[] {translationX, translationY});
    }

    public float getTranslationX() {
        return translationX;
    }

    public float getTranslationY() {
        return translationY;
    }

    public void setEnabled(boolean enabled) {
        if (this.enabled != enabled) {
            this.enabled = enabled;
            tell("enabled", enabled);
        }
    }

    public boolean isEnabled() {
        return enabled;
    }

    public void setClickable(boolean clickable) {
        this.clickable = clickable;
        tell("clickable", clickable);
    }

    public boolean isClickable() {
        return clickable;
    }

    public void setLongClickable(boolean longClickable) {
        this.longClickable = longClickable;
        tell("long", longClickable);
    }

    public boolean isLongClickable() {
        return longClickable;
    }

    public void setFocusable(boolean focusable) {
        this.focusable = focusable;
        tell("focusable", focusable);
    }

    public final boolean isFocusable() {
        return focusable;
    }

    public boolean isFocused() {
        ViewRootImpl holder = viewRoot();
        return holder != null && holder.focused == this;
    }

    public final boolean requestFocus() {
        ViewRootImpl holder = viewRoot();
        if (!focusable || holder == null) {
            return false;
        }
        holder.focus(this);
        return true;
    }

    public void clearFocus() {
        if (isFocused()) {
            viewRoot().focus(null);
        }
    }

    public View findFocus() {
        ViewRootImpl holder = viewRoot();
        View focused = holder == null ? null : holder.focused;
        for (View view = focused; view != null; view = view.mParent instanceof View parent ? parent : null) {
            if (view == this) {
                return focused;
            }
        }
        return null;
    }

    /** Types `text` here, as a keyboard does; true when taken. */
    protected boolean commitText(CharSequence text) {
        return false;
    }

    public void setSelected(boolean selected) {
        if (this.selected != selected) {
            this.selected = selected;
            tell("selected", selected);
        }
    }

    public boolean isSelected() {
        return selected;
    }

    public void setScrollContainer(boolean isScrollContainer) {
        scrollContainer = isScrollContainer;
        tell("scrollable", isScrollContainer);
    }

    public boolean isScrollContainer() {
        return scrollContainer;
    }

    public void setContentDescription(CharSequence contentDescription) {
        this.contentDescription = contentDescription;
        tell("desc", contentDescription == null ? "" : contentDescription.toString());
    }

    public CharSequence getContentDescription() {
        return contentDescription;
    }

    public void setBackgroundColor(int color) {
        setBackground(new ColorDrawable(color));
    }

    public void setBackground(Drawable background) {
        this.background = background;
        tell("background", Inside.drawable == null ? null : Inside.drawable.apply(background));
    }

    public Drawable getBackground() {
        return background;
    }

    /** Draws `foreground` over everything in this view, in the view's own size. */
    public void setForeground(Drawable foreground) {
        this.foreground = foreground;
        tell("foreground", Inside.drawable == null ? null : Inside.drawable.apply(foreground));
    }

    public Drawable getForeground() {
        return foreground;
    }

    /** The paint's colour filter has an effect on the top view of a window only. */
    public void setLayerType(int layerType, Paint paint) {
        this.layerType = layerType;
        tell("filter", layerType == LAYER_TYPE_NONE || paint == null ? null : Inside.filter.apply(paint));
    }

    public int getLayerType() {
        return layerType;
    }

    public void setAccessibilityPaneTitle(CharSequence accessibilityPaneTitle) {
        paneTitle = accessibilityPaneTitle;
    }

    /** Kept and nothing more: no service reads a screen aloud here. */
    public void setImportantForAccessibility(int mode) {
        importantForAccessibility = mode;
    }

    public int getImportantForAccessibility() {
        return importantForAccessibility;
    }

    public CharSequence getAccessibilityPaneTitle() {
        return paneTitle;
    }

    public void setClipToOutline(boolean clipToOutline) {
        this.clipToOutline = clipToOutline;
        tell("clip", clipToOutline);
    }

    public final boolean getClipToOutline() {
        return clipToOutline;
    }

    public void setPadding(int left, int top, int right, int bottom) {
        padding[0] = left;
        padding[1] = top;
        padding[2] = right;
        padding[3] = bottom;
        tell("padding", new Object[] {left, top, right, bottom});
        requestLayout();
    }

    /** Keeps what is inside clear of the system bars, as they are now; in place of the view's own padding. */
    public void setFitsSystemWindows(boolean fitSystemWindows) {
        setPadding(0, fitSystemWindows ? Screen.statusBar : 0, 0, fitSystemWindows ? Screen.navigationBar : 0);
    }

    public int getPaddingLeft() {
        return padding[0];
    }

    public int getPaddingTop() {
        return padding[1];
    }

    public int getPaddingRight() {
        return padding[2];
    }

    public int getPaddingBottom() {
        return padding[3];
    }

    public void setMinimumHeight(int minHeight) {
        tell("minHeight", minHeight);
        requestLayout();
    }

    public void setMinimumWidth(int minWidth) {
        tell("minWidth", minWidth);
        requestLayout();
    }

    public void setLayoutParams(ViewGroup.LayoutParams params) {
        mLayoutParams = params;
        tell("layout", params.describe());
        requestLayout();
    }

    public ViewGroup.LayoutParams getLayoutParams() {
        return mLayoutParams;
    }

    public final int getLeft() {
        return mLeft;
    }

    public final int getTop() {
        return mTop;
    }

    public final int getRight() {
        return mRight;
    }

    public final int getBottom() {
        return mBottom;
    }

    public final int getWidth() {
        return mRight - mLeft;
    }

    public final int getHeight() {
        return mBottom - mTop;
    }

    public final int getMeasuredWidth() {
        return getWidth();
    }

    public final int getMeasuredHeight() {
        return getHeight();
    }

    public void getLocationOnScreen(int[] outLocation) {
        outLocation[0] = 0;
        outLocation[1] = 0;
        for (View view = this; view != null; view = view.mParent instanceof View parent ? parent : null) {
            View parent = view.mParent instanceof View holder ? holder : null;
            outLocation[0] += view.mLeft + (int) view.translationX - (parent == null ? 0 : parent.mScrollX);
            outLocation[1] += view.mTop + (int) view.translationY - (parent == null ? 0 : parent.mScrollY);
        }
    }

    public final boolean getGlobalVisibleRect(Rect r) {
        int[] location = new int[2];
        getLocationOnScreen(location);
        r.set(location[0], location[1], location[0] + getWidth(), location[1] + getHeight());
        View view = this;
        while (view.mParent instanceof View parent) {
            parent.getLocationOnScreen(location);
            if (!r.intersect(location[0], location[1], location[0] + parent.getWidth(),
                    location[1] + parent.getHeight())) {
                return false;
            }
            view = parent;
        }
        return isShown();
    }

    public final ViewParent getParent() {
        return mParent;
    }

    public ViewTreeObserver getViewTreeObserver() {
        ViewRootImpl holder = viewRoot();
        return holder == null ? new ViewTreeObserver() : holder.observer;
    }

    public View getRootView() {
        View view = this;
        while (view.mParent instanceof View parent) {
            view = parent;
        }
        return view;
    }

    public void requestLayout() {
        layoutWanted = true;
        if (mParent != null) {
            mParent.requestLayout();
        } else if (root != null) {
            root.requestLayout();
        }
    }

    public void invalidate() {
        drawn = false;
        scheduleTraversal();
        ViewRootImpl holder = viewRoot();
        if (holder != null) {
            holder.redraw(this);
        }
    }

    /** Records what this view draws by itself, when it may have changed. */
    final void record() {
        if (!drawn && kind().equals("canvas")) {
            Canvas canvas = new Canvas();
            onDraw(canvas);
            tell("canvas", Inside.canvas.apply(canvas));
        }
        drawn = true;
    }

    /** Draws this view as it is on the screen, with all that is in it; `canvas` must be one over a bitmap. */
    public void draw(Canvas canvas) {
        Inside.drawView.accept(canvas, serverId);
    }

    protected void onDraw(Canvas canvas) {}

    protected void onSizeChanged(int w, int h, int oldw, int oldh) {}

    protected void onLayout(boolean changed, int left, int top, int right, int bottom) {}

    protected void onAttachedToWindow() {}

    protected void onDetachedFromWindow() {}

    /** Takes the bounds that the window server found. */
    void setFrame(int left, int top, int width, int height) {
        int oldWidth = getWidth();
        int oldHeight = getHeight();
        mLeft = left;
        mTop = top;
        mRight = left + width;
        mBottom = top + height;
        if (width != oldWidth || height != oldHeight) {
            layoutWanted = true;
            for (ViewParent up = mParent; up instanceof View parent; up = parent.mParent) {
                parent.layoutWanted = true;
            }
            onSizeChanged(width, height, oldWidth, oldHeight);
            drawn = false;
        }
    }

    void layoutPass() {
        if (layoutWanted) {
            layoutWanted = false;
            onLayout(true, mLeft, mTop, mRight, mBottom);
            record();
        }
    }

    void dispatchAttached(boolean attached) {
        if (attached) {
            onAttachedToWindow();
        } else {
            onDetachedFromWindow();
        }
    }

    public void offsetTopAndBottom(int offset) {
        mTop += offset;
        mBottom += offset;
        WindowLink.get().change("place", serverId, mLeft, mTop);
        scheduleTraversal();
    }

    public void offsetLeftAndRight(int offset) {
        mLeft += offset;
        mRight += offset;
        WindowLink.get().change("place", serverId, mLeft, mTop);
        scheduleTraversal();
    }

    public void scrollTo(int x, int y) {
        if (mScrollX != x || mScrollY != y) {
            int oldX = mScrollX;
            int oldY = mScrollY;
            mScrollX = x;
            mScrollY = y;
            tell("scroll", new Object[] {x, y});
            onScrollChanged(x, y, oldX, oldY);
        }
    }

    public void scrollBy(int x, int y) {
        scrollTo(mScrollX + x, mScrollY + y);
    }

    protected void onScrollChanged(int l, int t, int oldl, int oldt) {
        ViewRootImpl holder = viewRoot();
        if (holder != null) {
            holder.scrolled = true;
        }
    }

    public boolean canScrollHorizontally(int direction) {
        return false;
    }

    public boolean canScrollVertically(int direction) {
        return false;
    }

    public final int getScrollX() {
        return mScrollX;
    }

    public final int getScrollY() {
        return mScrollY;
    }

    public boolean post(Runnable action) {
        return HANDLER.post(action);
    }

    public boolean postDelayed(Runnable action, long delayMillis) {
        return HANDLER.postDelayed(action, delayMillis);
    }

    public boolean removeCallbacks(Runnable action) {
        HANDLER.removeCallbacks(action);
        return true;
    }

    public void setOnClickListener(OnClickListener l) {
        clickListener = l;
        setClickable(l != null);
    }

    public boolean hasOnClickListeners() {
        return clickListener != null;
    }

    public void setOnLongClickListener(OnLongClickListener l) {
        longClickListener = l;
        setLongClickable(l != null);
    }

    public void setOnTouchListener(OnTouchListener l) {
        touchListener = l;
    }

    public boolean performClick() {
        if (clickListener == null) {
            return false;
        }
        clickListener.onClick(this);
        return true;
    }

    public boolean callOnClick() {
        return performClick();
    }

    public boolean performLongClick() {
        return longClickListener != null && longClickListener.onLongClick(this);
    }

    public boolean dispatchTouchEvent(MotionEvent event) {
        if (touchListener != null && enabled && touchListener.onTouch(this, event)) {
            return true;
        }
        return onTouchEvent(event);
    }

    /** A click when the finger lifts where it came down; a long click when it stays 400 ms of event time. */
    public boolean onTouchEvent(MotionEvent event) {
        if (!clickable && !longClickable) {
            return false;
        }
        if (!enabled) {
            return true;
        }
        float slop = ViewConfiguration.get(context).getScaledTouchSlop();
        boolean inside = event.getX() >= -slop && event.getX() < getWidth() + slop && event.getY() >= -slop
                && event.getY() < getHeight() + slop;
        switch (event.getActionMasked()) {
            case MotionEvent.ACTION_DOWN:
                longPressed = false;
                downX = event.getRawX();
                downY = event.getRawY();
                break;
            case MotionEvent.ACTION_MOVE:
            case MotionEvent.ACTION_UP:
                boolean still = Math.hypot(event.getRawX() - downX, event.getRawY() - downY) <= slop;
                boolean held = event.getEventTime() - event.getDownTime() >= ViewConfiguration.getLongPressTimeout();
                if (inside && still && held && longClickable && !longPressed) {
                    longPressed = performLongClick();
                }
                if (event.getActionMasked() == MotionEvent.ACTION_UP && inside && !longPressed) {
                    requestFocus();
                    post(this::performClick);
                }
                break;
            default:
                break;
        }
        return true;
    }

    public boolean dispatchKeyEvent(KeyEvent event) {
        if (event.getAction() == KeyEvent.ACTION_DOWN) {
            return onKeyDown(event.getKeyCode(), event);
        }
        return onKeyUp(event.getKeyCode(), event);
    }

    public boolean onKeyDown(int keyCode, KeyEvent event) {
        return false;
    }

    public boolean onKeyUp(int keyCode, KeyEvent event) {
        return false;
    }

    /** Hears clicks. */
    public interface OnClickListener {
        void onClick(View arg1);
    }

    /** Hears long clicks. */
    public interface OnLongClickListener {
        boolean onLongClick(View arg1);
    }

    /** Hears touches before the view does. */
    public interface OnTouchListener {
        boolean onTouch(View arg1, MotionEvent arg2);
    }
}
