package org.mindproof.feed;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.mindproof.content.Comment;
import org.mindproof.content.Counts;
import org.mindproof.content.Paged;
import org.mindproof.content.Person;
import org.mindproof.content.Post;
import org.mindproof.content.Remote;
import org.mindproof.content.Source;
import org.mindproof.phone.Json;
import org.mindproof.phone.Network;

/** Where the feed's content comes from: its server, or this phone where there is none. */
final class Plaza {
    private static final String API = "https://plaza.mindproof.test/api/v1/";
    private static final int POSTS_PER_PERSON = 1000;
    private static final int STORIES = 14;
    private static final int OWN_PERSON = 3;
    private static volatile Person me = new Person(OWN_PERSON, "You", "", "", Counts.UNKNOWN, null);

    private Plaza() {}

    static Source<Post> feed() {
        return Network.isOnline() ? new Paged<>(API + "feed", Plaza::feedPage) : Source.made(Integer.MAX_VALUE - 1, Post::of);
    }

    static Source<Comment> comments(int post, int count) {
        if (Network.isOnline()) {
            return new Paged<>(API + "posts/" + post + "/comments",
                    page -> Remote.list(page.get("comments"), Remote::comment));
        }
        return Source.made(count, number -> Comment.of("post/" + post, number));
    }

    private static List<Post> feedPage(Map<String, Object> page) {
        if (page.containsKey("me")) {
            me = Remote.person(page.get("me"));
        }
        return Remote.list(page.get("posts"), Remote::post);
    }

    /** What somebody posted. */
    static Source<Post> by(int person) {
        if (Network.isOnline()) {
            return new Paged<>(API + "users/" + person + "/posts",
                    page -> Remote.list(page.get("posts"), Remote::post));
        }
        Person author = Person.of(person);
        return Source.made(POSTS_PER_PERSON - 1, index -> Post.by(author, index + 1));
    }

    /** Somebody, how much there is by them, and how many they follow. */
    record Profile(Person person, int posts, int following) {}

    /** Who `number` is, once `posts`, which are theirs, has something. */
    static Profile profile(Source<Post> posts, int number) {
        if (posts instanceof Paged<Post> paged) {
            Map<String, Object> user = Json.object(paged.first().get("user"));
            return new Profile(Remote.person(user), Remote.count(user, "posts_count"),
                    Remote.count(user, "following_count"));
        }
        return new Profile(Person.of(number), 40 + number % 300, 80 + number * 7 % 900);
    }

    /** Whose stories there are, once `feed` has something. */
    static List<Person> stories(Source<Post> feed) {
        if (feed instanceof Paged<Post> paged) {
            return Remote.list(paged.first().get("stories"), Remote::person);
        }
        return IntStream.range(0, STORIES).mapToObj(i -> Person.of(i * 17 + 3)).toList();
    }

    /** Who uses this phone. */
    static Person me() {
        return Network.isOnline() ? me : Person.of(OWN_PERSON);
    }
}
