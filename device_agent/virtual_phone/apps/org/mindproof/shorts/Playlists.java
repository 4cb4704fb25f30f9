package org.mindproof.shorts;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.mindproof.content.Fetch;

/** The playlists of videos (HLS, RFC 8216), each fetched once: which clip there is to play. On the main thread. */
final class Playlists {
    private static final String HEAD = "#EXTM3U";
    private static final String CLIP = "clip/\\d{1,9}";
    private static final Map<String, String> CLIPS = new HashMap<>();
    private static final Map<String, List<Runnable>> COMING = new HashMap<>();

    private Playlists() {}

    /** The clip of a video; null while its playlist is not there. */
    static String clip(Video video) {
        return video.playlist() == null ? "clip/" + video.number() : CLIPS.get(video.playlist());
    }

    /** Fetches the playlist of a video unless it is there, or on its way; `then` runs when it came. */
    static void fetch(Video video, Runnable then) {
        String address = video.playlist();
        if (address == null || CLIPS.containsKey(address)) {
            return;
        }
        List<Runnable> waiting = COMING.get(address);
        if (waiting != null) {
            waiting.add(then);
            return;
        }
        COMING.put(address, new ArrayList<>(List.of(then)));
        Fetch.get(address, Playlists::read, clip -> {
            CLIPS.put(address, clip);
            COMING.remove(address).forEach(Runnable::run);
        }, why -> COMING.remove(address));
    }

    /** The first segment of a playlist. */
    private static String read(byte[] body) {
        String[] lines = new String(body, StandardCharsets.UTF_8).split("\r?\n");
        for (String line : lines) {
            if (lines[0].equals(HEAD) && line.matches(CLIP)) {
                return line;
            }
        }
        throw new IllegalArgumentException("the playlist names nothing to play");
    }
}
