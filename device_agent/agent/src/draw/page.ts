/**
 * The looks of an interstitial: a dark page that lets nothing of the app through, a card with the message,
 * what is left of the countdown, and a large button for each choice. Made of Android's plain views, whatever
 * theme the app has.
 */

import { argb, INK, PAPER } from "./colours";
import { densityOf } from "./drawables";

const MATCH = -1;
const WRAP = -2;
const CENTER = 17;
const VERTICAL = 1;
const SP = 2;
const GONE = 8;
const INVISIBLE = 4;
const VISIBLE = 0;
const PAGE = 0xff15181d;
const QUIET = 0xff5f6368;
const PRIMARY = 0xff1d5fc4;
const TONAL = 0xffe4ebf7;
const TONAL_INK = 0xff14386f;
const DISABLED = 0xffe6e8eb;
const DISABLED_INK = 0xff9aa0a6;
const CARD_RADIUS_DP = 28;
const CARD_MARGIN_DP = 24;
const WIDEST_CARD_DP = 480;
const CARD_PADDING_DP = 28;
const BUTTON_DP = 56;
const BUTTON_GAP_DP = 12;
const MOST_LINES = 20;
const NONE = [0, 0, 0, 0] as const;
/** The longer a message, the smaller it is written: up to so many characters, in so many sp. */
const SIZES_SP: readonly (readonly [number, number])[] = [[160, 21], [400, 18], [Infinity, 15]];

export interface Choice {
    readonly id: string;
    readonly label: string;
    /** May be taken before the countdown ends. */
    readonly atOnce: boolean;
}

export class Page {
    readonly root: JavaObject;
    private readonly density: number;
    private readonly left: JavaObject;
    private counted = false;
    private readonly buttons: { readonly choice: Choice; readonly button: JavaObject; open: boolean | null }[] = [];

    constructor(private readonly context: JavaObject, message: string, choices: readonly Choice[]) {
        this.root = Java.retain(this.make("android.widget.FrameLayout"));
        this.density = densityOf(this.root);
        this.root.setBackgroundColor(argb(PAGE));
        this.root.setClickable(true);
        this.root.setAccessibilityPaneTitle(javaText(message));
        const card = this.make("android.widget.LinearLayout");
        card.setOrientation(VERTICAL);
        card.setBackground(this.shape(PAPER, CARD_RADIUS_DP));
        const padding = this.px(CARD_PADDING_DP);
        card.setPadding(padding, padding, padding, padding);
        const size = SIZES_SP.find(([most]) => message.length <= most)?.[1] ?? 15;
        const words = this.text(message, size, INK, "sans-serif-medium");
        words.setLineSpacing(0, 1.25);
        words.setMaxLines(MOST_LINES);
        words.setEllipsize(Java.use("android.text.TextUtils$TruncateAt").END.value);
        card.addView(words, this.place("android.widget.LinearLayout", MATCH, WRAP));
        this.left = Java.retain(this.text("", 14, QUIET, "sans-serif"));
        card.addView(this.left, this.place("android.widget.LinearLayout", MATCH, WRAP, [0, 16, 0, 0]));
        choices.forEach((choice, i) => card.addView(this.button(choice), this.buttonPlace(i)));
        this.put(card);
    }

    /** The card in the middle, clear of the system's bars; where it is taller than the screen it scrolls. */
    private put(card: JavaObject): void {
        const metrics = card.getResources().getDisplayMetrics() as JavaObject;
        const narrow = Math.min(metrics.widthPixels.value as number, metrics.heightPixels.value as number);
        const width = Math.min(narrow - 2 * this.px(CARD_MARGIN_DP), this.px(WIDEST_CARD_DP));
        const place = this.place("android.widget.FrameLayout", width, WRAP, new Array<number>(4).fill(CARD_MARGIN_DP));
        place.gravity.value = CENTER;
        const middle = this.make("android.widget.FrameLayout");
        middle.addView(card, place);
        const scroller = this.make("android.widget.ScrollView");
        scroller.setFillViewport(true);
        scroller.addView(middle, this.place("android.widget.FrameLayout", MATCH, WRAP));
        this.root.addView(scroller, this.place("android.widget.FrameLayout", MATCH, MATCH));
        this.root.setFitsSystemWindows(true);
    }

    /** Show how long it is until all choices are open. */
    count(seconds: number): void {
        this.left.setText(javaText(`You can go on in ${Math.max(1, seconds)} s`));
        // Once there was a countdown its place stays, so that no button moves under a finger.
        this.counted ||= seconds > 0;
        this.left.setVisibility(seconds > 0 ? VISIBLE : this.counted ? INVISIBLE : GONE);
        this.buttons.forEach((one, i) => {
            const open = seconds <= 0 || one.choice.atOnce;
            if (open !== one.open) {
                one.open = open;
                this.dress(one.button, open, i === 0);
            }
        });
    }

    /** The choice that this view is the button of. */
    choiceOf(view: JavaObject): Choice | undefined {
        return this.buttons.find(({ button, open }) => open === true && button.$isSameObject(view))?.choice;
    }

    private button(choice: Choice): JavaObject {
        const button = Java.retain(this.make("android.widget.Button"));
        button.setAllCaps(false);
        this.write(button, choice.label, 16, "sans-serif-medium");
        button.setGravity(CENTER);
        button.setMinimumHeight(this.px(BUTTON_DP));
        button.setMaxLines(2);
        this.buttons.push({ choice, button, open: null });
        return button;
    }

    private dress(button: JavaObject, open: boolean, first: boolean): void {
        const [ground, ink] = !open ? [DISABLED, DISABLED_INK] : first ? [PRIMARY, PAPER] : [TONAL, TONAL_INK];
        button.setEnabled(open);
        button.setBackground(this.shape(ground, BUTTON_DP / 2));
        button.setTextColor(argb(ink));
        const side = this.px(24);
        button.setPadding(side, 0, side, 0);
    }

    private buttonPlace(index: number): JavaObject {
        const gap = index === 0 ? 2 * BUTTON_GAP_DP : BUTTON_GAP_DP;
        return this.place("android.widget.LinearLayout", MATCH, this.px(BUTTON_DP), [0, gap, 0, 0]);
    }

    private text(text: string, sp: number, colour: number, font: string): JavaObject {
        const view = this.make("android.widget.TextView");
        this.write(view, text, sp, font);
        view.setTextColor(argb(colour));
        return view;
    }

    private write(view: JavaObject, text: string, sp: number, font: string): void {
        view.setText(javaText(text));
        view.setTextSize(SP, sp);
        view.setTypeface(Java.use("android.graphics.Typeface").create(font, 0));
    }

    private make(className: string): JavaObject {
        return Java.use(className).$new(this.context);
    }

    /** Margins are left, top, right, bottom in dp. */
    private place(layout: string, width: number, height: number, margins: readonly number[] = NONE): JavaObject {
        const params = Java.use(`${layout}$LayoutParams`).$new(width, height);
        params.setMargins(...margins.map((dp) => this.px(dp)));
        return params;
    }

    private shape(colour: number, radiusDp: number): JavaObject {
        const shape = Java.use("android.graphics.drawable.GradientDrawable").$new();
        shape.setColor(argb(colour));
        shape.setCornerRadius(this.px(radiusDp));
        return shape;
    }

    private px(dp: number): number {
        return Math.round(dp * this.density);
    }
}

/** A string for a parameter of type CharSequence. */
export function javaText(text: string): JavaObject {
    return Java.use("java.lang.String").$new(text);
}
