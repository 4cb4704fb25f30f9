package org.mindproof.design;

import android.content.Context;
import android.view.Gravity;
import android.view.View;
import android.widget.Button;
import android.widget.LinearLayout;
import android.widget.TextView;
import org.mindproof.content.Source;

/** The end of a list that is not complete: it loads, or it says what is wrong and offers to try again. */
public final class StatusRow {
    private final LinearLayout root;
    private final TextView message;
    private final Button retry;

    /** The row for a list: `convertView` again, or a new one. `messageId` and `retryId` name its views for the app. */
    public static View show(View convertView, Context context, int messageId, int retryId, Source<?> source) {
        StatusRow row = convertView == null ? new StatusRow(context, messageId, retryId, source)
                : (StatusRow) convertView.getTag();
        row.root.setTag(row);
        row.bind(source.problem());
        source.load();
        return row.root;
    }

    private StatusRow(Context context, int messageId, int retryId, Source<?> source) {
        Ui ui = new Ui(context);
        root = ui.column();
        root.setGravity(Gravity.CENTER_HORIZONTAL);
        ui.pad(root, 32, 40, 32, 40);
        message = ui.text("", 15, Ui.QUIET, null);
        message.setId(messageId);
        root.addView(message, ui.linear(Ui.WRAP, Ui.WRAP));
        retry = new Button(context);
        retry.setId(retryId);
        ui.style(retry, 15, Ui.INK, Ui.MEDIUM);
        retry.setGravity(Gravity.CENTER);
        retry.setText("Try again");
        retry.setBackground(ui.shape(0xFFE9EAEE, 12));
        retry.setOnClickListener(view -> source.retry());
        root.addView(retry, ui.linear(ui.dp(160), ui.dp(42), 0, 16, 0, 0));
    }

    private void bind(String problem) {
        message.setText(problem == null ? "Loading…" : problem);
        retry.setVisibility(problem == null ? View.GONE : View.VISIBLE);
    }
}
