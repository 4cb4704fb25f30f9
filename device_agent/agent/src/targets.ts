/**
 * Every method the agent hooks, by its exact Android signature: class, `#`, name, parameter types. A test checks each
 * against the stubs of Android's public API; what is hidden there says so in its name.
 */
export const TARGETS = {
    setText: "android.widget.TextView#setText(java.lang.CharSequence,android.widget.TextView$BufferType)",
    setTextChars: "android.widget.TextView#setText([C,int,int)",
    append: "android.widget.TextView#append(java.lang.CharSequence,int,int)",
    getText: "android.widget.TextView#getText()",
    setHint: "android.widget.TextView#setHint(java.lang.CharSequence)",
    setContentDescription: "android.view.View#setContentDescription(java.lang.CharSequence)",
    setImageDrawable: "android.widget.ImageView#setImageDrawable(android.graphics.drawable.Drawable)",
    setImageResource: "android.widget.ImageView#setImageResource(int)",
    setImageURI: "android.widget.ImageView#setImageURI(android.net.Uri)",
    getDrawable: "android.widget.ImageView#getDrawable()",
    onAttachedToWindow: "android.view.View#onAttachedToWindow()",

    // tree
    onPreDraw: "android.view.ViewTreeObserver#dispatchOnPreDraw()",
    onGlobalLayout: "android.view.ViewTreeObserver#dispatchOnGlobalLayout()",
    onScrollChanged: "android.view.View#onScrollChanged(int,int,int,int)",
    setVisibility: "android.view.View#setVisibility(int)",
    setAlpha: "android.view.View#setAlpha(float)",
    setTranslationX: "android.view.View#setTranslationX(float)",
    setTranslationY: "android.view.View#setTranslationY(float)",
    setSelected: "android.view.View#setSelected(boolean)",
    setEnabled: "android.view.View#setEnabled(boolean)",
    offsetTopAndBottom: "android.view.View#offsetTopAndBottom(int)",
    offsetLeftAndRight: "android.view.View#offsetLeftAndRight(int)",
    activityOnCreate: "android.app.Instrumentation#callActivityOnCreate(android.app.Activity,android.os.Bundle)",
    activityOnResume: "android.app.Instrumentation#callActivityOnResume(android.app.Activity)",
    activityOnPause: "android.app.Instrumentation#callActivityOnPause(android.app.Activity)",
    activityOnDestroy: "android.app.Instrumentation#callActivityOnDestroy(android.app.Activity)",
    activityTouch: "android.app.Activity#dispatchTouchEvent(android.view.MotionEvent)",
    dialogTouch: "android.app.Dialog#dispatchTouchEvent(android.view.MotionEvent)",
    /** Hidden: the class behind the public interface WindowManager. */
    removeWindow: "android.view.WindowManagerImpl#removeView(android.view.View)",
    removeWindowNow: "android.view.WindowManagerImpl#removeViewImmediate(android.view.View)",
} as const;
