package org.mindproof.design;

import android.graphics.Bitmap;
import android.graphics.BitmapFactory;
import android.widget.ImageView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.mindproof.content.Fetch;

/** Puts pictures into views: those of the phone at once, those at an address once they are there. On the main thread. */
public final class Pictures {
    private static final int KEPT = 48;
    private static final Map<String, Bitmap> CACHE = new LinkedHashMap<>(KEPT, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bitmap> eldest) {
            return size() > KEPT;
        }
    };
    /** Which picture a view is to show; another may come first. */
    private static final Map<ImageView, String> WANTED = new WeakHashMap<>();
    private static final Map<String, List<Runnable>> COMING = new LinkedHashMap<>();

    private Pictures() {}

    /** Shows the picture, or none when `name` is null or nothing can be fetched there. */
    public static void show(ImageView view, String name) {
        WANTED.put(view, name);
        view.setImageBitmap(now(name));
        if (isElsewhere(name) && !CACHE.containsKey(name)) {
            await(name, () -> {
                if (name.equals(WANTED.get(view))) {
                    view.setImageBitmap(CACHE.get(name));
                }
            });
        }
    }

    /** Has a picture that will soon show fetched, or decoded, ahead of time. */
    public static void expect(String name) {
        if (!isElsewhere(name)) {
            now(name);
        } else if (!CACHE.containsKey(name)) {
            await(name, () -> { });
        }
    }

    /** The picture if it is there already; null otherwise. */
    public static Bitmap now(String name) {
        if (isElsewhere(name)) {
            return CACHE.get(name);
        }
        return name == null ? null : Ui.load(name);
    }

    /** Fetches a picture that is not there yet; `then` runs when it is, or could not be fetched. */
    public static void await(String name, Runnable then) {
        List<Runnable> waiting = COMING.get(name);
        if (waiting != null) {
            waiting.add(then);
            return;
        }
        COMING.put(name, new ArrayList<>(List.of(then)));
        Fetch.get(name, body -> BitmapFactory.decodeByteArray(body, 0, body.length), bitmap -> arrived(name, bitmap),
                why -> arrived(name, null));
    }

    private static void arrived(String name, Bitmap bitmap) {
        if (bitmap != null) {
            CACHE.put(name, bitmap);
        }
        COMING.remove(name).forEach(Runnable::run);
    }

    private static boolean isElsewhere(String name) {
        return name != null && name.startsWith("https://");
    }
}
