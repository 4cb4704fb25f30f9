package org.mindproof.content;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mindproof.phone.Json;
import org.mindproof.phone.Screen;

/** Texts and people. Everything follows from the phone's seed, a stream's name and a number: endless, and the same each time. */
public final class Library {
    private static final Pattern SLOT = Pattern.compile("\\{(\\w+)\\}");
    private static final Map<String, Map<String, Object>> FILES = new HashMap<>();

    private Library() {}

    /** A content file of the jar. */
    public static synchronized Map<String, Object> file(String name) {
        return FILES.computeIfAbsent(name, Library::read);
    }

    private static Map<String, Object> read(String name) {
        try (InputStream in = Library.class.getResourceAsStream("/content/" + name + ".json")) {
            if (in == null) {
                throw new IllegalArgumentException("no content file " + name);
            }
            return Json.object(Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    /** The random numbers of item `number` of a stream. */
    public static SplittableRandom random(String stream, long number) {
        return new SplittableRandom(Screen.seed * 1_000_003L + stream.hashCode() * 7919L + number);
    }

    public static <T> T pick(List<T> items, SplittableRandom random) {
        return items.get(random.nextInt(items.size()));
    }

    /** One of the templates of a file's list, its slots filled from the file's vocabulary. */
    public static String sentence(String file, String list, SplittableRandom random) {
        return fill(file, pick(Json.strings(file(file).get(list)), random), random);
    }

    /** The templates of a file's list in an order of their own. */
    public static List<String> shuffled(String file, String list, SplittableRandom random) {
        List<String> templates = new ArrayList<>(Json.strings(file(file).get(list)));
        for (int i = templates.size() - 1; i > 0; i--) {
            Collections.swap(templates, i, random.nextInt(i + 1));
        }
        return templates;
    }

    /** A template with its slots filled from the file's vocabulary. */
    public static String fill(String file, String template, SplittableRandom random) {
        Map<String, Object> slots = Json.object(file(file).getOrDefault("slots", Map.of()));
        Matcher matcher = SLOT.matcher(template);
        StringBuilder out = new StringBuilder();
        while (matcher.find()) {
            String word = pick(Json.strings(slots.get(matcher.group(1))), random);
            matcher.appendReplacement(out, Matcher.quoteReplacement(word));
        }
        return matcher.appendTail(out).toString();
    }

    public static String abuse(SplittableRandom random) {
        return pick(Json.strings(file("abuse").get("lines")), random);
    }
}
