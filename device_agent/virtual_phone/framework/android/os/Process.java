package android.os;

import org.mindproof.phone.Ending;

/** This process. */
public class Process {
    public Process() {}

    public static final int myPid() {
        return (int) ProcessHandle.current().pid();
    }

    public static final void killProcess(int pid) {
        if (pid == myPid()) {
            Ending.now(137);
        }
    }
}
