package org.mindproof.design;

import android.content.Context;
import android.graphics.Bitmap;
import android.graphics.BitmapFactory;
import android.graphics.Typeface;
import android.graphics.drawable.GradientDrawable;
import android.util.TypedValue;
import android.view.Gravity;
import android.view.View;
import android.view.ViewGroup;
import android.widget.FrameLayout;
import android.widget.ImageView;
import android.widget.LinearLayout;
import android.widget.TextView;

/** The pieces that all apps build their screens from. */
public final class Ui {
    public static final int MATCH = ViewGroup.LayoutParams.MATCH_PARENT;
    public static final int WRAP = ViewGroup.LayoutParams.WRAP_CONTENT;
    public static final int INK = 0xFF1B1B1F;
    public static final int QUIET = 0xFF6B6F76;
    public static final int LINE = 0xFFEBEDF0;
    public static final int LIKED = 0xFFE0245E;
    public static final Typeface MEDIUM = Typeface.create("sans-serif-medium", Typeface.NORMAL);

    private final Context context;
    private final float density;

    public Ui(Context context) {
        this.context = context;
        this.density = context.getResources().getDisplayMetrics().density;
    }

    public int dp(float dp) {
        return Math.round(dp * density);
    }

    public LinearLayout column() {
        LinearLayout layout = new LinearLayout(context);
        layout.setOrientation(LinearLayout.VERTICAL);
        return layout;
    }

    public LinearLayout row() {
        LinearLayout layout = new LinearLayout(context);
        layout.setGravity(Gravity.CENTER_VERTICAL);
        return layout;
    }

    public FrameLayout frame() {
        return new FrameLayout(context);
    }

    public TextView text(String text, float sp, int color, Typeface face) {
        TextView view = new TextView(context);
        style(view, sp, color, face);
        view.setText(text);
        return view;
    }

    public void style(TextView view, float sp, int color, Typeface face) {
        view.setTextSize(TypedValue.COMPLEX_UNIT_SP, sp);
        view.setTextColor(color);
        view.setTypeface(face);
    }

    /** An icon of `sizeDp` in a touchable square of 48 dp or less around it. */
    public ImageView icon(int resource, float sizeDp, float paddingDp, int tint) {
        ImageView view = new ImageView(context);
        view.setImageResource(resource);
        view.setColorFilter(tint);
        view.setPadding(dp(paddingDp), dp(paddingDp), dp(paddingDp), dp(paddingDp));
        view.setLayoutParams(linear(dp(sizeDp + 2 * paddingDp), dp(sizeDp + 2 * paddingDp)));
        return view;
    }

    /** A picture clipped to a shape; `radiusDp` below 0 is a circle. */
    public ImageView picture(float radiusDp) {
        ImageView view = new ImageView(context);
        view.setScaleType(ImageView.ScaleType.CENTER_CROP);
        view.setBackground(shape(0xFFE4E6EA, radiusDp));
        view.setClipToOutline(true);
        return view;
    }

    public GradientDrawable shape(int color, float radiusDp) {
        GradientDrawable shape = new GradientDrawable();
        shape.setColor(color);
        if (radiusDp < 0) {
            shape.setShape(GradientDrawable.OVAL);
        } else {
            shape.setCornerRadius(dp(radiusDp));
        }
        return shape;
    }

    public View line() {
        View view = new View(context);
        view.setBackgroundColor(LINE);
        view.setLayoutParams(linear(MATCH, Math.max(1, dp(1))));
        return view;
    }

    public static Bitmap load(String name) {
        return BitmapFactory.decodeFile(name);
    }

    public LinearLayout.LayoutParams linear(int width, int height) {
        return new LinearLayout.LayoutParams(width, height);
    }

    /** Linear parameters with margins in dp. */
    public LinearLayout.LayoutParams linear(int width, int height, float left, float top, float right, float bottom) {
        LinearLayout.LayoutParams params = new LinearLayout.LayoutParams(width, height);
        params.setMargins(dp(left), dp(top), dp(right), dp(bottom));
        return params;
    }

    /** Takes the room that is left in a row or a column. */
    public LinearLayout.LayoutParams rest(boolean vertical) {
        return new LinearLayout.LayoutParams(vertical ? MATCH : 0, vertical ? 0 : WRAP, 1);
    }

    public void pad(View view, float left, float top, float right, float bottom) {
        view.setPadding(dp(left), dp(top), dp(right), dp(bottom));
    }
}
