package org.mindproof.chat;

import java.util.ArrayList;
import java.util.List;
import org.mindproof.content.Fetch;
import org.mindproof.content.Remote;
import org.mindproof.content.Source;
import org.mindproof.phone.Json;

/** What was said in one conversation: known from the start, or fetched as a whole from `url`. */
final class Messages extends Source<Message> {
    private final List<Message> items = new ArrayList<>();
    private final String url;
    private boolean loading;
    private boolean complete;
    private String problem;

    Messages(List<Message> known) {
        items.addAll(known);
        url = null;
        complete = true;
    }

    Messages(String url) {
        this.url = url;
    }

    @Override
    public int size() {
        return items.size();
    }

    @Override
    public Message get(int index) {
        return items.get(index);
    }

    @Override
    public boolean hasMore() {
        return !complete;
    }

    @Override
    public String problem() {
        return problem;
    }

    @Override
    public void load() {
        if (!loading && !complete && problem == null) {
            loading = true;
            Fetch.get(url, body -> Remote.list(Json.object(Fetch.json(body)).get("messages"), Message::read), this::take,
                    this::fail);
        }
    }

    @Override
    public void retry() {
        problem = null;
        load();
        notifyChanged();
    }

    void add(Message message) {
        items.add(message);
        notifyChanged();
    }

    void remove(Message message) {
        items.remove(message);
        notifyChanged();
    }

    private void take(List<Message> said) {
        loading = false;
        complete = true;
        items.addAll(said);
        notifyChanged();
    }

    private void fail(String why) {
        loading = false;
        problem = why;
        notifyChanged();
    }
}
