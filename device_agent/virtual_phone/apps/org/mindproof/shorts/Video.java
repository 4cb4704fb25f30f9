package org.mindproof.shorts;

import java.util.Map;
import java.util.SplittableRandom;
import org.mindproof.content.Counts;
import org.mindproof.content.Library;
import org.mindproof.content.Paged;
import org.mindproof.content.Person;
import org.mindproof.content.Remote;
import org.mindproof.content.Source;
import org.mindproof.phone.Json;
import org.mindproof.phone.Network;

/** A video and what lies over it. `playlist` is the address of its playlist, or null for a clip of this phone's own. */
record Video(int number, Person author, String caption, int likes, int comments, int shares, boolean playsAlone,
        String playlist) {
    private static final String VIDEOS = "https://reels.mindproof.test/api/v1/videos";

    /** Videos from the server, or from this phone where there is none. */
    static Source<Video> videos() {
        return Network.isOnline() ? new Paged<>(VIDEOS, page -> Remote.list(page.get("videos"), Video::read))
                : Source.made(Integer.MAX_VALUE, Video::of);
    }

    /** How many playlists to fetch ahead, as the server says. */
    static int prefetch(Source<Video> videos) {
        return videos instanceof Paged<Video> paged && paged.first() != null
                ? Math.max(0, Remote.count(paged.first(), "prefetch")) : 1;
    }

    private static Video of(int number) {
        SplittableRandom random = Library.random("short", number);
        Person person = Person.of(random.nextInt(400));
        int likes = (int) Math.pow(10, 2 + random.nextDouble() * 4);
        return new Video(number, person, Library.sentence("shorts", "captions", random), likes, likes / 30 + 4,
                likes / 70 + 1, true, null);
    }

    private static Video read(Object value) {
        Map<String, Object> fields = Json.object(value);
        return new Video(Json.integer(fields.get("id")), Remote.person(fields.get("author")),
                Remote.text(fields, "caption"), Remote.count(fields, "like_count"), Remote.count(fields, "comment_count"),
                Remote.count(fields, "share_count"), !Boolean.FALSE.equals(fields.get("autoplay")),
                Remote.text(fields, "playlist_url"));
    }

    /** How many like it, the user among them or not. */
    String likes(boolean liked) {
        return likes == Counts.UNKNOWN ? "" : Counts.brief(likes + (liked ? 1 : 0));
    }
}
