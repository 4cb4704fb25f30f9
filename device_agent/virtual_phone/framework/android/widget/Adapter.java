package android.widget;

import android.database.DataSetObserver;
import android.view.View;
import android.view.ViewGroup;

/** Makes views for items. */
public interface Adapter {
    int getCount();

    Object getItem(int arg1);

    long getItemId(int arg1);

    int getItemViewType(int arg1);

    int getViewTypeCount();

    View getView(int arg1, View arg2, ViewGroup arg3);

    boolean hasStableIds();

    boolean isEmpty();

    void registerDataSetObserver(DataSetObserver arg1);

    void unregisterDataSetObserver(DataSetObserver arg1);
}
