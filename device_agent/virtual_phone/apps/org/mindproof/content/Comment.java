package org.mindproof.content;

import java.util.SplittableRandom;

/** What somebody wrote under a post. */
public record Comment(Person author, String text, int likes, String age, boolean abusive) {
    private static final double ABUSIVE_SHARE = 0.22;

    /** Comment `number` of a stream, such as the comments of one post. */
    public static Comment of(String stream, int number) {
        SplittableRandom random = Library.random(stream + "/comment", number);
        Person author = Person.of(random.nextInt(400));
        boolean abusive = random.nextDouble() < ABUSIVE_SHARE;
        String text = abusive ? Library.abuse(random) : Library.sentence("posts", "comments", random);
        return new Comment(author, text, random.nextInt(90), (1 + random.nextInt(23)) + "h", abusive);
    }
}
