package org.mindproof.content;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A long text with a picture. */
public record Article(int number, String section, String title, Person author, int minutes, String picture,
        List<String> paragraphs) {
    public static Article of(int number) {
        SplittableRandom random = Library.random("article", number);
        String section = Library.sentence("articles", "sections", random);
        String title = Library.sentence("articles", "titles", random);
        List<String> paragraphs = new ArrayList<>();
        int count = 12 + random.nextInt(8);
        List<String> order = Library.shuffled("articles", "sentences", random);
        int next = 0;
        for (int i = 0; i < count; i++) {
            StringBuilder text = new StringBuilder();
            int sentences = 3 + random.nextInt(3);
            for (int j = 0; j < sentences; j++) {
                text.append(j == 0 ? "" : " ").append(Library.fill("articles", order.get(next++ % order.size()), random));
            }
            paragraphs.add(text.toString());
        }
        String picture = (number % 4 == 1 ? "figure/" : "photo/") + random.nextInt(100_000);
        return new Article(number, section, title, Person.of(random.nextInt(400)), count / 2, picture, paragraphs);
    }

    public Comment comment(int index) {
        return Comment.of("article/" + number, index);
    }
}
