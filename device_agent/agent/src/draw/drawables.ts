/** What is drawn over a view: drawables, each as large as the view, made of Android's own classes only. */

import type { Effect } from "../messages";
import { argb, inkOn } from "./colours";
import { blank, label } from "./label";

const PLACEHOLDER = 0xffe6e8eb;
const PLACEHOLDER_INK = 0xffb4b9c0;
const MOSAIC_GROUND = 0xffa0a4a8;
const CELL_DP = 44;
const FEWEST_CELLS = 2;
const MOST_CELLS = 8;
const CENTER = 17;
const GLYPH_DP = 56;
const ANTI_ALIAS = 1;
const DENSITY_HOLDS_MS = 2000;

const density = { value: 1, askedAt: 0 };
const glyphs = new Map<number, JavaObject>();

/** Whether what covers a view for this effect depends on its size. */
export function dependsOnSize({ kind, text }: Effect): boolean {
    return kind !== "cover" || text !== "";
}

/** What covers `view` for an effect that covers it; for a blur the view's own foreground must be out of the way. */
export function covering(view: JavaObject, effect: Effect): JavaObject {
    switch (effect.kind) {
        case "blur":
            return isText(view) ? cover(view, effect) : mosaic(view);
        case "placeholder":
            return placeholder(view);
        default:
            return cover(view, effect);
    }
}

export function plain(colour: number): JavaObject {
    return Java.use("android.graphics.drawable.ColorDrawable").$new(argb(colour));
}

/** One over another. */
export function layers(...drawables: JavaObject[]): JavaObject {
    const array = Java.array("android.graphics.drawable.Drawable", drawables);
    return Java.use("android.graphics.drawable.LayerDrawable").$new(array);
}

/** An opaque colour, and a text in its middle where there is room. */
function cover(view: JavaObject, { colour, text }: Effect): JavaObject {
    const opaque = (colour | 0xff000000) >>> 0;
    if (text === "") {
        return plain(opaque);
    }
    const { width, height } = sizeOf(view);
    const bitmap = label(text, width, height, densityOf(view), inkOn(opaque));
    return bitmap === null ? plain(opaque) : layers(plain(opaque), centred(view, bitmap));
}

/** A few large cells of the view's mean colours; plain grey for what cannot be drawn again. */
function mosaic(view: JavaObject): JavaObject {
    const { width, height } = sizeOf(view);
    if (width === 0 || height === 0) {
        return plain(MOSAIC_GROUND);
    }
    try {
        const picture = blank(width, height);
        const canvas = Java.use("android.graphics.Canvas").$new(picture);
        canvas.drawColor(argb(MOSAIC_GROUND));
        view.draw(canvas);
        const [across, down] = cells(width, height, densityOf(view));
        const few = Java.use("android.graphics.Bitmap").createScaledBitmap(picture, across, down, true) as JavaObject;
        picture.recycle();
        const drawable = bitmapDrawable(view, few);
        drawable.setFilterBitmap(false);
        return layers(plain(MOSAIC_GROUND), drawable);
    } catch {
        // Pictures that live in the GPU's memory (Bitmap.Config.HARDWARE) cannot be drawn in software.
        return plain(MOSAIC_GROUND);
    }
}

/** So many cells across and down: each about `CELL_DP`, the longer side with `MOST_CELLS` at most. */
export function cells(width: number, height: number, density: number): [number, number] {
    const cell = Math.max(CELL_DP * density, Math.max(width, height) / MOST_CELLS);
    return [Math.max(FEWEST_CELLS, Math.round(width / cell)), Math.max(FEWEST_CELLS, Math.round(height / cell))];
}

/** A neutral picture: light grey with the outline of a picture, where there is room for it. */
function placeholder(view: JavaObject): JavaObject {
    const { width, height } = sizeOf(view);
    const side = Math.min(Math.round(GLYPH_DP * densityOf(view)), Math.floor(Math.min(width, height) / 2));
    return side < 8 ? plain(PLACEHOLDER) : layers(plain(PLACEHOLDER), centred(view, glyphOf(side)));
}

function glyphOf(side: number): JavaObject {
    const known = glyphs.get(side) ?? Java.retain(glyph(side));
    glyphs.set(side, known);
    return known;
}

/** The outline of a picture: a frame, a sun, a mountain. */
function glyph(side: number): JavaObject {
    const bitmap = blank(side, side);
    const canvas = Java.use("android.graphics.Canvas").$new(bitmap);
    const paint = Java.use("android.graphics.Paint").$new(ANTI_ALIAS);
    const unit = side / 24;
    paint.setColor(argb(PLACEHOLDER_INK));
    paint.setStrokeWidth(2 * unit);
    canvas.drawCircle(8.5 * unit, 9 * unit, 2 * unit, paint);
    const ridge = [[5, 18], [10, 13], [13, 16], [16, 12], [19.5, 16.5]] as const;
    ridge.slice(1).forEach(([x, y], i) => {
        const [fromX, fromY] = ridge[i] ?? [x, y];
        canvas.drawLine(fromX * unit, fromY * unit, x * unit, y * unit, paint);
    });
    paint.setStyle(Java.use("android.graphics.Paint$Style").STROKE.value);
    canvas.drawRoundRect(3 * unit, 4 * unit, 21 * unit, 20 * unit, 2 * unit, 2 * unit, paint);
    return bitmap;
}

function centred(view: JavaObject, bitmap: JavaObject): JavaObject {
    const drawable = bitmapDrawable(view, bitmap);
    drawable.setGravity(CENTER);
    return drawable;
}

function bitmapDrawable(view: JavaObject, bitmap: JavaObject): JavaObject {
    return Java.use("android.graphics.drawable.BitmapDrawable").$new(view.getResources(), bitmap);
}

export function sizeOf(view: JavaObject): { width: number; height: number } {
    return { width: view.getWidth() as number, height: view.getHeight() as number };
}

/** Pixels a dp. Asked for anew after a while only: it changes with a setting that nobody changes often. */
export function densityOf(view: JavaObject): number {
    if (Date.now() - density.askedAt > DENSITY_HOLDS_MS) {
        density.value = view.getResources().getDisplayMetrics().density.value as number;
        density.askedAt = Date.now();
    }
    return density.value;
}

export function isText(view: JavaObject): boolean {
    return Java.use("android.widget.TextView").class.isInstance(view) as boolean;
}
