package org.mindproof.reader;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.mindproof.content.Article;
import org.mindproof.content.Comment;
import org.mindproof.content.Counts;

/** An article with its comments, as it is to be drawn. Pictures are names or addresses. */
record Story(String section, String title, String byline, String picture, List<String> paragraphs, String commentsTitle,
        List<Note> comments) {
    private static final int COMMENTS = 9;

    /** One comment. */
    record Note(String avatar, String head, String text, String likes) {}

    /** An article of this phone's own. */
    static Story of(int number) {
        Article article = Article.of(number);
        List<Note> notes = new ArrayList<>();
        for (int i = 0; i < COMMENTS; i++) {
            Comment comment = article.comment(i);
            notes.add(new Note(comment.author().avatar(), comment.author().name() + "  ·  " + comment.age(), comment.text(),
                    Counts.full(comment.likes()) + " likes"));
        }
        return new Story(article.section().toUpperCase(Locale.ROOT), article.title(),
                "By " + article.author().name() + "  ·  " + article.minutes() + " min read", article.picture(),
                article.paragraphs(), "Comments (" + COMMENTS + ")", notes);
    }

    /** A web page of the server's. What it lacks is not shown. */
    static Story of(List<HtmlElement> page) {
        String section = "";
        String title = "";
        String byline = "";
        String picture = null;
        String commentsTitle = "";
        List<String> paragraphs = new ArrayList<>();
        List<Note> notes = new ArrayList<>();
        for (HtmlElement one : page) {
            switch (one.name() + "." + one.style()) {
                case "p.section" -> section = one.text().toUpperCase(Locale.ROOT);
                case "h1." -> title = one.text();
                case "p.byline" -> byline = one.text();
                case "img.picture" -> picture = one.source();
                case "p.body" -> paragraphs.add(one.text());
                case "h2." -> commentsTitle = one.text();
                case "img.avatar" -> notes.add(new Note(one.source(), "", "", ""));
                case "p.head" -> change(notes, note -> new Note(note.avatar, one.text(), note.text, note.likes));
                case "p.text" -> change(notes, note -> new Note(note.avatar, note.head, one.text(), note.likes));
                case "p.like_count" -> change(notes, note -> new Note(note.avatar, note.head, note.text, one.text()));
                default -> { }
            }
        }
        if (title.isEmpty() && paragraphs.isEmpty()) {
            throw new IllegalArgumentException("the page holds no article");
        }
        return new Story(section, title, byline, picture, paragraphs, commentsTitle, notes);
    }

    private static void change(List<Note> notes, java.util.function.UnaryOperator<Note> change) {
        if (!notes.isEmpty()) {
            notes.set(notes.size() - 1, change.apply(notes.get(notes.size() - 1)));
        }
    }
}
