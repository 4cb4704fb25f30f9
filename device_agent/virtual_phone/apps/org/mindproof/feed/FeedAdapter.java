package org.mindproof.feed;

import android.view.View;
import android.view.ViewGroup;
import android.widget.BaseAdapter;
import org.mindproof.content.Post;
import org.mindproof.content.Source;
import org.mindproof.design.Pictures;
import org.mindproof.design.StatusRow;

/** Stories first, then posts without end; last, while more are to come, how that goes. */
final class FeedAdapter extends BaseAdapter {
    private static final int STORIES = 0;
    private static final int POST = 1;
    private static final int STATUS = 2;
    /** More posts are fetched when so many are left below the one that comes into view. */
    private static final int AHEAD = 4;
    private final FeedContext feed;
    private final Source<Post> posts;

    FeedAdapter(FeedContext feed, Source<Post> posts) {
        this.feed = feed;
        this.posts = posts;
        posts.onChange(this::notifyDataSetChanged);
        posts.load();
    }

    private int content() {
        return posts.size() == 0 ? 0 : 1 + posts.size();
    }

    @Override
    public int getCount() {
        return content() + (posts.hasMore() ? 1 : 0);
    }

    @Override
    public Object getItem(int position) {
        return getItemViewType(position) == POST ? posts.get(position - 1) : null;
    }

    @Override
    public long getItemId(int position) {
        return position;
    }

    @Override
    public int getViewTypeCount() {
        return 3;
    }

    @Override
    public int getItemViewType(int position) {
        if (position >= content()) {
            return STATUS;
        }
        return position == 0 ? STORIES : POST;
    }

    @Override
    public View getView(int position, View convertView, ViewGroup parent) {
        return switch (getItemViewType(position)) {
            case STATUS -> StatusRow.show(convertView, feed.activity(), R.id.status_message, R.id.retry_button, posts);
            case STORIES -> convertView == null ? StoriesBar.build(feed.activity(), feed.ui(), Plaza.stories(posts))
                    : convertView;
            default -> post(position - 1, convertView);
        };
    }

    private View post(int index, View convertView) {
        PostView view = convertView == null ? new PostView(feed) : (PostView) convertView.getTag();
        view.root.setTag(view);
        view.bind(posts.get(index));
        for (int next = index + 1; next <= index + 2 && next < posts.size(); next++) {
            Pictures.expect(posts.get(next).picture());
        }
        if (posts.size() - index <= AHEAD) {
            posts.load();
        }
        return view.root;
    }
}
