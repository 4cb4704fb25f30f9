package android.widget;

import android.content.Context;
import android.graphics.Bitmap;
import android.graphics.BitmapFactory;
import android.graphics.drawable.BitmapDrawable;
import android.graphics.drawable.Drawable;
import android.net.Uri;
import android.view.View;
import java.util.Map;
import org.mindproof.phone.Inside;

/** Shows a picture. */
public class ImageView extends View {
    private Drawable drawable;
    private ScaleType scaleType = ScaleType.FIT_CENTER;

    public ImageView(Context context) {
        super(context);
    }

    @Override
    protected String kind() {
        return "image";
    }

    @Override
    public CharSequence getAccessibilityClassName() {
        return ImageView.class.getName();
    }

    public void setImageDrawable(Drawable drawable) {
        boolean sameSize = this.drawable != null && drawable != null
                && this.drawable.getIntrinsicWidth() == drawable.getIntrinsicWidth()
                && this.drawable.getIntrinsicHeight() == drawable.getIntrinsicHeight();
        this.drawable = drawable;
        tell("image", drawable == null ? null : Inside.drawable.apply(drawable));
        if (!sameSize) {
            requestLayout();
        }
    }

    public void setImageBitmap(Bitmap bm) {
        setImageDrawable(bm == null ? null : new BitmapDrawable(getResources(), bm));
    }

    public void setImageResource(int resId) {
        drawable = null;
        tell("image", resId == 0 ? null : Map.of("icon", getResources().getResourceEntryName(resId)));
        requestLayout();
    }

    /** The text of `uri` is the name of a picture. */
    public void setImageURI(Uri uri) {
        setImageBitmap(uri == null ? null : BitmapFactory.decodeFile(uri.toString()));
    }

    public Drawable getDrawable() {
        return drawable;
    }

    public void setScaleType(ScaleType scaleType) {
        this.scaleType = scaleType;
        tell("scale", scaleType.name());
    }

    public ScaleType getScaleType() {
        return scaleType;
    }

    public final void setColorFilter(int color) {
        tell("tint", color);
    }

    /** How a picture fills its view. */
    public enum ScaleType {
        FIT_XY,
        FIT_CENTER,
        CENTER,
        CENTER_CROP,
        CENTER_INSIDE
    }
}
