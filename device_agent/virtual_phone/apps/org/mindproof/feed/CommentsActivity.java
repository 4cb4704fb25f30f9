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
import org.mindproof.content.Source;
import org.mindproof.design.StatusRow;
import org.mindproof.design.Ui;

/** The comments of one post. */
public final class CommentsActivity extends Activity {
    private static final int COMMENT = 0;
    private static final int STATUS = 1;
    private final List<Comment> own = new ArrayList<>();

    @Override
    protected void onCreate(Bundle savedInstanceState) {
        super.onCreate(savedInstanceState);
        Ui ui = new Ui(this);
        int count = getIntent().getIntExtra("comments", 0);
        Source<Comment> comments = Plaza.comments(getIntent().getIntExtra("post", 0), count);
        LinearLayout page = ui.column();
        page.setBackgroundColor(0xFFFFFFFF);
        page.addView(Bar.build(this, ui, Counts.of(Counts.full(count), "comments")));
        page.addView(ui.line());
        Rows rows = new Rows(comments);
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
                own.add(0, new Comment(Plaza.me(), text, 0, "now", false));
                field.setText("");
                rows.notifyDataSetChanged();
                list.setSelection(0);
            }
        });
        bar.addView(send);
        return bar;
    }

    private final class Rows extends BaseAdapter {
        private final Source<Comment> comments;

        Rows(Source<Comment> comments) {
            this.comments = comments;
            comments.onChange(this::notifyDataSetChanged);
            comments.load();
        }

        @Override
        public int getCount() {
            return own.size() + comments.size() + (comments.hasMore() ? 1 : 0);
        }

        @Override
        public Object getItem(int position) {
            return position < own.size() ? own.get(position) : comments.get(position - own.size());
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
            return position < own.size() + comments.size() ? COMMENT : STATUS;
        }

        @Override
        public View getView(int position, View convertView, ViewGroup parent) {
            if (getItemViewType(position) == STATUS) {
                return StatusRow.show(convertView, CommentsActivity.this, R.id.status_message, R.id.retry_button,
                        comments);
            }
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
