package org.mindproof.feed;

import android.app.Activity;
import android.view.View;
import android.widget.ImageView;
import android.widget.LinearLayout;
import android.widget.TextView;
import org.mindproof.design.Ui;

/** The bar of a screen that one goes back from. */
final class Bar {
    private Bar() {}

    static View build(Activity activity, Ui ui, String label) {
        LinearLayout bar = ui.row();
        bar.setId(R.id.toolbar);
        bar.setBackgroundColor(0xFFFFFFFF);
        ImageView back = ui.icon(R.drawable.ic_back, 24, 12, Ui.INK);
        back.setId(R.id.back);
        back.setContentDescription("Go back");
        back.setOnClickListener(view -> activity.finish());
        bar.addView(back);
        TextView title = ui.text(label, 18, Ui.INK, Ui.MEDIUM);
        title.setId(R.id.title);
        bar.addView(title, ui.linear(Ui.WRAP, Ui.WRAP, 8, 0, 0, 0));
        bar.setLayoutParams(ui.linear(Ui.MATCH, ui.dp(54)));
        return bar;
    }
}
