package org.mindproof.chat;

import android.app.Activity;
import android.os.Bundle;
import android.view.Gravity;
import android.view.KeyEvent;
import android.view.View;
import android.view.ViewGroup;
import android.view.WindowManager;
import android.widget.BaseAdapter;
import android.widget.EditText;
import android.widget.ImageView;
import android.widget.LinearLayout;
import android.widget.ListView;
import android.widget.TextView;
import android.widget.Toast;
import org.mindproof.content.Source;
import org.mindproof.design.Pictures;
import org.mindproof.design.StatusRow;
import org.mindproof.design.Ui;

/** One conversation: bubbles, a field, a button. Sending `/crash` makes the app crash, for those who study that. */
public final class ConversationActivity extends Activity {
    private static final int OWN = 0xFF12805C;
    private Ui ui;
    private Chat chat;
    private ListView list;
    private EditText field;
    private Bubbles bubbles;

    @Override
    protected void onCreate(Bundle savedInstanceState) {
        super.onCreate(savedInstanceState);
        ui = new Ui(this);
        chat = Chat.of(getIntent().getIntExtra("chat", 0));
        Live.listen();
        if (chat.secure) {
            getWindow().addFlags(WindowManager.LayoutParams.FLAG_SECURE);
        }
        LinearLayout page = ui.column();
        page.setBackgroundColor(0xFFFFFFFF);
        page.addView(bar());
        page.addView(ui.line());
        list = new ListView(this);
        list.setId(R.id.messages);
        list.setBackgroundColor(0xFFF6F5F1);
        bubbles = new Bubbles(chat.messages);
        list.setAdapter(bubbles);
        list.setSelection(bubbles.getCount() - 1);
        page.addView(list, ui.rest(true));
        page.addView(composer());
        setContentView(page);
    }

    private View bar() {
        LinearLayout bar = ui.row();
        bar.setId(R.id.toolbar);
        ImageView back = ui.icon(R.drawable.ic_back, 24, 12, Ui.INK);
        back.setId(R.id.back);
        back.setContentDescription("Go back");
        back.setOnClickListener(view -> finish());
        bar.addView(back);
        ImageView avatar = ui.picture(-1);
        avatar.setId(R.id.avatar);
        Pictures.show(avatar, chat.person.avatar());
        bar.addView(avatar, ui.linear(ui.dp(38), ui.dp(38), 0, 0, 12, 0));
        LinearLayout names = ui.column();
        TextView name = ui.text(chat.person.name(), 16.5f, Ui.INK, Ui.MEDIUM);
        name.setId(R.id.name);
        names.addView(name);
        TextView status = ui.text("online", 12.5f, OWN, null);
        status.setId(R.id.status);
        names.addView(status);
        bar.addView(names, ui.rest(false));
        bar.setLayoutParams(ui.linear(Ui.MATCH, ui.dp(58)));
        return bar;
    }

    private View composer() {
        LinearLayout bar = ui.row();
        ui.pad(bar, 12, 8, 6, 8);
        field = new EditText(this);
        field.setId(R.id.message_field);
        ui.style(field, 16, Ui.INK, null);
        field.setHint("Message");
        field.setMaxLines(4);
        field.setBackground(ui.shape(0xFFF0F1F3, 22));
        ui.pad(field, 16, 11, 16, 11);
        bar.addView(field, ui.rest(false));
        ImageView send = ui.icon(R.drawable.ic_send, 24, 11, OWN);
        send.setId(R.id.send_button);
        send.setContentDescription("Send");
        send.setOnClickListener(view -> send());
        bar.addView(send);
        return bar;
    }

    @Override
    public boolean onKeyDown(int keyCode, KeyEvent event) {
        if (keyCode == KeyEvent.KEYCODE_ENTER) {
            send();
            return true;
        }
        return super.onKeyDown(keyCode, event);
    }

    private void send() {
        String text = field.getText().toString().trim();
        if (text.equals("/crash")) {
            throw new IllegalStateException("crashed on request");
        }
        if (!text.isEmpty() && !chat.messages.hasMore()) {
            field.setText("");
            chat.say(text, why -> {
                field.setText(text);
                Toast.makeText(this, "Not sent. " + why, Toast.LENGTH_LONG).show();
            });
        }
    }

    private void toEnd() {
        bubbles.notifyDataSetChanged();
        list.setSelection(bubbles.getCount() - 1);
    }

    private final class Bubble {
        final LinearLayout root = ui.row();
        private final TextView text = ui.text("", 16, Ui.INK, null);

        Bubble() {
            text.setId(R.id.message);
            text.setLineSpacing(0, 1.1f);
            ui.pad(text, 14, 9, 14, 10);
            root.addView(text, ui.linear(Ui.WRAP, Ui.WRAP));
        }

        void bind(Message message) {
            text.setText(message.text());
            text.setTextColor(message.own() ? 0xFFFFFFFF : Ui.INK);
            text.setBackground(ui.shape(message.own() ? OWN : 0xFFFFFFFF, 18));
            root.setGravity(message.own() ? Gravity.RIGHT : Gravity.LEFT);
            ui.pad(root, message.own() ? 64 : 12, 3, message.own() ? 12 : 64, 3);
        }
    }

    private final class Bubbles extends BaseAdapter {
        private static final int BUBBLE = 0;
        private static final int STATUS = 1;
        private final Source<Message> messages;

        Bubbles(Source<Message> messages) {
            this.messages = messages;
            messages.onChange(ConversationActivity.this::toEnd);
            messages.load();
        }

        @Override
        public int getCount() {
            return messages.size() + (messages.hasMore() ? 1 : 0);
        }

        @Override
        public Object getItem(int position) {
            return getItemViewType(position) == BUBBLE ? messages.get(position) : null;
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
            return position < messages.size() ? BUBBLE : STATUS;
        }

        @Override
        public View getView(int position, View convertView, ViewGroup parent) {
            if (getItemViewType(position) == STATUS) {
                return StatusRow.show(convertView, ConversationActivity.this, R.id.status_message, R.id.retry_button,
                        messages);
            }
            Bubble bubble = convertView == null ? new Bubble() : (Bubble) convertView.getTag();
            bubble.root.setTag(bubble);
            bubble.bind(messages.get(position));
            return bubble.root;
        }
    }
}
