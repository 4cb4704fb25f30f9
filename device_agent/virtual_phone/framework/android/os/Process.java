package android.os;

/** This process. */
public class Process {
    public Process() {}

    public static final int myPid() {
        return (int) ProcessHandle.current().pid();
    }

    public static final void killProcess(int pid) {
        if (pid == myPid()) {
            Runtime.getRuntime().halt(137);
        }
    }
}
