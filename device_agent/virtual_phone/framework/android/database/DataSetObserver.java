package android.database;

/** Hears that an adapter's data changed. */
public abstract class DataSetObserver {
    public DataSetObserver() {}

    public void onChanged() {}

    public void onInvalidated() {}
}
