package org.mindproof.chat;

import java.util.Map;
import org.mindproof.content.Remote;
import org.mindproof.phone.Json;

/** One message; `own` was written on this phone. */
record Message(String text, boolean own, String time) {
    static final String NOW = "10:24";

    static Message read(Object value) {
        Map<String, Object> fields = Json.object(value);
        return new Message(Remote.text(fields, "text"), Boolean.TRUE.equals(fields.get("own")), Remote.text(fields, "time"));
    }
}
