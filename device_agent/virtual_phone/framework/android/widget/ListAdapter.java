package android.widget;

/** Makes views for the items of a list. */
public interface ListAdapter extends Adapter {
    boolean areAllItemsEnabled();

    boolean isEnabled(int arg1);
}
