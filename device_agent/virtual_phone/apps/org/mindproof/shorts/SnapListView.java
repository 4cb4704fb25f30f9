package org.mindproof.shorts;

import android.content.Context;
import android.view.View;
import android.widget.ListView;

/** A list whose items are as tall as itself and which always comes to rest on one of them. */
final class SnapListView extends ListView {
    private static final float TURN_PX_PER_S = 400;
    private static final int SNAP_MS = 250;

    SnapListView(Context context) {
        super(context);
    }

    @Override
    protected void onSizeChanged(int w, int h, int oldw, int oldh) {
        for (int i = 0; i < getChildCount(); i++) {
            getChildAt(i).setLayoutParams(new LayoutParams(LayoutParams.MATCH_PARENT, h));
        }
    }

    @Override
    protected void onRelease(float velocity) {
        View first = getChildAt(0);
        if (first == null) {
            return;
        }
        int shown = first.getTop() + first.getHeight();
        boolean next = velocity < -TURN_PX_PER_S || (Math.abs(velocity) <= TURN_PX_PER_S && shown < getHeight() / 2);
        smoothScrollBy(next ? shown : first.getTop(), SNAP_MS);
    }

    /** The position of the item that fills most of the screen. */
    int current() {
        View first = getChildAt(0);
        boolean second = first != null && first.getTop() + first.getHeight() < getHeight() / 2;
        return getFirstVisiblePosition() + (second ? 1 : 0);
    }
}
