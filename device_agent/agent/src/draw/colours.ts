/** Colours as 0xAARRGGBB, and the sizes of what the agent draws. */

export const INK = 0xff1b1b1f;
export const PAPER = 0xffffffff;

const LUMINANCE = [0.299, 0.587, 0.114] as const;
const HALF = 150;

/** The number as Java's signed int. */
export function argb(colour: number): number {
    return colour | 0;
}

/** Black or white, whichever can be read on `colour`. */
export function inkOn(colour: number): number {
    const parts = [colour >> 16, colour >> 8, colour].map((part) => part & 0xff);
    return parts.reduce((sum, part, i) => sum + part * (LUMINANCE[i] ?? 0), 0) > HALF ? INK : PAPER;
}
