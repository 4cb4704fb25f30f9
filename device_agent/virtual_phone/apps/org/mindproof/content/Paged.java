package org.mindproof.content;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.mindproof.phone.Json;

/** Items that a server gives out page by page; each page says where the next begins (`next_cursor`). */
public final class Paged<T> extends Source<T> {
    private final String url;
    private final Function<Map<String, Object>, List<T>> read;
    private final List<T> items = new ArrayList<>();
    private Map<String, Object> first;
    private String cursor = "0";
    private String problem;
    private boolean loading;

    /** `read` finds the items in a page; in the background. */
    public Paged(String url, Function<Map<String, Object>, List<T>> read) {
        this.url = url;
        this.read = read;
    }

    @Override
    public int size() {
        return items.size();
    }

    @Override
    public T get(int index) {
        return items.get(index);
    }

    /** The first page, which may hold more than items; null until it is there. */
    public Map<String, Object> first() {
        return first;
    }

    @Override
    public boolean hasMore() {
        return cursor != null;
    }

    @Override
    public String problem() {
        return problem;
    }

    @Override
    public void load() {
        if (!loading && problem == null && cursor != null) {
            loading = true;
            Fetch.get(url + "?cursor=" + cursor, this::parse, this::take, this::fail);
        }
    }

    @Override
    public void retry() {
        problem = null;
        load();
        notifyChanged();
    }

    private record Page<T>(Map<String, Object> fields, List<T> items) {}

    private Page<T> parse(byte[] body) {
        Map<String, Object> fields = Json.object(Fetch.json(body));
        return new Page<>(fields, read.apply(fields));
    }

    private void take(Page<T> page) {
        loading = false;
        if (first == null) {
            first = page.fields();
        }
        items.addAll(page.items());
        // A page without items ends the list: otherwise a server, or whoever changes its answers, could keep it asking.
        cursor = page.items().isEmpty() ? null : (String) page.fields().get("next_cursor");
        notifyChanged();
    }

    private void fail(String why) {
        loading = false;
        problem = why;
        notifyChanged();
    }
}
