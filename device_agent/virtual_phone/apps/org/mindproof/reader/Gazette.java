package org.mindproof.reader;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.mindproof.content.Fetch;
import org.mindproof.content.Source;
import org.mindproof.phone.Network;

/** The articles of the server, one web page after another. */
final class Gazette extends Source<Story> {
    private static final String ARTICLES = "https://gazette.mindproof.test/articles/";
    private final List<Story> stories = new ArrayList<>();
    private String problem;
    private boolean loading;

    private Gazette() {}

    /** Articles from the server, or from this phone where there is none. */
    static Source<Story> stories() {
        return Network.isOnline() ? new Gazette() : Source.made(Integer.MAX_VALUE, Story::of);
    }

    @Override
    public int size() {
        return stories.size();
    }

    @Override
    public Story get(int index) {
        return stories.get(index);
    }

    @Override
    public boolean hasMore() {
        return true;
    }

    @Override
    public String problem() {
        return problem;
    }

    @Override
    public void load() {
        if (!loading && problem == null) {
            loading = true;
            Fetch.get(ARTICLES + stories.size(),
                    body -> Story.of(HtmlElement.read(new String(body, StandardCharsets.UTF_8))), this::take, this::fail);
        }
    }

    @Override
    public void retry() {
        problem = null;
        load();
        notifyChanged();
    }

    private void take(Story story) {
        loading = false;
        stories.add(story);
        notifyChanged();
    }

    private void fail(String why) {
        loading = false;
        problem = why;
        notifyChanged();
    }
}
