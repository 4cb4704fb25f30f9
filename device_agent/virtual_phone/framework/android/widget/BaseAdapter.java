package android.widget;

import android.database.DataSetObserver;
import java.util.ArrayList;
import java.util.List;

/** The common part of adapters. */
public abstract class BaseAdapter implements ListAdapter {
    private final List<DataSetObserver> observers = new ArrayList<>();

    public BaseAdapter() {}

    @Override
    public boolean hasStableIds() {
        return false;
    }

    @Override
    public void registerDataSetObserver(DataSetObserver observer) {
        observers.add(observer);
    }

    @Override
    public void unregisterDataSetObserver(DataSetObserver observer) {
        observers.remove(observer);
    }

    public void notifyDataSetChanged() {
        List.copyOf(observers).forEach(DataSetObserver::onChanged);
    }

    @Override
    public boolean areAllItemsEnabled() {
        return true;
    }

    @Override
    public boolean isEnabled(int position) {
        return true;
    }

    @Override
    public int getItemViewType(int position) {
        return 0;
    }

    @Override
    public int getViewTypeCount() {
        return 1;
    }

    @Override
    public boolean isEmpty() {
        return getCount() == 0;
    }
}
