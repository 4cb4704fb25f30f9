package org.mindproof.phone;

import android.view.View;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Doors between the packages of the framework that must not be public methods of Android's classes.
 *
 * <p>Each class that holds something the window server needs hands in a function when it loads.
 */
public final class Inside {
    /** What a drawable looks like, as JSON values. */
    public static Function<Object, Object> drawable;
    /** The picture name of a bitmap. */
    public static Function<Object, String> bitmap;
    /** The file name of a typeface, such as Roboto-Medium. */
    public static Function<Object, String> typeface;
    /** The colour matrix of a paint's filter, as a list of twenty numbers; null without one. */
    public static Function<Object, Object> filter;
    /** Draws a view, given by its number, on a canvas over a bitmap. */
    public static BiConsumer<Object, Integer> drawView;
    /** The operations a canvas recorded. */
    public static Function<Object, Object> canvas;
    /** The window manager of this process. */
    public static Object windowManager;
    /** Takes a touch, a key or typed text from the window server; on the main looper. */
    public static Consumer<Map<String, Object>> input;
    /** The root views of this process's windows. */
    public static Supplier<List<View>> windowViews;
    /** Has every window laid out anew, as after a rotation. */
    public static Runnable relayout;

    private Inside() {}
}
