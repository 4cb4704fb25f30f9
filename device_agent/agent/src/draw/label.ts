/**
 * A text drawn into a bitmap of its own: in several lines where it is too long for one, cut where it is too
 * long for all. Lists cover many rows with the same few words, so widths of words and finished bitmaps are
 * kept.
 */

import { argb } from "./colours";

const SIZES_DP = [16, 14, 12, 10] as const;
const SMALLEST_DP = 10;
const LINE = 1.3;
const BASELINE = 1;
const MARGIN_DP = 6;
const ELLIPSIS = "…";
const ANTI_ALIAS = 1;
const MEASURED_PX = 100;
const MOST_CHARACTERS = 400;
const MOST_WIDTHS = 2000;
const MOST_BITMAPS = 48;

const widths = new Map<string, number>();
const bitmaps = new Map<string, JavaObject>();
let measuring: JavaObject | null = null;

interface Room {
    readonly width: number;
    readonly height: number;
}

interface Block {
    readonly lines: readonly string[];
    readonly size: number;
}

/** The bitmap, or null where `width` by `height` pixels have no room for a line. */
export function label(text: string, width: number, height: number, density: number, ink: number): JavaObject | null {
    const block = fit(text.slice(0, MOST_CHARACTERS), {
        width: width - 2 * MARGIN_DP * density,
        height: height - MARGIN_DP * density,
    }, density);
    if (block === null) {
        return null;
    }
    const name = `${ink} ${block.size} ${block.lines.join("\n")}`;
    return bitmaps.get(name) ?? keep(bitmaps, name, Java.retain(draw(block, ink)), MOST_BITMAPS);
}

/** The largest size at which the text fits; at the smallest, as much of it as fits. */
function fit(text: string, room: Room, density: number): Block | null {
    for (const size of SIZES_DP.map((dp) => dp * density)) {
        const lines = wrap(text, room.width, size);
        const narrow = lines.every((line) => widthOf(line, size) <= room.width);
        if (narrow && lines.length * size * LINE <= room.height) {
            return { lines, size };
        }
    }
    const size = SMALLEST_DP * density;
    const most = Math.floor(room.height / (size * LINE));
    const lines = wrap(text, room.width, size);
    if (most < 1) {
        return null;
    }
    const kept = lines.slice(0, most);
    if (lines.length > most) {
        kept[most - 1] += ELLIPSIS;
    }
    const cutLines = kept.map((line) => cut(line, room.width, size));
    return cutLines.every((line) => line === "") ? null : { lines: cutLines, size };
}

function wrap(text: string, room: number, size: number): string[] {
    const lines: string[] = [];
    for (const paragraph of text.split("\n")) {
        let line = "";
        for (const word of paragraph.split(" ")) {
            const longer = line === "" ? word : `${line} ${word}`;
            if (line !== "" && widthOf(longer, size) > room) {
                lines.push(line);
                line = word;
            } else {
                line = longer;
            }
        }
        lines.push(line);
    }
    return lines;
}

/** As much of the line as has room, with an ellipsis where that is not all; empty where nothing has. */
function cut(line: string, room: number, size: number): string {
    if (widthOf(line, size) <= room) {
        return line;
    }
    const characters = [...line];
    while (characters.length > 0) {
        characters.pop();
        const shorter = characters.join("").trimEnd() + ELLIPSIS;
        if (widthOf(shorter, size) <= room) {
            return characters.length === 0 ? "" : shorter;
        }
    }
    return "";
}

/** Widths grow with the size, nearly: what hinting adds or takes is less than the margin. */
function widthOf(text: string, size: number): number {
    const known = widths.get(text) ?? keep(widths, text, measure(text), MOST_WIDTHS);
    return (known * size) / MEASURED_PX;
}

function measure(text: string): number {
    measuring ??= Java.retain(brush(MEASURED_PX));
    return measuring.measureText(text) as number;
}

function draw({ lines, size }: Block, ink: number): JavaObject {
    const paint = brush(size);
    paint.setColor(argb(ink));
    const wide = Math.max(1, Math.ceil(Math.max(...lines.map((line) => widthOf(line, size)))));
    const bitmap = blank(wide, Math.ceil(size * LINE * lines.length));
    const canvas = Java.use("android.graphics.Canvas").$new(bitmap);
    lines.forEach((line, i) => {
        canvas.drawText(line, (wide - widthOf(line, size)) / 2, size * (LINE * i + BASELINE), paint);
    });
    return bitmap;
}

function brush(size: number): JavaObject {
    const paint = Java.use("android.graphics.Paint").$new(ANTI_ALIAS);
    paint.setTypeface(Java.use("android.graphics.Typeface").create("sans-serif-medium", 0));
    paint.setTextSize(size);
    return paint;
}

/** An empty bitmap to draw on. */
export function blank(width: number, height: number): JavaObject {
    const config = Java.use("android.graphics.Bitmap$Config").ARGB_8888.value as JavaObject;
    return Java.use("android.graphics.Bitmap").createBitmap(width, height, config) as JavaObject;
}

/** Keep `value`, and no more than `most` of them: the oldest goes. */
function keep<T>(kept: Map<string, T>, name: string, value: T, most: number): T {
    kept.set(name, value);
    if (kept.size > most) {
        for (const oldest of kept.keys()) {
            kept.delete(oldest);
            break;
        }
    }
    return value;
}
