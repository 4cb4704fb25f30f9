package android.graphics;

import java.util.Base64;
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

    /** Decodes a file's bytes; null when they are not a picture. Any thread. */
    public static Bitmap decodeByteArray(byte[] data, int offset, int length) {
        String name = Bitmap.nextName();
        String text = Base64.getEncoder().encodeToString(java.util.Arrays.copyOfRange(data, offset, offset + length));
        Map<String, Object> question = WindowLink.message("decode", "name", name, "data", text);
        Map<String, Object> reply = WindowLink.get().askOfPicture(question);
        int width = Json.integer(reply.get("w"));
        return width == 0 ? null : Bitmap.kept(name, width, Json.integer(reply.get("h")));
    }
}
