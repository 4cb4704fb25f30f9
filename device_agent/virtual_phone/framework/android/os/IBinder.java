package android.os;

/** An object of another process; there is none here, and no window needs one. */
public interface IBinder {}
