package android.graphics;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Map;
import org.mindproof.phone.Inside;
import org.mindproof.phone.WindowLink;

/** A picture. Its pixels live in the window server and come here only when asked for. */
public final class Bitmap {
    static {
        Inside.bitmap = bitmap -> ((Bitmap) bitmap).name;
    }

    private static final Cleaner CLEANER = Cleaner.create();
    private static int created;

    private final String name;
    private final int width;
    private final int height;
    private boolean recycled;
    private boolean mutable;
    private int generation = 1;

    Bitmap(String name, int width, int height) {
        this.name = name;
        this.width = width;
        this.height = height;
    }

    public static Bitmap createBitmap(int width, int height, Config config) {
        Bitmap bitmap = make(width, height);
        bitmap.mutable = true;
        WindowLink.get().changePicture("blank", bitmap.name, width, height);
        return bitmap;
    }

    public static Bitmap createBitmap(int[] colors, int width, int height, Config config) {
        Bitmap bitmap = make(width, height);
        bitmap.write(colors, 0, width, 0, 0, width, height);
        return bitmap;
    }

    public static Bitmap createScaledBitmap(Bitmap src, int dstWidth, int dstHeight, boolean filter) {
        Bitmap bitmap = make(dstWidth, dstHeight);
        WindowLink.get().changePicture("scaled", bitmap.name, dstWidth, dstHeight, src.name, filter);
        return bitmap;
    }

    public Bitmap copy(Config config, boolean isMutable) {
        Bitmap bitmap = createScaledBitmap(this, width, height, false);
        bitmap.mutable = isMutable;
        return bitmap;
    }

    private static Bitmap make(int width, int height) {
        if (width <= 0 || height <= 0) {
            throw new IllegalArgumentException("width and height must be > 0");
        }
        return kept(nextName(), width, height);
    }

    /** A name that no picture had before. */
    static synchronized String nextName() {
        return "made/" + ProcessHandle.current().pid() + "/" + ++created;
    }

    /** A bitmap whose pixels the window server keeps until it is no longer reachable. */
    static Bitmap kept(String name, int width, int height) {
        Bitmap bitmap = new Bitmap(name, width, height);
        CLEANER.register(bitmap, () -> WindowLink.get().free(name));
        return bitmap;
    }

    public boolean isMutable() {
        return mutable;
    }

    /** Grows with every change of the pixels. */
    public int getGenerationId() {
        return generation;
    }

    public int getByteCount() {
        return width * height * 4;
    }

    public void eraseColor(int c) {
        draw("color", c);
    }

    /** Takes one operation of a canvas. */
    void draw(Object... operation) {
        generation++;
        if (operation[0].equals("view")) {
            WindowLink.get().bringViews();
        }
        WindowLink.get().changePicture("draw", name, operation);
    }

    public int getWidth() {
        return width;
    }

    public int getHeight() {
        return height;
    }

    public Config getConfig() {
        return Config.ARGB_8888;
    }

    public void recycle() {
        recycled = true;
    }

    public boolean isRecycled() {
        return recycled;
    }

    public void getPixels(int[] pixels, int offset, int stride, int x, int y, int width, int height) {
        ByteBuffer bytes = ByteBuffer.wrap(ask("pixels", "name", name, "x", x, "y", y, "w", width, "h", height));
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                pixels[offset + row * stride + column] = bytes.getInt();
            }
        }
    }

    public int getPixel(int x, int y) {
        int[] one = new int[1];
        getPixels(one, 0, 1, x, y, 1, 1);
        return one[0];
    }

    public void setPixels(int[] pixels, int offset, int stride, int x, int y, int width, int height) {
        if (!mutable) {
            throw new IllegalStateException("setPixels() called on an immutable bitmap");
        }
        generation++;
        write(pixels, offset, stride, x, y, width, height);
    }

    private void write(int[] pixels, int offset, int stride, int x, int y, int width, int height) {
        ByteBuffer bytes = ByteBuffer.allocate(width * height * 4);
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                bytes.putInt(pixels[offset + row * stride + column]);
            }
        }
        WindowLink.get().changePicture("pixels", name, this.width, this.height, x, y, width, height,
                Base64.getEncoder().encodeToString(bytes.array()));
    }

    public boolean compress(CompressFormat format, int quality, OutputStream stream) {
        try {
            stream.write(ask("encode", "name", name, "format", format.name(), "quality", quality));
            return true;
        } catch (IOException failed) {
            return false;
        }
    }

    private static byte[] ask(String type, Object... fields) {
        Map<String, Object> reply = WindowLink.get().askOfPicture(WindowLink.message(type, fields));
        return Base64.getDecoder().decode((String) reply.get("data"));
    }

    /** How pixels are kept. */
    public enum Config {
        ALPHA_8,
        RGB_565,
        ARGB_8888
    }

    /** File formats. */
    public enum CompressFormat {
        JPEG,
        PNG
    }
}
