package org.mindproof.feed;

import android.app.Activity;
import android.content.Intent;
import java.util.HashSet;
import java.util.Set;
import org.mindproof.content.Person;
import org.mindproof.content.Post;
import org.mindproof.design.Ui;

/** What the screens of the feed share: what the user liked, and the way from one screen to another. */
final class FeedContext {
    private static final Set<Integer> LIKED = new HashSet<>();
    private final Activity activity;
    private final Ui ui;

    FeedContext(Activity activity) {
        this.activity = activity;
        this.ui = new Ui(activity);
    }

    Ui ui() {
        return ui;
    }

    Activity activity() {
        return activity;
    }

    boolean isLiked(int post) {
        return LIKED.contains(post);
    }

    void toggleLike(int post) {
        if (!LIKED.remove(post)) {
            LIKED.add(post);
        }
    }

    void openComments(Post post) {
        activity.startActivity(new Intent(activity, CommentsActivity.class).putExtra("post", post.number())
                .putExtra("comments", post.comments()));
    }

    void openProfile(Person person) {
        activity.startActivity(new Intent(activity, ProfileActivity.class).putExtra("person", person.number())
                .putExtra("handle", person.handle()));
    }
}
