package org.mindproof.feed;

import android.content.Context;
import android.graphics.drawable.GradientDrawable;
import android.text.TextUtils;
import android.view.Gravity;
import android.view.View;
import android.widget.FrameLayout;
import android.widget.HorizontalScrollView;
import android.widget.ImageView;
import android.widget.LinearLayout;
import android.widget.TextView;
import java.util.List;
import org.mindproof.content.Person;
import org.mindproof.design.Pictures;
import org.mindproof.design.Ui;

/** The row of stories at the top of the feed. */
final class StoriesBar {
    private static final int[] RING = {0xFFFEDA75, 0xFFD62976, 0xFF4F5BD5};

    private StoriesBar() {}

    static View build(Context context, Ui ui, List<Person> people) {
        HorizontalScrollView bar = new HorizontalScrollView(context);
        bar.setId(R.id.stories_bar);
        bar.setContentDescription("Stories");
        bar.setBackgroundColor(0xFFFFFFFF);
        LinearLayout row = ui.row();
        ui.pad(row, 8, 10, 8, 12);
        for (int i = 0; i < people.size(); i++) {
            row.addView(story(ui, people.get(i), i == 0));
        }
        bar.addView(row, Ui.WRAP, Ui.WRAP);
        return bar;
    }

    private static View story(Ui ui, Person person, boolean own) {
        LinearLayout story = ui.column();
        story.setId(R.id.story);
        story.setGravity(Gravity.CENTER_HORIZONTAL);
        story.setClickable(true);
        String label = own ? "Your story" : person.name().split(" ")[0];
        story.setContentDescription(own ? "Your story" : "Story of " + person.name());
        FrameLayout ring = ui.frame();
        ring.setId(R.id.story_ring);
        GradientDrawable colours = new GradientDrawable(GradientDrawable.Orientation.TL_BR, new int[] {RING[0], RING[1]});
        colours.setShape(GradientDrawable.OVAL);
        ring.setBackground(own ? ui.shape(0xFFD5D8DD, -1) : colours);
        View gap = new View(ring.getContext());
        gap.setBackground(ui.shape(0xFFFFFFFF, -1));
        ring.addView(gap, new FrameLayout.LayoutParams(ui.dp(63), ui.dp(63), Gravity.CENTER));
        ImageView avatar = ui.picture(-1);
        avatar.setId(R.id.story_avatar);
        Pictures.show(avatar, person.avatar());
        ring.addView(avatar, new FrameLayout.LayoutParams(ui.dp(58), ui.dp(58), Gravity.CENTER));
        story.addView(ring, ui.linear(ui.dp(68), ui.dp(68), 8, 0, 8, 5));
        TextView name = ui.text(label, 12, own ? Ui.QUIET : Ui.INK, null);
        name.setId(R.id.story_name);
        name.setMaxLines(1);
        name.setEllipsize(TextUtils.TruncateAt.END);
        story.addView(name, ui.linear(Ui.WRAP, Ui.WRAP));
        return story;
    }
}
