package android.content.res;

import android.util.DisplayMetrics;
import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.Map;
import org.mindproof.phone.Screen;

/** The named numbers of an app's `R` class, and the display. */
public class Resources {
    private static final Map<Integer, String> FRAMEWORK = Map.of(android.R.id.content, "android:id/content");
    private final Map<Integer, String> names = new HashMap<>(FRAMEWORK);
    private final DisplayMetrics metrics = new DisplayMetrics();

    protected Resources(String packageName) {
        for (String type : new String[] {"id", "drawable"}) {
            try {
                for (Field field : Class.forName(packageName + ".R$" + type).getDeclaredFields()) {
                    field.setAccessible(true);
                    names.put(field.getInt(null), packageName + ":" + type + "/" + field.getName());
                }
            } catch (ClassNotFoundException none) {
                continue;
            } catch (IllegalAccessException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }

    public DisplayMetrics getDisplayMetrics() {
        metrics.widthPixels = Screen.width;
        metrics.heightPixels = Screen.height;
        metrics.density = Screen.density;
        metrics.scaledDensity = Screen.density;
        metrics.densityDpi = Math.round(Screen.density * 160);
        return metrics;
    }

    public String getResourceName(int resid) {
        String name = names.get(resid);
        if (name == null) {
            throw new NotFoundException("Unable to find resource ID #0x" + Integer.toHexString(resid));
        }
        return name;
    }

    public String getResourceEntryName(int resid) {
        String name = getResourceName(resid);
        return name.substring(name.indexOf('/') + 1);
    }

    public String getResourcePackageName(int resid) {
        String name = getResourceName(resid);
        return name.substring(0, name.indexOf(':'));
    }

    public String getResourceTypeName(int resid) {
        String name = getResourceName(resid);
        return name.substring(name.indexOf(':') + 1, name.indexOf('/'));
    }

    public String getString(int id) {
        throw new NotFoundException("String resource ID #0x" + Integer.toHexString(id));
    }

    public int getIdentifier(String name, String defType, String defPackage) {
        String full = defPackage + ":" + defType + "/" + name;
        for (Map.Entry<Integer, String> entry : names.entrySet()) {
            if (entry.getValue().equals(full)) {
                return entry.getKey();
            }
        }
        return 0;
    }

    /** No resource has that number. */
    public static class NotFoundException extends RuntimeException {
        private static final long serialVersionUID = 1;

        public NotFoundException(String name) {
            super(name);
        }
    }
}
