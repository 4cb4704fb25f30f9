package android.widget;

import android.content.Context;

/** A vertical list. */
public class ListView extends AbsListView {
    public ListView(Context context) {
        super(context);
    }

    @Override
    public CharSequence getAccessibilityClassName() {
        return ListView.class.getName();
    }
}
