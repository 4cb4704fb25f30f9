package org.mindproof.content;

/** Items of a list, as many as there are by now. All on the main thread. */
public abstract class Source<T> {
    private Runnable changed = () -> { };

    /** Items without a server: the first `count` of an endless row, made when asked for. */
    public static <T> Source<T> made(int count, java.util.function.IntFunction<T> make) {
        return new Source<>() {
            @Override
            public int size() {
                return count;
            }

            @Override
            public T get(int index) {
                return make.apply(index);
            }
        };
    }

    public abstract int size();

    public abstract T get(int index);

    /** Whether items are still to come, so that the list ends in a row that says so. */
    public boolean hasMore() {
        return false;
    }

    /** Why nothing comes, in words for the user; null while nothing is wrong. */
    public String problem() {
        return null;
    }

    /** Has more items fetched, unless that is going on or went wrong. */
    public void load() {}

    /** Tries again after a problem. */
    public void retry() {}

    /** `run` is called after each change. */
    public void onChange(Runnable run) {
        changed = run;
    }

    protected void notifyChanged() {
        changed.run();
    }
}
