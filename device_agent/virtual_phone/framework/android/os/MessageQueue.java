package android.os;

import java.util.PriorityQueue;
import java.util.function.Predicate;

/** The messages of a looper in order of their time. */
public final class MessageQueue {
    private final PriorityQueue<Message> messages = new PriorityQueue<>(
            (a, b) -> a.when != b.when ? Long.compare(a.when, b.when) : Long.compare(a.order, b.order));
    private long posted;
    private boolean quitting;

    MessageQueue() {}

    /** True when no message is due now. */
    public boolean isIdle() {
        synchronized (messages) {
            Message first = messages.peek();
            return first == null || first.when > SystemClock.uptimeMillis();
        }
    }

    boolean enqueue(Message message, long when) {
        synchronized (messages) {
            if (quitting) {
                return false;
            }
            message.when = when;
            message.order = posted++;
            messages.add(message);
            messages.notifyAll();
            return true;
        }
    }

    void remove(Predicate<Message> which) {
        synchronized (messages) {
            messages.removeIf(which);
        }
    }

    /** Blocks until a message is due; null when the queue quits. */
    Message next() throws InterruptedException {
        synchronized (messages) {
            while (!quitting) {
                Message first = messages.peek();
                long wait = first == null ? 0 : first.when - SystemClock.uptimeMillis();
                if (first != null && wait <= 0) {
                    return messages.poll();
                }
                messages.wait(wait);
            }
            return null;
        }
    }

    void quit() {
        synchronized (messages) {
            quitting = true;
            messages.notifyAll();
        }
    }
}
