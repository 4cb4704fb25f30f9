package android.os;

/** Runs the messages of one thread, one after another. */
public final class Looper {
    private static final ThreadLocal<Looper> LOOPERS = new ThreadLocal<>();
    private static Looper main;

    private final MessageQueue queue = new MessageQueue();
    private final Thread thread = Thread.currentThread();

    private Looper() {}

    public static void prepare() {
        if (LOOPERS.get() != null) {
            throw new RuntimeException("Only one Looper may be created per thread");
        }
        LOOPERS.set(new Looper());
    }

    public static void prepareMainLooper() {
        prepare();
        main = LOOPERS.get();
    }

    public static Looper getMainLooper() {
        return main;
    }

    public static Looper myLooper() {
        return LOOPERS.get();
    }

    public static MessageQueue myQueue() {
        return myLooper().queue;
    }

    public static void loop() {
        Looper me = myLooper();
        if (me == null) {
            throw new RuntimeException("No Looper; Looper.prepare() wasn't called on this thread.");
        }
        try {
            Message message;
            while ((message = me.queue.next()) != null) {
                message.target.dispatchMessage(message);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    public Thread getThread() {
        return thread;
    }

    public MessageQueue getQueue() {
        return queue;
    }

    public boolean isCurrentThread() {
        return Thread.currentThread() == thread;
    }

    public void quit() {
        queue.quit();
    }
}
