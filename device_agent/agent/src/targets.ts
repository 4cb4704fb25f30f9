/**
 * Every method the agent hooks, by its exact Android signature: class, `#`, name, parameter types. A test checks each
 * against the stubs of Android's public API; what is hidden there says so in its name.
 */
export const TARGETS = {
    dispatchMessage: "android.os.Handler#dispatchMessage(android.os.Message)",
    setText: "android.widget.TextView#setText(java.lang.CharSequence,android.widget.TextView$BufferType)",
} as const;
