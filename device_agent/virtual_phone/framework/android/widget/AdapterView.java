package android.widget;

import android.content.Context;
import android.view.View;
import android.view.ViewGroup;

/** A group whose children an adapter makes. */
public abstract class AdapterView<T extends Adapter> extends ViewGroup {
    public static final int INVALID_POSITION = -1;
    private OnItemClickListener itemClickListener;

    public AdapterView(Context context) {
        super(context);
    }

    public abstract T getAdapter();

    public abstract void setAdapter(T adapter);

    public int getCount() {
        return getAdapter() == null ? 0 : getAdapter().getCount();
    }

    public abstract int getFirstVisiblePosition();

    public int getLastVisiblePosition() {
        return getFirstVisiblePosition() + getChildCount() - 1;
    }

    public int getPositionForView(View view) {
        View item = view;
        while (item.getParent() instanceof View parent && parent != this) {
            item = parent;
        }
        int index = indexOfChild(item);
        return index < 0 ? INVALID_POSITION : getFirstVisiblePosition() + index;
    }

    public void setOnItemClickListener(OnItemClickListener listener) {
        itemClickListener = listener;
    }

    public final OnItemClickListener getOnItemClickListener() {
        return itemClickListener;
    }

    public boolean performItemClick(View view, int position, long id) {
        if (itemClickListener == null) {
            return false;
        }
        itemClickListener.onItemClick(this, view, position, id);
        return true;
    }

    /** Hears clicks on items. */
    public interface OnItemClickListener {
        void onItemClick(AdapterView<?> arg1, View arg2, int arg3, long arg4);
    }
}
