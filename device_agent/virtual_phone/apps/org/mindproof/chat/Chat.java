package org.mindproof.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.mindproof.content.Library;
import org.mindproof.content.Person;

/** One conversation and what was said in it, before and since the app started. */
final class Chat {
    static final int COUNT = 40;
    /** The conversation whose screen must not be captured. */
    static final int PRIVATE = 3;
    private static final double ABUSIVE_SHARE = 0.12;
    private static final Map<Integer, Chat> OPEN = new TreeMap<>();

    final int number;
    final Person person;
    private final List<Message> messages = new ArrayList<>();
    private final SplittableRandom replies;

    /** One message; `own` was written on this phone. */
    record Message(String text, boolean own, String time) {}

    private Chat(int number) {
        this.number = number;
        person = Person.of(1000 + number);
        replies = Library.random("reply", number);
        SplittableRandom random = Library.random("chat", number);
        int count = 14 + random.nextInt(24);
        int minute = 9 * 60 + random.nextInt(20);
        for (int i = 0; i < count; i++) {
            boolean own = random.nextDouble() < 0.45;
            boolean abusive = !own && random.nextDouble() < ABUSIVE_SHARE;
            String text = abusive ? Library.abuse(random) : Library.sentence("chat", "messages", random);
            messages.add(new Message(text, own, clock(minute)));
            minute += random.nextInt(3);
        }
    }

    static Chat of(int number) {
        return OPEN.computeIfAbsent(number, Chat::new);
    }

    private static String clock(int minute) {
        return String.format("%d:%02d", minute / 60, minute % 60);
    }

    List<Message> messages() {
        return messages;
    }

    Message last() {
        return messages.get(messages.size() - 1);
    }

    int unread() {
        return number % 3 == 1 ? 1 + number % 4 : 0;
    }

    void say(String text) {
        messages.add(new Message(text, true, "10:24"));
    }

    /** The other side's answer: scripted, in the same order every time. */
    void answer() {
        messages.add(new Message(Library.sentence("chat", "replies", replies), false, "10:24"));
    }
}
