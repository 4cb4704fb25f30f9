package android.graphics.drawable;

import android.graphics.Canvas;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Drawables one over another, all as large as the whole. */
public class LayerDrawable extends Drawable {
    private final Drawable[] layers;

    public LayerDrawable(Drawable[] layers) {
        this.layers = layers.clone();
    }

    public int getNumberOfLayers() {
        return layers.length;
    }

    public Drawable getDrawable(int index) {
        return layers[index];
    }

    @Override
    public void setAlpha(int alpha) {
        for (Drawable layer : layers) {
            layer.setAlpha(alpha);
        }
    }

    @Override
    public void draw(Canvas canvas) {
        for (Drawable layer : layers) {
            layer.draw(canvas);
        }
    }

    @Override
    protected Object describe() {
        List<Object> described = new ArrayList<>();
        for (Drawable layer : layers) {
            described.add(layer.describe());
        }
        return Map.of("layers", described);
    }
}
