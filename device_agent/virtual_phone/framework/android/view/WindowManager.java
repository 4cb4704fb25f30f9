package android.view;

import android.os.IBinder;

/** Puts windows on the screen. */
public interface WindowManager extends ViewManager {
    void removeViewImmediate(View arg1);

    /** A window that this app may not put up. */
    class BadTokenException extends RuntimeException {
        public BadTokenException(String name) {
            super(name);
        }
    }

    /** Where and how a window lies. */
    class LayoutParams extends ViewGroup.LayoutParams {
        public static final int FLAG_DIM_BEHIND = 2;
        public static final int FLAG_NOT_FOCUSABLE = 8;
        public static final int FLAG_NOT_TOUCHABLE = 16;
        public static final int FLAG_NOT_TOUCH_MODAL = 32;
        public static final int FLAG_LAYOUT_IN_SCREEN = 256;
        public static final int FLAG_LAYOUT_NO_LIMITS = 512;
        public static final int FLAG_SECURE = 8192;
        public static final int TYPE_BASE_APPLICATION = 1;
        public static final int TYPE_APPLICATION = 2;
        public static final int TYPE_APPLICATION_PANEL = 1000;
        public static final int FIRST_SYSTEM_WINDOW = 2000;
        public static final int TYPE_TOAST = 2005;
        public static final int TYPE_APPLICATION_OVERLAY = 2038;
        public int flags;
        public int gravity;
        public int type = TYPE_APPLICATION;
        public int x;
        public int y;
        public float alpha = 1;
        public float dimAmount;
        public int layoutInDisplayCutoutMode;
        public int format;
        /** Whose window this belongs to; nothing here, where a window belongs to its process. */
        public IBinder token;

        public LayoutParams() {
            super(MATCH_PARENT, MATCH_PARENT);
        }

        public LayoutParams(int w, int h, int _type, int _flags, int _format) {
            super(w, h);
            type = _type;
            flags = _flags;
            format = _format;
        }

        /** Every window has the whole screen here; the bars lie over it. */
        public void setFitInsetsTypes(int types) {}

        public final CharSequence getTitle() {
            return title;
        }

        public final void setTitle(CharSequence title) {
            this.title = title;
        }

        private CharSequence title = "";
    }
}
