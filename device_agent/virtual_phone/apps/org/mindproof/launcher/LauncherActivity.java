package org.mindproof.launcher;

import android.app.Activity;
import android.content.Intent;
import android.graphics.Typeface;
import android.graphics.drawable.GradientDrawable;
import android.os.Bundle;
import android.view.Gravity;
import android.view.View;
import android.widget.ImageView;
import android.widget.LinearLayout;
import android.widget.TextView;
import org.mindproof.design.Ui;

/** The home screen. */
public final class LauncherActivity extends Activity {
    private static final String[][] APPS = {
        {"Plaza", "org.mindproof.feed", "FeedActivity"},
        {"Shorts", "org.mindproof.shorts", "ShortsActivity"},
        {"Reader", "org.mindproof.reader", "ReaderActivity"},
        {"Chat", "org.mindproof.chat", "ChatActivity"},
    };

    @Override
    protected void onCreate(Bundle savedInstanceState) {
        super.onCreate(savedInstanceState);
        getWindow().setStatusBarColor(0xFF1B2440);
        Ui ui = new Ui(this);
        LinearLayout page = ui.column();
        page.setId(R.id.workspace);
        page.setGravity(Gravity.CENTER_HORIZONTAL);
        page.setBackground(new GradientDrawable(GradientDrawable.Orientation.TOP_BOTTOM,
                new int[] {0xFF1B2440, 0xFF6B4A7E}));
        TextView clock = ui.text("10:24", 64, 0xFFFFFFFF, Typeface.create("sans-serif-light", Typeface.NORMAL));
        clock.setId(R.id.clock);
        page.addView(clock, ui.linear(Ui.WRAP, Ui.WRAP, 0, 72, 0, 0));
        TextView date = ui.text("Wednesday, 12 June", 17, 0xE6FFFFFF, null);
        date.setId(R.id.date);
        page.addView(date, ui.linear(Ui.WRAP, Ui.WRAP));
        page.addView(new View(this), ui.rest(true));
        LinearLayout row = ui.row();
        for (String[] app : APPS) {
            row.addView(icon(ui, app[0], app[1], app[1] + "." + app[2]), ui.rest(false));
        }
        page.addView(row, ui.linear(Ui.MATCH, Ui.WRAP, 8, 0, 8, 36));
        setContentView(page);
    }

    private View icon(Ui ui, String label, String packageName, String activity) {
        LinearLayout column = ui.column();
        column.setId(R.id.app_icon);
        column.setGravity(Gravity.CENTER_HORIZONTAL);
        column.setContentDescription(label);
        column.setOnClickListener(view -> startActivity(new Intent().setClassName(packageName, activity)));
        ImageView picture = new ImageView(this);
        picture.setImageBitmap(Ui.load("icon/" + packageName));
        column.addView(picture, ui.linear(ui.dp(60), ui.dp(60)));
        TextView name = ui.text(label, 13, 0xFFFFFFFF, null);
        column.addView(name, ui.linear(Ui.WRAP, Ui.WRAP, 0, 7, 0, 0));
        return column;
    }

    @Override
    public void onBackPressed() {}
}
