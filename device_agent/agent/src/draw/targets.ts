/** What drawing hooks; see `../targets.ts`. */
export const TARGETS = {
    // What the app does to views that are under an effect.
    setVisibility: "android.view.View#setVisibility(int)",
    setForeground: "android.view.View#setForeground(android.graphics.drawable.Drawable)",
    setLayerType: "android.view.View#setLayerType(int,android.graphics.Paint)",
    viewTouch: "android.view.View#dispatchTouchEvent(android.view.MotionEvent)",
    groupTouch: "android.view.ViewGroup#dispatchTouchEvent(android.view.MotionEvent)",
    preDraw: "android.view.ViewTreeObserver#dispatchOnPreDraw()",
    // The agent's own pages, and windows that come.
    groupKey: "android.view.ViewGroup#dispatchKeyEvent(android.view.KeyEvent)",
    performClick: "android.view.View#performClick()",
    addWindow: "android.view.WindowManagerImpl#addView(android.view.View,android.view.ViewGroup$LayoutParams)",
    activityResumed: "android.app.Instrumentation#callActivityOnResume(android.app.Activity)",
} as const;
