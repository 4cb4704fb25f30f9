package android.view;

/** Puts windows on the screen. */
public interface WindowManager extends ViewManager {
    void removeViewImmediate(View arg1);

    /** Where and how a window lies. */
    class LayoutParams extends ViewGroup.LayoutParams {
        public static final int FLAG_NOT_FOCUSABLE = 8;
        public static final int FLAG_NOT_TOUCHABLE = 16;
        public static final int FLAG_SECURE = 8192;
        public static final int TYPE_BASE_APPLICATION = 1;
        public static final int TYPE_APPLICATION = 2;
        public static final int TYPE_APPLICATION_PANEL = 1000;
        public int flags;
        public int gravity;
        public int type = TYPE_APPLICATION;
        public int x;
        public int y;
        public float alpha = 1;
        public float dimAmount;

        public LayoutParams() {
            super(MATCH_PARENT, MATCH_PARENT);
        }

        public LayoutParams(int w, int h, int _type, int _flags, int _format) {
            super(w, h);
            type = _type;
            flags = _flags;
        }

        public final CharSequence getTitle() {
            return title;
        }

        public final void setTitle(CharSequence title) {
            this.title = title;
        }

        private CharSequence title = "";
    }
}
