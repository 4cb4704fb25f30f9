package org.mindproof.shorts;

import android.app.Activity;
import android.os.Bundle;
import android.os.Handler;
import android.os.Looper;
import android.view.Gravity;
import android.view.View;
import android.view.ViewGroup;
import android.widget.AbsListView;
import android.widget.BaseAdapter;
import android.widget.FrameLayout;
import android.widget.LinearLayout;
import android.widget.TextView;
import java.util.HashSet;
import java.util.Set;
import org.mindproof.content.Source;
import org.mindproof.design.StatusRow;
import org.mindproof.design.Ui;

/** Videos without end: the one in view plays by itself, a swipe brings the next. */
public final class ShortsActivity extends Activity {
    private static final long FRAME_MS = 110;
    private final Handler handler = new Handler(Looper.getMainLooper());
    private final Set<Integer> liked = new HashSet<>();
    private final Runnable next = this::play;
    private SnapListView pager;
    private int playing = -1;
    private int frame;

    @Override
    protected void onCreate(Bundle savedInstanceState) {
        super.onCreate(savedInstanceState);
        getWindow().setStatusBarColor(0xFF000000);
        Ui ui = new Ui(this);
        FrameLayout page = ui.frame();
        page.setBackgroundColor(0xFF000000);
        pager = new SnapListView(this);
        pager.setId(R.id.pager);
        pager.setBackgroundColor(0xFF000000);
        pager.setAdapter(new Pages(Video.videos()));
        page.addView(pager);
        LinearLayout tabs = ui.row();
        tabs.setGravity(Gravity.CENTER);
        ui.pad(tabs, 0, 14, 0, 0);
        tabs.addView(tab(ui, "Following", R.id.tab_following, 0xB3FFFFFF));
        tabs.addView(tab(ui, "For you", R.id.tab_for_you, 0xFFFFFFFF));
        page.addView(tabs, new FrameLayout.LayoutParams(Ui.MATCH, Ui.WRAP, Gravity.TOP));
        setContentView(page);
    }

    private static TextView tab(Ui ui, String label, int id, int color) {
        TextView view = ui.text(label, 16, color, Ui.MEDIUM);
        view.setId(id);
        view.setLayoutParams(ui.linear(Ui.WRAP, Ui.WRAP, 10, 0, 10, 0));
        return view;
    }

    @Override
    protected void onResume() {
        super.onResume();
        handler.postDelayed(next, FRAME_MS);
    }

    @Override
    protected void onPause() {
        super.onPause();
        handler.removeCallbacks(next);
    }

    private void play() {
        int current = pager.current();
        if (current != playing) {
            playing = current;
            frame = 0;
        }
        View child = pager.getChildAt(current - pager.getFirstVisiblePosition());
        if (child != null && child.getTag() instanceof Page page && page.isPlaying()) {
            page.show(++frame);
        }
        handler.postDelayed(next, FRAME_MS);
    }

    private final class Pages extends BaseAdapter {
        private static final int VIDEO = 0;
        private static final int STATUS = 1;
        /** More videos are fetched when so many are left below the one that comes into view. */
        private static final int AHEAD = 3;
        private final Source<Video> videos;

        Pages(Source<Video> videos) {
            this.videos = videos;
            videos.onChange(this::notifyDataSetChanged);
            videos.load();
        }

        @Override
        public int getCount() {
            return videos.size() + (videos.hasMore() ? 1 : 0);
        }

        @Override
        public Object getItem(int position) {
            return getItemViewType(position) == VIDEO ? videos.get(position) : null;
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
            return position < videos.size() ? VIDEO : STATUS;
        }

        @Override
        public View getView(int position, View convertView, ViewGroup parent) {
            View view = getItemViewType(position) == VIDEO ? page(position, convertView)
                    : StatusRow.show(convertView, ShortsActivity.this, R.id.status_message, R.id.retry_button, videos);
            view.setLayoutParams(new AbsListView.LayoutParams(Ui.MATCH, parent.getHeight()));
            return view;
        }

        private View page(int position, View convertView) {
            Page page = convertView == null ? new Page(ShortsActivity.this, liked) : (Page) convertView.getTag();
            page.root.setTag(page);
            page.bind(videos.get(position));
            int ahead = Video.prefetch(videos);
            for (int next = position + 1; next <= position + ahead && next < videos.size(); next++) {
                expect(videos.get(next));
            }
            if (videos.size() - position <= AHEAD) {
                videos.load();
            }
            return page.root;
        }

        private static void expect(Video video) {
            String clip = Playlists.clip(video);
            if (clip == null) {
                Playlists.fetch(video, () -> expect(video));
            } else {
                Ui.load(clip + "/0");
            }
        }
    }
}
