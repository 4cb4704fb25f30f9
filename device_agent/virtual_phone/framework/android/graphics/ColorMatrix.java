package android.graphics;

import java.util.Arrays;

/** Four rows of five: factors for red, green, blue and alpha, and what is added. */
public class ColorMatrix {
    private static final float RED = 0.213f;
    private static final float GREEN = 0.715f;
    private static final float BLUE = 0.072f;
    private final float[] array = new float[20];

    public ColorMatrix() {
        reset();
    }

    public void reset() {
        Arrays.fill(array, 0);
        for (int i = 0; i < 20; i += 6) {
            array[i] = 1;
        }
    }

    /** 0 makes grey, 1 changes nothing. */
    public void setSaturation(float sat) {
        reset();
        float[] weights = {RED * (1 - sat), GREEN * (1 - sat), BLUE * (1 - sat)};
        for (int row = 0; row < 3; row++) {
            for (int column = 0; column < 3; column++) {
                array[row * 5 + column] = weights[column] + (row == column ? sat : 0);
            }
        }
    }

    public final float[] getArray() {
        return array;
    }
}
