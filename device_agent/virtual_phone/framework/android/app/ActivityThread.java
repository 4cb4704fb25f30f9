package android.app;

import android.content.ComponentName;
import android.content.Context;
import android.content.Intent;
import android.os.Handler;
import android.os.Looper;
import android.util.Log;
import android.view.Window;
import android.view.WindowManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.mindproof.phone.Ending;
import org.mindproof.phone.Inside;
import org.mindproof.phone.Json;
import org.mindproof.phone.PhoneWindow;
import org.mindproof.phone.Screen;
import org.mindproof.phone.Tracer;
import org.mindproof.phone.WindowLink;

/** The main thread of an app's process: its looper, its application, its activities. */
final class ActivityThread {
    static Handler HANDLER;
    static Application application;
    private static final Instrumentation INSTRUMENTATION = new Instrumentation();
    private static final List<Activity> STACK = new ArrayList<>();
    private static Context base;
    private static boolean resumed;

    private ActivityThread() {}

    public static void main(String[] arguments) throws ReflectiveOperationException, java.io.IOException {
        Thread.currentThread().setName("main");
        Thread.setDefaultUncaughtExceptionHandler(ActivityThread::crash);
        Looper.prepareMainLooper();
        HANDLER = new Handler(Looper.getMainLooper());
        String packageName = arguments[0];
        Screen.configure(WindowLink.connect(packageName, message -> HANDLER.post(() -> handle(message))));
        Class.forName("android.view.ViewRootImpl");
        base = new ContextImpl(packageName);
        application = new Application();
        application.attach(base);
        String waitMs = System.getenv("MINDPROOF_WAIT_MS");
        if (waitMs != null) {
            Tracer.await(Long.parseLong(waitMs));
        }
        application.onCreate();
        Looper.loop();
    }

    /** The running app; hidden on Android too, but the way by which tools find it. */
    public static Application currentApplication() {
        return application;
    }

    private static void crash(Thread thread, Throwable failure) {
        String trace = "FATAL EXCEPTION: " + thread.getName() + "\nProcess: " + base.getPackageName() + ", PID: "
                + ProcessHandle.current().pid() + "\n" + Log.getStackTraceString(failure);
        Log.e("AndroidRuntime", trace);
        Ending.now(10);
    }

    private static void handle(Map<String, Object> message) {
        switch ((String) message.get("t")) {
            case "launch":
                launch((String) message.get("activity"));
                break;
            case "pause":
                pauseTop();
                break;
            case "resume":
                resumeTop();
                break;
            case "configure":
                Screen.configure(message);
                STACK.forEach(activity -> ((PhoneWindow) activity.getWindow()).fitSystemBars());
                Inside.relayout.run();
                break;
            case "finish":
                Ending.now(0);
                break;
            default:
                Inside.input.accept(message);
                break;
        }
    }

    /** Brings the app forward: its first activity, or the one named when another is on top. */
    private static void launch(String activity) {
        boolean there = !STACK.isEmpty() && STACK.stream().anyMatch(a -> a.getClass().getName().equals(activity));
        if (there) {
            resumeTop();
        } else {
            start(new Intent().setClassName(base.getPackageName(), activity));
        }
    }

    static void start(Intent intent) {
        ComponentName component = intent.getComponent();
        if (component.getPackageName().equals(base.getPackageName())) {
            HANDLER.post(() -> create(component.getClassName(), intent));
        } else {
            WindowLink.get().send(WindowLink.message("start", "package", component.getPackageName(), "activity",
                    component.getClassName()));
        }
    }

    private static void create(String className, Intent intent) {
        Activity activity;
        try {
            activity = (Activity) Class.forName(className).getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException missing) {
            throw new IllegalArgumentException("Unable to find explicit activity class " + className, missing);
        }
        pauseTop();
        activity.attach(base, intent);
        STACK.add(activity);
        INSTRUMENTATION.callActivityOnCreate(activity, null);
        INSTRUMENTATION.callActivityOnStart(activity);
        resumeTop();
    }

    private static Activity top() {
        return STACK.isEmpty() ? null : STACK.get(STACK.size() - 1);
    }

    private static void pauseTop() {
        if (resumed && top() != null) {
            resumed = false;
            INSTRUMENTATION.callActivityOnPause(top());
        }
    }

    private static void resumeTop() {
        Activity activity = top();
        if (activity == null || resumed) {
            return;
        }
        resumed = true;
        INSTRUMENTATION.callActivityOnResume(activity);
        Window window = activity.getWindow();
        WindowManager windows = activity.getWindowManager();
        if (!window.getDecorView().isAttachedToWindow()) {
            windows.addView(window.getDecorView(), window.getAttributes());
        }
        WindowLink.get().send(WindowLink.message("resumed", "activity", activity.getClass().getName()));
    }

    static void finish(Activity activity) {
        HANDLER.post(() -> {
            if (activity == top()) {
                pauseTop();
            }
            STACK.remove(activity);
            if (activity.getWindow().getDecorView().isAttachedToWindow()) {
                activity.getWindowManager().removeView(activity.getWindow().getDecorView());
            }
            INSTRUMENTATION.callActivityOnStop(activity);
            INSTRUMENTATION.callActivityOnDestroy(activity);
            if (STACK.isEmpty()) {
                WindowLink.get().send(WindowLink.message("finished"));
            } else {
                resumeTop();
            }
        });
    }
}
