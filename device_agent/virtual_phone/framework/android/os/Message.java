package android.os;

/** One entry of a message queue. */
public final class Message {
    public int what;
    public int arg1;
    public int arg2;
    public Object obj;
    Handler target;
    Runnable callback;
    long when;
    long order;

    public Message() {}

    public static Message obtain() {
        return new Message();
    }

    public long getWhen() {
        return when;
    }

    public Handler getTarget() {
        return target;
    }

    public Runnable getCallback() {
        return callback;
    }
}
