package org.mindproof.chat;

import android.app.Activity;
import android.content.Intent;
import android.graphics.Typeface;
import android.os.Bundle;
import android.text.TextUtils;
import android.view.Gravity;
import android.view.View;
import android.view.ViewGroup;
import android.widget.BaseAdapter;
import android.widget.ImageView;
import android.widget.LinearLayout;
import android.widget.ListView;
import android.widget.TextView;
import org.mindproof.content.Source;
import org.mindproof.design.Pictures;
import org.mindproof.design.StatusRow;
import org.mindproof.design.Ui;

/** The list of conversations. */
public final class ChatActivity extends Activity {
    private final Rows rows = new Rows(Chat.all());
    private Ui ui;

    @Override
    protected void onCreate(Bundle savedInstanceState) {
        super.onCreate(savedInstanceState);
        ui = new Ui(this);
        LinearLayout page = ui.column();
        page.setBackgroundColor(0xFFFFFFFF);
        LinearLayout bar = ui.row();
        bar.setId(R.id.toolbar);
        ui.pad(bar, 18, 6, 6, 6);
        TextView title = ui.text("Chats", 26, Ui.INK, Typeface.DEFAULT_BOLD);
        title.setId(R.id.title);
        bar.addView(title, ui.rest(false));
        ImageView search = ui.icon(R.drawable.ic_search, 24, 11, Ui.INK);
        search.setContentDescription("Search");
        search.setClickable(true);
        bar.addView(search);
        page.addView(bar, ui.linear(Ui.MATCH, ui.dp(60)));
        ListView list = new ListView(this);
        list.setId(R.id.conversations);
        list.setBackgroundColor(0xFFFFFFFF);
        list.setAdapter(rows);
        page.addView(list, ui.rest(true));
        setContentView(page);
    }

    @Override
    protected void onResume() {
        super.onResume();
        rows.notifyDataSetChanged();
    }

    private void open(int number) {
        startActivity(new Intent(this, ConversationActivity.class).putExtra("chat", number));
    }

    private final class Row {
        final LinearLayout root = ui.row();
        private final ImageView avatar = ui.picture(-1);
        private final TextView name = ui.text("", 16.5f, Ui.INK, Ui.MEDIUM);
        private final TextView preview = ui.text("", 14.5f, Ui.QUIET, null);
        private final TextView time = ui.text("", 12.5f, Ui.QUIET, null);
        private final TextView unread = ui.text("", 12, 0xFFFFFFFF, Ui.MEDIUM);
        private int number;

        Row() {
            root.setId(R.id.conversation);
            ui.pad(root, 16, 10, 16, 10);
            avatar.setId(R.id.avatar);
            name.setId(R.id.name);
            preview.setId(R.id.preview);
            time.setId(R.id.time);
            unread.setId(R.id.unread);
            preview.setMaxLines(1);
            preview.setEllipsize(TextUtils.TruncateAt.END);
            root.addView(avatar, ui.linear(ui.dp(54), ui.dp(54), 0, 0, 14, 0));
            LinearLayout middle = ui.column();
            middle.addView(name);
            middle.addView(preview, ui.linear(Ui.MATCH, Ui.WRAP, 0, 3, 8, 0));
            root.addView(middle, ui.rest(false));
            LinearLayout end = ui.column();
            end.setGravity(Gravity.RIGHT);
            end.addView(time, ui.linear(Ui.WRAP, Ui.WRAP));
            unread.setGravity(Gravity.CENTER);
            unread.setBackground(ui.shape(0xFF12805C, 10));
            end.addView(unread, ui.linear(ui.dp(22), ui.dp(20), 0, 6, 0, 0));
            root.addView(end, ui.linear(Ui.WRAP, Ui.WRAP));
            root.setOnClickListener(view -> open(number));
        }

        void bind(Chat chat) {
            number = chat.number;
            Message last = chat.last();
            Pictures.show(avatar, chat.person.avatar());
            name.setText(chat.title);
            preview.setText((last.own() ? "You: " : "") + last.text());
            time.setText(last.time());
            unread.setVisibility(chat.unread > 0 ? View.VISIBLE : View.INVISIBLE);
            unread.setText(Integer.toString(chat.unread));
        }
    }

    private final class Rows extends BaseAdapter {
        private static final int CONVERSATION = 0;
        private static final int STATUS = 1;
        private final Source<Chat> chats;

        Rows(Source<Chat> chats) {
            this.chats = chats;
            chats.onChange(this::notifyDataSetChanged);
            chats.load();
        }

        @Override
        public int getCount() {
            return chats.size() + (chats.hasMore() ? 1 : 0);
        }

        @Override
        public Object getItem(int position) {
            return getItemViewType(position) == CONVERSATION ? chats.get(position) : null;
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
            return position < chats.size() ? CONVERSATION : STATUS;
        }

        @Override
        public View getView(int position, View convertView, ViewGroup parent) {
            if (getItemViewType(position) == STATUS) {
                return StatusRow.show(convertView, ChatActivity.this, R.id.status_message, R.id.retry_button, chats);
            }
            Row row = convertView == null ? new Row() : (Row) convertView.getTag();
            row.root.setTag(row);
            row.bind(chats.get(position));
            return row.root;
        }
    }
}
