package android.graphics;

import java.util.ArrayList;
import java.util.List;

/** A linear change of red, green, blue and alpha. */
public class ColorMatrixColorFilter extends ColorFilter {
    private final float[] array;

    public ColorMatrixColorFilter(ColorMatrix matrix) {
        array = matrix.getArray().clone();
    }

    @Override
    Object describe() {
        List<Object> values = new ArrayList<>();
        for (float value : array) {
            values.add(value);
        }
        return values;
    }
}
