package org.mindproof.reader;

import android.app.Activity;
import android.os.Bundle;

/** Long articles. */
public final class ReaderActivity extends Activity {
    @Override
    protected void onCreate(Bundle savedInstanceState) {
        super.onCreate(savedInstanceState);
        setContentView(new ArticleView(this, Gazette.stories()));
    }
}
