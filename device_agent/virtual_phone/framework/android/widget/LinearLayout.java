package android.widget;

import android.content.Context;
import android.view.ViewGroup;
import java.util.Map;

/** Children in a row or a column. */
public class LinearLayout extends ViewGroup {
    public static final int HORIZONTAL = 0;
    public static final int VERTICAL = 1;
    private int orientation = HORIZONTAL;
    private int gravity;

    public LinearLayout(Context context) {
        super(context);
    }

    @Override
    protected String kind() {
        return "linear";
    }

    @Override
    public CharSequence getAccessibilityClassName() {
        return LinearLayout.class.getName();
    }

    public void setOrientation(int orientation) {
        this.orientation = orientation;
        tell("vertical", orientation == VERTICAL);
        requestLayout();
    }

    public int getOrientation() {
        return orientation;
    }

    public void setGravity(int gravity) {
        this.gravity = gravity;
        tell("gravity", gravity);
        requestLayout();
    }

    public int getGravity() {
        return gravity;
    }

    @Override
    protected LayoutParams generateDefaultLayoutParams() {
        int width = orientation == VERTICAL ? LayoutParams.MATCH_PARENT : LayoutParams.WRAP_CONTENT;
        return new LayoutParams(width, LayoutParams.WRAP_CONTENT);
    }

    /** Size, margins, a share of the room that is left, and where across. */
    public static class LayoutParams extends ViewGroup.MarginLayoutParams {
        public float weight;
        public int gravity = -1;

        public LayoutParams(int width, int height) {
            super(width, height);
        }

        public LayoutParams(int width, int height, float weight) {
            super(width, height);
            this.weight = weight;
        }

        @Override
        protected Map<String, Object> describe() {
            Map<String, Object> map = super.describe();
            map.put("weight", weight);
            map.put("gravity", Math.max(0, gravity));
            return map;
        }
    }
}
