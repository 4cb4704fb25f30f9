package org.mindproof.content;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.mindproof.phone.Json;

/**
 * What the servers send, as the apps know it. A number that is missing, or no number, is {@link Counts#UNKNOWN}: whoever changes
 * the traffic may take counts away.
 */
public final class Remote {
    private Remote() {}

    public static Person person(Object value) {
        Map<String, Object> fields = Json.object(value);
        return new Person(Json.integer(fields.get("id")), text(fields, "name"), text(fields, "handle"), text(fields, "town"),
                count(fields, "followers_count"), (String) fields.get("avatar_url"));
    }

    public static Comment comment(Object value) {
        Map<String, Object> fields = Json.object(value);
        return new Comment(person(fields.get("author")), text(fields, "text"), count(fields, "like_count"),
                text(fields, "age"), false);
    }

    public static Post post(Object value) {
        Map<String, Object> fields = Json.object(value);
        Object top = fields.get("top_comment");
        return new Post(Json.integer(fields.get("id")), person(fields.get("author")), text(fields, "age"),
                text(fields, "text"), (String) fields.get("image_url"), count(fields, "like_count"),
                count(fields, "comment_count"), count(fields, "share_count"), top == null ? null : comment(top));
    }

    /** The items of a list, read one by one; a list that is missing is empty. */
    public static <T> List<T> list(Object values, Function<Object, T> read) {
        return values == null ? List.of() : Json.array(values).stream().map(read).toList();
    }

    public static String text(Map<String, Object> fields, String name) {
        return fields.get(name) instanceof String text ? text : "";
    }

    public static int count(Map<String, Object> fields, String name) {
        return fields.get(name) instanceof Double number ? number.intValue() : Counts.UNKNOWN;
    }
}
