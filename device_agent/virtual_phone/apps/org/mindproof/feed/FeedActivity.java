package org.mindproof.feed;

import android.app.Activity;
import android.graphics.Typeface;
import android.os.Bundle;
import android.view.Gravity;
import android.view.View;
import android.widget.ImageView;
import android.widget.LinearLayout;
import android.widget.ListView;
import android.widget.TextView;
import org.mindproof.design.Ui;

/** The feed. */
public final class FeedActivity extends Activity {
    @Override
    protected void onCreate(Bundle savedInstanceState) {
        super.onCreate(savedInstanceState);
        FeedContext feed = new FeedContext(this);
        Ui ui = feed.ui();
        LinearLayout page = ui.column();
        page.setBackgroundColor(0xFFFFFFFF);
        page.addView(toolbar(ui));
        ListView list = new ListView(this);
        list.setId(R.id.feed_list);
        list.setBackgroundColor(0xFFFFFFFF);
        list.setAdapter(new FeedAdapter(feed, Plaza.feed()));
        page.addView(list, ui.rest(true));
        page.addView(ui.line());
        page.addView(tabs(feed, list));
        setContentView(page);
    }

    private View toolbar(Ui ui) {
        LinearLayout bar = ui.row();
        bar.setId(R.id.toolbar);
        bar.setBackgroundColor(0xFFFFFFFF);
        ui.pad(bar, 16, 4, 6, 4);
        TextView title = ui.text("Plaza", 24, 0xFF5B2EE5, Typeface.create("sans-serif-black", Typeface.NORMAL));
        title.setId(R.id.title);
        bar.addView(title, ui.rest(false));
        ImageView bell = ui.icon(R.drawable.ic_bell, 24, 10, Ui.INK);
        bell.setId(R.id.notifications);
        bell.setContentDescription("Notifications, 3 new");
        bell.setClickable(true);
        bar.addView(bell);
        bar.setLayoutParams(ui.linear(Ui.MATCH, ui.dp(54)));
        return bar;
    }

    private View tabs(FeedContext feed, ListView list) {
        Ui ui = feed.ui();
        LinearLayout bar = ui.row();
        bar.setBackgroundColor(0xFFFFFFFF);
        bar.addView(tab(ui, R.drawable.ic_home, R.id.tab_home, "Home", 0xFF5B2EE5, v -> list.setSelection(0)));
        bar.addView(tab(ui, R.drawable.ic_search, R.id.tab_search, "Search", Ui.QUIET, v -> { }));
        bar.addView(tab(ui, R.drawable.ic_person, R.id.tab_profile, "Profile", Ui.QUIET,
                v -> feed.openProfile(Plaza.me())));
        return bar;
    }

    private static View tab(Ui ui, int icon, int id, String label, int tint, View.OnClickListener click) {
        ImageView view = ui.icon(icon, 26, 13, tint);
        view.setId(id);
        view.setContentDescription(label);
        view.setOnClickListener(click);
        LinearLayout.LayoutParams params = new LinearLayout.LayoutParams(0, ui.dp(52), 1);
        params.gravity = Gravity.CENTER;
        view.setLayoutParams(params);
        return view;
    }
}
