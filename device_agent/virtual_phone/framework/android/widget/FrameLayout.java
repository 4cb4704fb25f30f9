package android.widget;

import android.content.Context;
import android.view.ViewGroup;
import java.util.Map;

/** Children one over another. */
public class FrameLayout extends ViewGroup {
    public FrameLayout(Context context) {
        super(context);
    }

    @Override
    public CharSequence getAccessibilityClassName() {
        return FrameLayout.class.getName();
    }

    @Override
    protected LayoutParams generateDefaultLayoutParams() {
        return new LayoutParams(LayoutParams.MATCH_PARENT, LayoutParams.MATCH_PARENT);
    }

    /** Size, margins, and where in the frame. */
    public static class LayoutParams extends ViewGroup.MarginLayoutParams {
        public int gravity = -1;

        public LayoutParams(int width, int height) {
            super(width, height);
        }

        public LayoutParams(int width, int height, int gravity) {
            super(width, height);
            this.gravity = gravity;
        }

        @Override
        protected Map<String, Object> describe() {
            Map<String, Object> map = super.describe();
            map.put("gravity", Math.max(0, gravity));
            return map;
        }
    }
}
