/** A text drawn into a bitmap of its own: in several lines where it is too long for one, cut where it is too long for all. */

import { argb } from "./colours";

const SIZES_DP = [16, 14, 12, 10];
const LINE = 1.3;
const MARGIN_DP = 6;
const ELLIPSIS = "…";
const ANTI_ALIAS = 1;
const MOST_CHARACTERS = 400;

interface Block {
    readonly lines: readonly string[];
    readonly size: number;
}

/** The bitmap, or null where `width` by `height` pixels have no room for a line. */
export function label(text: string, width: number, height: number, density: number, ink: number): JavaObject | null {
    const room = { width: width - 2 * MARGIN_DP * density, height: height - MARGIN_DP * density };
    const paint = Java.use("android.graphics.Paint").$new(ANTI_ALIAS);
    paint.setColor(argb(ink));
    paint.setTypeface(Java.use("android.graphics.Typeface").create("sans-serif-medium", 0));
    const block = fit(text.slice(0, MOST_CHARACTERS), room, density, paint);
    return block === null ? null : draw(block, paint);
}

/** The largest size at which the text fits; at the smallest, as much of it as fits. */
function fit(text: string, room: { width: number; height: number }, density: number, paint: JavaObject): Block | null {
    for (const size of SIZES_DP.map((dp) => dp * density)) {
        paint.setTextSize(size);
        const most = Math.floor(room.height / (size * LINE));
        const lines = wrap(text, room.width, paint);
        if (lines.length <= most && lines.every((line) => width(line, paint) <= room.width)) {
            return { lines, size };
        }
        if (size === (SIZES_DP.at(-1) ?? 0) * density && most > 0) {
            const kept = lines.slice(0, most).map((line) => cut(line, room.width, paint));
            if (lines.length > most) {
                kept[most - 1] = cut(`${kept[most - 1]}${ELLIPSIS}`, room.width, paint);
            }
            return kept.every((line) => line === "") ? null : { lines: kept, size };
        }
    }
    return null;
}

function wrap(text: string, room: number, paint: JavaObject): string[] {
    const lines: string[] = [];
    for (const paragraph of text.split("\n")) {
        let line = "";
        for (const word of paragraph.split(" ")) {
            const longer = line === "" ? word : `${line} ${word}`;
            if (line !== "" && width(longer, paint) > room) {
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
function cut(line: string, room: number, paint: JavaObject): string {
    if (width(line, paint) <= room) {
        return line;
    }
    const characters = [...line];
    while (characters.length > 0) {
        characters.pop();
        const shorter = characters.join("").trimEnd() + ELLIPSIS;
        if (width(shorter, paint) <= room) {
            return shorter;
        }
    }
    return "";
}

function width(text: string, paint: JavaObject): number {
    return paint.measureText(text) as number;
}

function draw({ lines, size }: Block, paint: JavaObject): JavaObject {
    const wide = Math.max(1, Math.ceil(Math.max(...lines.map((line) => width(line, paint)))));
    const line = size * LINE;
    const bitmap = blank(wide, Math.ceil(line * lines.length));
    const canvas = Java.use("android.graphics.Canvas").$new(bitmap);
    lines.forEach((text, i) => {
        canvas.drawText(text, (wide - width(text, paint)) / 2, line * i + size * (LINE + 0.7) / 2, paint);
    });
    return bitmap;
}

/** An empty bitmap to draw on. */
export function blank(width: number, height: number): JavaObject {
    const config = Java.use("android.graphics.Bitmap$Config").ARGB_8888.value as JavaObject;
    return Java.use("android.graphics.Bitmap").createBitmap(width, height, config) as JavaObject;
}
