package android.os;

import java.util.HashMap;
import java.util.Map;

/** A mapping from string keys to values that travel with an intent or a saved state. */
public final class Bundle {
    private final Map<String, Object> values = new HashMap<>();

    public Bundle() {}

    public void putString(String key, String value) {
        values.put(key, value);
    }

    public String getString(String key) {
        return (String) values.get(key);
    }

    public void putInt(String key, int value) {
        values.put(key, value);
    }

    public int getInt(String key) {
        return getInt(key, 0);
    }

    public int getInt(String key, int defaultValue) {
        return values.get(key) instanceof Integer value ? value : defaultValue;
    }

    public boolean containsKey(String key) {
        return values.containsKey(key);
    }
}
