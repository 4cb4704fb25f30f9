package org.mindproof.feed;

import android.app.Activity;
import android.os.Bundle;
import android.view.View;
import android.view.ViewGroup;
import android.widget.BaseAdapter;
import android.widget.EditText;
import android.widget.ImageView;
import android.widget.LinearLayout;
import android.widget.ListView;
import java.util.ArrayList;
import java.util.List;
import org.mindproof.content.Comment;
import org.mindproof.content.Counts;
import org.mindproof.content.Person;
import org.mindproof.content.Post;
import org.mindproof.design.Ui;

/** The comments of one post. */
public final class CommentsActivity extends Activity {
    private final List<Comment> own = new ArrayList<>();

    @Override
    protected void onCreate(Bundle savedInstanceState) {
        super.onCreate(savedInstanceState);
        Ui ui = new Ui(this);
        Post post = Post.of(getIntent().getIntExtra("post", 0));
        LinearLayout page = ui.column();
        page.setBackgroundColor(0xFFFFFFFF);
        page.addView(Bar.build(this, ui, Counts.full(post.comments()) + " comments"));
        page.addView(ui.line());
        Rows rows = new Rows(post);
        ListView list = new ListView(this);
        list.setId(R.id.comments_list);
        list.setBackgroundColor(0xFFFFFFFF);
        list.setAdapter(rows);
        page.addView(list, ui.rest(true));
        page.addView(ui.line());
        page.addView(composer(ui, rows, list));
        setContentView(page);
    }

    private View composer(Ui ui, Rows rows, ListView list) {
        LinearLayout bar = ui.row();
        bar.setBackgroundColor(0xFFFFFFFF);
        ui.pad(bar, 14, 8, 6, 8);
        EditText field = new EditText(this);
        field.setId(R.id.comment_field);
        ui.style(field, 15, Ui.INK, null);
        field.setHint("Add a comment");
        field.setBackground(ui.shape(0xFFF3F4F7, 21));
        ui.pad(field, 16, 11, 16, 11);
        bar.addView(field, ui.rest(false));
        ImageView send = ui.icon(R.drawable.ic_send, 24, 10, 0xFF5B2EE5);
        send.setId(R.id.send_button);
        send.setContentDescription("Post comment");
        send.setOnClickListener(view -> {
            String text = field.getText().toString().trim();
            if (!text.isEmpty()) {
                own.add(0, new Comment(Person.of(3), text, 0, "now", false));
                field.setText("");
                rows.notifyDataSetChanged();
                list.setSelection(0);
            }
        });
        bar.addView(send);
        return bar;
    }

    private final class Rows extends BaseAdapter {
        private final Post post;

        Rows(Post post) {
            this.post = post;
        }

        @Override
        public int getCount() {
            return own.size() + post.comments();
        }

        @Override
        public Object getItem(int position) {
            return position < own.size() ? own.get(position) : post.comment(position - own.size());
        }

        @Override
        public long getItemId(int position) {
            return position;
        }

        @Override
        public View getView(int position, View convertView, ViewGroup parent) {
            CommentRow row;
            if (convertView == null) {
                row = new CommentRow(CommentsActivity.this);
                row.root.setTag(row);
            } else {
                row = (CommentRow) convertView.getTag();
            }
            row.bind((Comment) getItem(position));
            return row.root;
        }
    }
}
