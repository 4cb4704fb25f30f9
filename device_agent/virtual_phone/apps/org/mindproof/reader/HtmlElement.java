package org.mindproof.reader;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An element of a web page that holds text, or a picture: its name, its class, its text and its `src`. */
record HtmlElement(String name, String style, String text, String source) {
    private static final Pattern TOKEN = Pattern.compile("<!--.*?-->|<(/?)([a-zA-Z][a-zA-Z0-9]*)([^>]*)>|<![^>]*>|([^<]+)",
            Pattern.DOTALL);
    private static final Pattern ATTRIBUTE = Pattern.compile("([a-zA-Z-]+)\\s*=\\s*(?:\"([^\"]*)\"|'([^']*)'|([^\\s\"'>]+))");
    private static final Pattern REFERENCE = Pattern.compile("&(?:#(\\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]+));");
    private static final Map<String, String> NAMED = Map.of("amp", "&", "lt", "<", "gt", ">", "quot", "\"", "apos", "'",
            "nbsp", "\u00a0", "middot", "\u00b7");
    private static final List<String> VOID = List.of("img", "meta", "br", "hr", "link", "input");

    /** The elements of a page in the order in which they end. Elements without a class inside others are part of those. */
    static List<HtmlElement> read(String page) {
        List<HtmlElement> found = new ArrayList<>();
        Deque<Open> open = new ArrayDeque<>();
        Matcher token = TOKEN.matcher(page);
        while (token.find()) {
            String name = token.group(2) == null ? null : token.group(2).toLowerCase(Locale.ROOT);
            if (token.group(4) != null && !open.isEmpty()) {
                open.peek().text.append(unescape(token.group(4)));
            } else if (name != null && token.group(1).isEmpty()) {
                String style = attribute(token.group(3), "class");
                if (VOID.contains(name)) {
                    found.add(new HtmlElement(name, style, "", attribute(token.group(3), "src")));
                } else {
                    open.push(new Open(name, style, new StringBuilder()));
                }
            } else if (name != null) {
                close(name, open, found);
            }
        }
        return found;
    }

    /** Ends the innermost open element of that name, and those inside it that nobody ended. */
    private static void close(String name, Deque<Open> open, List<HtmlElement> found) {
        if (open.stream().noneMatch(one -> one.name.equals(name))) {
            return;
        }
        Open ended;
        do {
            ended = open.pop();
            boolean inline = List.of("span", "a", "b", "i", "em", "strong", "mark").contains(ended.name);
            if (inline && !open.isEmpty()) {
                open.peek().text.append(ended.text);
            } else if (!ended.text.toString().isBlank()) {
                found.add(new HtmlElement(ended.name, ended.style, ended.text.toString().strip(), ""));
            }
        } while (!ended.name.equals(name));
    }

    private static String attribute(String attributes, String name) {
        Matcher matcher = ATTRIBUTE.matcher(attributes);
        while (matcher.find()) {
            if (matcher.group(1).equalsIgnoreCase(name)) {
                String quoted = matcher.group(2) != null ? matcher.group(2) : matcher.group(3);
                return unescape(quoted != null ? quoted : matcher.group(4));
            }
        }
        return "";
    }

    private static String unescape(String text) {
        return REFERENCE.matcher(text).replaceAll(match -> {
            String value = match.group(3) != null ? NAMED.getOrDefault(match.group(3), match.group())
                    : character(match.group(1) != null ? Integer.parseInt(match.group(1))
                            : Integer.parseInt(match.group(2), 16));
            return Matcher.quoteReplacement(value);
        });
    }

    private static String character(int code) {
        return Character.isValidCodePoint(code) ? Character.toString(code) : "\ufffd";
    }

    private record Open(String name, String style, StringBuilder text) {}
}
