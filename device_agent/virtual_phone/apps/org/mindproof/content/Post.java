package org.mindproof.content;

import java.util.SplittableRandom;

/** One post of the feed. `picture`, a name or an address, is null for a text post; `top` is a comment to show, or null. */
public record Post(int number, Person author, String age, String text, String picture, int likes, int comments, int shares,
        Comment top) {
    private static final int PEOPLE = 400;

    public static Post of(int number) {
        SplittableRandom random = Library.random("post", number);
        Person author = Person.of(random.nextInt(PEOPLE));
        String text = Library.sentence("posts", "posts", random);
        double kind = random.nextDouble();
        String picture = null;
        if (number % 9 == 4) {
            picture = "figure/" + random.nextInt(1000);
        } else if (kind < 0.72) {
            picture = "photo/" + random.nextInt(100_000);
        }
        int likes = (int) Math.pow(10, 1 + random.nextDouble() * 3.3);
        String age = number < 6 ? (number * 7 + 3) + "m" : (1 + number / 6) + "h";
        return new Post(number, author, age, text, picture, likes, 3 + random.nextInt(240), random.nextInt(120),
                Comment.of("post/" + number, 0));
    }

    /** Post `index` of one person, counted from 1, the newest. */
    public static Post by(Person author, int index) {
        Post post = of(1_000_000 + author.number() * 1000 + index);
        return new Post(post.number, author, index + "d", post.text, post.picture, post.likes, post.comments, post.shares,
                post.top);
    }
}
