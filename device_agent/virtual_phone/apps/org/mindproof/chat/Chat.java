package org.mindproof.chat;

import android.os.Handler;
import android.os.Looper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.mindproof.content.Fetch;
import org.mindproof.content.Library;
import org.mindproof.content.Paged;
import org.mindproof.content.Person;
import org.mindproof.content.Remote;
import org.mindproof.content.Source;
import org.mindproof.phone.Json;
import org.mindproof.phone.Network;

/**
 * One conversation. `secure`: its screen must not be captured.
 *
 * <p>What the server has is fetched when the conversation opens; without a server it is made up, once for each process.
 */
final class Chat {
    private static final String CONVERSATIONS = "https://courier.mindproof.test/api/v1/conversations";
    private static final long ANSWER_MS = 700;
    private static final int COUNT = 40;
    private static final int PRIVATE = 3;
    private static final double ABUSIVE_SHARE = 0.12;
    private static final Map<Integer, Chat> LISTED = new TreeMap<>();

    final int number;
    final Person person;
    final String title;
    final int unread;
    final boolean secure;
    final Messages messages;
    private final Message listed;
    private final SplittableRandom replies;
    private final Handler handler = new Handler(Looper.getMainLooper());

    private Chat(int number, Person person, String title, int unread, boolean secure, Messages messages, Message listed) {
        this.number = number;
        this.person = person;
        this.title = title;
        this.unread = unread;
        this.secure = secure;
        this.messages = messages;
        this.listed = listed;
        replies = Library.random("reply", number);
    }

    /** All conversations, from the server or of this phone. */
    static Source<Chat> all() {
        if (Network.isOnline()) {
            return new Paged<>(CONVERSATIONS, page -> Remote.list(page.get("conversations"), Chat::read));
        }
        return Source.made(COUNT, number -> LISTED.computeIfAbsent(number, Chat::make));
    }

    /** The conversation of that number, which was listed before. */
    static Chat of(int number) {
        synchronized (LISTED) {
            return LISTED.get(number);
        }
    }

    private static Chat read(Object value) {
        Map<String, Object> fields = Json.object(value);
        int number = Json.integer(fields.get("id"));
        Chat chat = new Chat(number, Remote.person(fields.get("person")), Remote.text(fields, "title"),
                Math.max(0, Remote.count(fields, "unread_count")), Boolean.TRUE.equals(fields.get("secure")),
                new Messages(CONVERSATIONS + "/" + number + "/messages"), Message.read(fields.get("last_message")));
        synchronized (LISTED) {
            LISTED.put(number, chat);
        }
        return chat;
    }

    private static Chat make(int number) {
        Person person = Person.of(1000 + number);
        SplittableRandom random = Library.random("chat", number);
        List<Message> messages = new ArrayList<>();
        int count = 14 + random.nextInt(24);
        int minute = 9 * 60 + random.nextInt(20);
        for (int i = 0; i < count; i++) {
            boolean own = random.nextDouble() < 0.45;
            boolean abusive = !own && random.nextDouble() < ABUSIVE_SHARE;
            String text = abusive ? Library.abuse(random) : Library.sentence("chat", "messages", random);
            messages.add(new Message(text, own, clock(minute)));
            minute += random.nextInt(3);
        }
        int unread = number % 3 == 1 ? 1 + number % 4 : 0;
        String title = number == PRIVATE ? "Private notes" : person.name();
        return new Chat(number, person, title, unread, number == PRIVATE, new Messages(messages), null);
    }

    private static String clock(int minute) {
        return String.format("%d:%02d", minute / 60, minute % 60);
    }

    Message last() {
        return messages.size() > 0 ? messages.get(messages.size() - 1) : listed;
    }

    /** Says something; an answer comes a little later. `failed` is told why it could not be sent. */
    void say(String text, Consumer<String> failed) {
        Message own = new Message(text, true, Message.NOW);
        messages.add(own);
        if (!Network.isOnline()) {
            // Scripted, in the same order every time.
            String answer = Library.sentence("chat", "replies", replies);
            answer(new Message(answer, false, Message.NOW));
            return;
        }
        Fetch.post(CONVERSATIONS + "/" + number + "/messages", Map.of("text", text),
                Chat::reply, reply -> reply.ifPresent(this::answer), why -> {
                    messages.remove(own);
                    failed.accept(why);
                });
    }

    /** The reply in the answer to what was said, unless {@link Live} tells it. */
    private static Optional<Message> reply(byte[] body) {
        return Optional.ofNullable(Json.object(Fetch.json(body)).get("reply")).map(Message::read);
    }

    /** Something came in a conversation. */
    static void hear(int number, Message message) {
        Chat chat = of(number);
        if (chat != null && !chat.messages.hasMore()) {
            chat.answer(message);
        }
    }

    private void answer(Message answer) {
        handler.postDelayed(() -> messages.add(answer), ANSWER_MS);
    }
}
