/**
 * The overlay window: rectangles above whatever app is in front, for apps that cannot be entered. It works
 * in SystemUI, which alone may put up windows of this type; anywhere else Android refuses, and the backend
 * is told.
 *
 * One window shows all rectangles and lets every touch through. A rectangle that is to block touches has a
 * window of its own behind it, with nothing to see and nothing but that place: what a window lets through
 * cannot be parted otherwise without hidden interfaces. Main thread only.
 */

import type { Agent } from "../agent";
import type { OverlayBox, ToAgentOf } from "../messages";
import { argb, inkOn } from "./colours";
import { densityOf } from "./drawables";
import { javaText } from "./page";

/** TYPE_NAVIGATION_BAR_PANEL: hidden, and one whose touches the system trusts, so that those let through arrive. */
const TYPE_PANEL = 2024;
const MATCH = -1;
const TRANSLUCENT = -3;
const FLAG_NOT_FOCUSABLE = 0x8;
const FLAG_NOT_TOUCHABLE = 0x10;
const FLAG_LAYOUT_IN_SCREEN = 0x100;
const FLAG_LAYOUT_NO_LIMITS = 0x200;
const FLAG_HARDWARE_ACCELERATED = 0x1000000;
const FLAGS = FLAG_NOT_FOCUSABLE | FLAG_LAYOUT_IN_SCREEN | FLAG_LAYOUT_NO_LIMITS | FLAG_HARDWARE_ACCELERATED;
const TOP_LEFT = 51;
const CENTER = 17;
const CUTOUT_ALWAYS = 3;
const PX = 0;
const LARGEST_DP = 16;
const SMALLEST_DP = 9;
const LINE = 1.25;
const TITLE = "MindproofOverlay";

interface Drawn {
    readonly view: JavaObject;
    look: string;
}

interface Blocker {
    readonly view: JavaObject;
    place: string;
}

export class Overlay {
    private readonly drawn: Drawn[] = [];
    private readonly blockers: Blocker[] = [];
    private root: JavaObject | null = null;
    private readonly application: JavaObject;
    private readonly windows: JavaObject;

    constructor(private readonly agent: Agent) {
        this.application = Java.retain(Java.use("android.app.ActivityThread").currentApplication() as JavaObject);
        const manager = this.application.getSystemService("window") as JavaObject;
        this.windows = Java.retain(Java.cast(manager, Java.use("android.view.ViewManager")));
    }

    set({ seq, boxes }: ToAgentOf<"overlay">): void {
        this.agent.hooks.quiet(() => {
            if (boxes.length === 0) {
                this.close();
            } else {
                this.draw(this.root ?? this.open(), boxes);
                this.block(boxes.filter(({ block }) => block));
            }
        });
        this.agent.send({ type: "applied", seq, uptime_ms: this.agent.uptime() });
    }

    close(): void {
        this.block([]);
        if (this.root !== null) {
            this.windows.removeView(this.root);
            this.root = null;
            this.drawn.length = 0;
        }
    }

    private open(): JavaObject {
        const root = this.make("android.widget.FrameLayout");
        this.windows.addView(root, params(MATCH, MATCH, FLAG_NOT_TOUCHABLE));
        this.root = root;
        return root;
    }

    private draw(root: JavaObject, boxes: readonly OverlayBox[]): void {
        const group = Java.cast(root, Java.use("android.view.ViewGroup"));
        while (this.drawn.length > boxes.length) {
            const last = this.drawn.pop() as Drawn;
            group.removeView(last.view);
        }
        boxes.forEach((box, i) => {
            const look = JSON.stringify(box);
            let one = this.drawn[i];
            if (one === undefined) {
                one = { view: this.make("android.widget.TextView"), look: "" };
                this.drawn.push(one);
                group.addView(one.view, place(box));
            }
            if (one.look !== look) {
                one.look = look;
                this.dress(one.view, box);
            }
        });
    }

    private dress(view: JavaObject, box: OverlayBox): void {
        const [, top, , bottom] = box.box;
        view.setLayoutParams(place(box));
        view.setBackgroundColor(argb(box.colour));
        view.setTextColor(argb(inkOn(box.colour)));
        view.setGravity(CENTER);
        const density = densityOf(view);
        const size = Math.min(LARGEST_DP * density, (bottom - top) / LINE - 1);
        const room = size >= SMALLEST_DP * density;
        view.setTextSize(PX, Math.max(1, size));
        view.setMaxLines(Math.max(1, Math.floor((bottom - top) / (size * LINE))));
        view.setEllipsize(Java.use("android.text.TextUtils$TruncateAt").END.value);
        view.setText(javaText(room ? box.text : ""));
    }

    private block(boxes: readonly OverlayBox[]): void {
        while (this.blockers.length > boxes.length) {
            this.windows.removeView((this.blockers.pop() as Blocker).view);
        }
        boxes.forEach(({ box }, i) => {
            const [left, top, right, bottom] = box;
            const at = params(right - left, bottom - top, 0);
            at.x.value = left;
            at.y.value = top;
            const blocker = this.blockers[i];
            if (blocker === undefined) {
                const view = this.make("android.view.View");
                view.setClickable(true); // A clickable view takes every touch.
                this.windows.addView(view, at);
                this.blockers.push({ view, place: box.join() });
            } else if (blocker.place !== box.join()) {
                blocker.place = box.join();
                this.windows.updateViewLayout(blocker.view, at);
            }
        });
    }

    private make(className: string): JavaObject {
        const view = Java.retain(Java.use(className).$new(this.application));
        this.agent.views.markOwn(view);
        return view;
    }
}

function params(width: number, height: number, flags: number): JavaObject {
    const made = Java.use("android.view.WindowManager$LayoutParams")
        .$new(width, height, TYPE_PANEL, FLAGS | flags, TRANSLUCENT);
    made.gravity.value = TOP_LEFT;
    made.layoutInDisplayCutoutMode.value = CUTOUT_ALWAYS;
    made.setFitInsetsTypes?.(0);
    made.setTitle(javaText(TITLE));
    return made;
}

function place({ box: [left, top, right, bottom] }: OverlayBox): JavaObject {
    const made = Java.use("android.widget.FrameLayout$LayoutParams").$new(right - left, bottom - top);
    made.gravity.value = TOP_LEFT;
    made.setMargins(left, top, 0, 0);
    return made;
}
