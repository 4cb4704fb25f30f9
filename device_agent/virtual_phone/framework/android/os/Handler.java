package android.os;

/** Puts messages and runnables on a looper's queue. */
public class Handler {
    private final Looper looper;

    public Handler(Looper looper) {
        this.looper = looper;
    }

    public final Looper getLooper() {
        return looper;
    }

    public void handleMessage(Message msg) {}

    public void dispatchMessage(Message msg) {
        if (msg.callback != null) {
            msg.callback.run();
        } else {
            handleMessage(msg);
        }
    }

    public final boolean post(Runnable r) {
        return postDelayed(r, 0);
    }

    public final boolean postDelayed(Runnable r, long delayMillis) {
        Message message = Message.obtain();
        message.callback = r;
        return sendMessageDelayed(message, delayMillis);
    }

    public final boolean sendEmptyMessage(int what) {
        Message message = Message.obtain();
        message.what = what;
        return sendMessage(message);
    }

    public final boolean sendMessage(Message msg) {
        return sendMessageDelayed(msg, 0);
    }

    public final boolean sendMessageDelayed(Message msg, long delayMillis) {
        msg.target = this;
        return looper.getQueue().enqueue(msg, SystemClock.uptimeMillis() + Math.max(0, delayMillis));
    }

    public final void removeCallbacks(Runnable r) {
        looper.getQueue().remove(message -> message.target == this && message.callback == r);
    }

    public final void removeMessages(int what) {
        looper.getQueue().remove(m -> m.target == this && m.callback == null && m.what == what);
    }
}
