package android.graphics;

import java.util.Map;
import org.mindproof.phone.Json;
import org.mindproof.phone.WindowLink;

/** Makes bitmaps from files; a file here is a picture that the window server knows by name. */
public class BitmapFactory {
    public BitmapFactory() {}

    public static Bitmap decodeFile(String pathName) {
        Map<String, Object> reply = WindowLink.get().askOfPicture(WindowLink.message("picture", "name", pathName));
        int width = Json.integer(reply.get("w"));
        return width == 0 ? null : new Bitmap(pathName, width, Json.integer(reply.get("h")));
    }
}
