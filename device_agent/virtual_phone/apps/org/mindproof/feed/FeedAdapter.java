package org.mindproof.feed;

import android.view.View;
import android.view.ViewGroup;
import android.widget.BaseAdapter;
import org.mindproof.content.Post;
import org.mindproof.design.Ui;

/** Stories first, then posts without end. */
final class FeedAdapter extends BaseAdapter {
    private static final int STORIES = 0;
    private static final int POST = 1;
    private final FeedContext feed;

    FeedAdapter(FeedContext feed) {
        this.feed = feed;
    }

    @Override
    public int getCount() {
        return Integer.MAX_VALUE;
    }

    @Override
    public Object getItem(int position) {
        return position == 0 ? null : Post.of(position - 1);
    }

    @Override
    public long getItemId(int position) {
        return position;
    }

    @Override
    public int getViewTypeCount() {
        return 2;
    }

    @Override
    public int getItemViewType(int position) {
        return position == 0 ? STORIES : POST;
    }

    /** Has the picture of a post that will soon show decoded ahead of time. */
    private static void fetch(Post post) {
        if (post.picture() != null) {
            Ui.load(post.picture());
        }
    }

    @Override
    public View getView(int position, View convertView, ViewGroup parent) {
        if (position == 0) {
            return convertView == null ? StoriesBar.build(feed.activity(), feed.ui()) : convertView;
        }
        PostView view;
        if (convertView == null) {
            view = new PostView(feed);
            view.root.setTag(view);
        } else {
            view = (PostView) convertView.getTag();
        }
        view.bind(Post.of(position - 1));
        fetch(Post.of(position));
        fetch(Post.of(position + 1));
        return view.root;
    }
}
