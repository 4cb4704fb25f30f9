package org.mindproof.feed;

import android.app.Activity;
import android.os.Bundle;
import android.view.Gravity;
import android.view.View;
import android.view.ViewGroup;
import android.widget.BaseAdapter;
import android.widget.Button;
import android.widget.ImageView;
import android.widget.LinearLayout;
import android.widget.ListView;
import android.widget.TextView;
import org.mindproof.content.Counts;
import org.mindproof.content.Person;
import org.mindproof.content.Post;
import org.mindproof.content.Source;
import org.mindproof.design.Pictures;
import org.mindproof.design.StatusRow;
import org.mindproof.design.Ui;

/** Somebody's page: who, how many follow, and what they posted. */
public final class ProfileActivity extends Activity {
    private static final int HEAD = 0;
    private static final int POST = 1;
    private static final int STATUS = 2;
    private FeedContext feed;
    private Source<Post> posts;
    private int number;

    @Override
    protected void onCreate(Bundle savedInstanceState) {
        super.onCreate(savedInstanceState);
        feed = new FeedContext(this);
        Ui ui = feed.ui();
        number = getIntent().getIntExtra("person", 0);
        posts = Plaza.by(number);
        LinearLayout page = ui.column();
        page.setBackgroundColor(0xFFFFFFFF);
        page.addView(Bar.build(this, ui, getIntent().getStringExtra("handle")));
        ListView list = new ListView(this);
        list.setId(R.id.profile_list);
        list.setBackgroundColor(0xFFFFFFFF);
        list.setAdapter(new Rows());
        page.addView(list, ui.rest(true));
        setContentView(page);
    }

    private View header() {
        Ui ui = feed.ui();
        Plaza.Profile profile = Plaza.profile(posts, number);
        Person person = profile.person();
        LinearLayout head = ui.column();
        head.setGravity(Gravity.CENTER_HORIZONTAL);
        head.setBackgroundColor(0xFFFFFFFF);
        ui.pad(head, 16, 12, 16, 18);
        ImageView avatar = ui.picture(-1);
        avatar.setId(R.id.profile_avatar);
        Pictures.show(avatar, person.avatar());
        head.addView(avatar, ui.linear(ui.dp(96), ui.dp(96)));
        TextView name = ui.text(person.name(), 21, Ui.INK, Ui.MEDIUM);
        name.setId(R.id.profile_name);
        head.addView(name, ui.linear(Ui.WRAP, Ui.WRAP, 0, 12, 0, 0));
        TextView handle = ui.text(person.handle() + " · " + person.town(), 14, Ui.QUIET, null);
        handle.setId(R.id.profile_handle);
        head.addView(handle, ui.linear(Ui.WRAP, Ui.WRAP, 0, 2, 0, 14));
        LinearLayout figures = ui.row();
        figures.addView(figure(Counts.brief(profile.posts()), "Posts", R.id.posts_count), ui.rest(false));
        figures.addView(figure(Counts.brief(person.followers()), "Followers", R.id.followers_count), ui.rest(false));
        figures.addView(figure(Counts.brief(profile.following()), "Following", R.id.following_count),
                ui.rest(false));
        head.addView(figures, ui.linear(Ui.MATCH, Ui.WRAP));
        head.addView(followButton(), ui.linear(Ui.MATCH, ui.dp(42), 0, 16, 0, 0));
        return head;
    }

    private Button followButton() {
        Ui ui = feed.ui();
        Button button = new Button(this);
        button.setId(R.id.follow_button);
        ui.style(button, 15, 0xFFFFFFFF, Ui.MEDIUM);
        button.setGravity(Gravity.CENTER);
        button.setText("Follow");
        button.setBackground(ui.shape(0xFF5B2EE5, 12));
        button.setOnClickListener(view -> {
            boolean following = button.getText().toString().equals("Following");
            button.setText(following ? "Follow" : "Following");
            button.setTextColor(following ? 0xFFFFFFFF : Ui.INK);
            button.setBackground(ui.shape(following ? 0xFF5B2EE5 : 0xFFE9EAEE, 12));
        });
        return button;
    }

    private View figure(String count, String label, int id) {
        Ui ui = feed.ui();
        LinearLayout column = ui.column();
        column.setGravity(Gravity.CENTER_HORIZONTAL);
        TextView number = ui.text(count, 18, Ui.INK, Ui.MEDIUM);
        number.setId(id);
        number.setContentDescription(count + " " + label.toLowerCase(java.util.Locale.ROOT));
        column.addView(number, ui.linear(Ui.WRAP, Ui.WRAP));
        column.addView(ui.text(label, 12.5f, Ui.QUIET, null), ui.linear(Ui.WRAP, Ui.WRAP));
        return column;
    }

    private final class Rows extends BaseAdapter {
        Rows() {
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
            return position == 0 ? HEAD : POST;
        }

        @Override
        public View getView(int position, View convertView, ViewGroup parent) {
            return switch (getItemViewType(position)) {
                case STATUS -> StatusRow.show(convertView, ProfileActivity.this, R.id.status_message, R.id.retry_button,
                        posts);
                case HEAD -> convertView == null ? header() : convertView;
                default -> post(position - 1, convertView);
            };
        }

        private View post(int index, View convertView) {
            PostView view = convertView == null ? new PostView(feed) : (PostView) convertView.getTag();
            view.root.setTag(view);
            view.bind(posts.get(index));
            return view.root;
        }
    }
}
