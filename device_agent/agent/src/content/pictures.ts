/**
 * Bitmaps: which drawables are pictures, what a picture looks like made small, and what is shown in its place.
 *
 * A picture is a drawable with a bitmap in it. Vectors, shapes and colours are an app's furniture: nobody judges them, nor
 * bitmaps so small that they can only be icons.
 */

import type { Agent } from "../agent";
import { Identities } from "../identities";
import { pictureKey } from "./keys";

const SMALLEST_PX = 33;
/** Longest side of the copy whose pixels name a picture: finer than strokes of letters that can be read. */
const NAMED_BY_PX = 128;
/** Cells along the longest side of a mosaic: faces and letters are gone. */
const MOSAIC_CELLS = 6;
const HARDWARE = "HARDWARE";

export interface Picture {
    readonly key: string;
    readonly width: number;
    readonly height: number;
    /** Borrowed from the drawable. */
    readonly bitmap: JavaObject;
}

interface Named {
    generation: number;
    key: string;
}

export class Pictures {
    private readonly named: Identities<Named>;
    private readonly bitmap = Java.use("android.graphics.Bitmap");
    private readonly argb = Java.retain(Java.use("android.graphics.Bitmap$Config").ARGB_8888.value as JavaObject);
    private readonly formats = Java.use("android.graphics.Bitmap$CompressFormat");
    private readonly bitmapDrawable = Java.use("android.graphics.drawable.BitmapDrawable");
    private readonly layerDrawable = Java.use("android.graphics.drawable.LayerDrawable");
    private readonly bitmapDrawableClass: NativePointer;
    private readonly layerDrawableClass: NativePointer;
    private readonly newDrawable =
        this.bitmapDrawable.$new.overload("android.content.res.Resources", "android.graphics.Bitmap");
    private readonly stream = Java.use("java.io.ByteArrayOutputStream");

    constructor(private readonly agent: Agent) {
        this.named = new Identities(agent.jni);
        this.bitmapDrawableClass = agent.jni.classOf("android.graphics.drawable.BitmapDrawable");
        this.layerDrawableClass = agent.jni.classOf("android.graphics.drawable.LayerDrawable");
    }

    /** The picture in a drawable; null where there is none to judge. */
    of(drawable: JavaObject): Picture | null {
        const bitmap = this.bitmapOf(drawable);
        if (bitmap === null || (bitmap.isRecycled() as boolean)) {
            return null;
        }
        const width = bitmap.getWidth() as number;
        const height = bitmap.getHeight() as number;
        return Math.min(width, height) < SMALLEST_PX ? null : { key: this.keyOf(bitmap, width, height), width, height, bitmap };
    }

    /** A copy of at most `px` on its longest side, and never larger than the picture. */
    small({ bitmap, width, height }: Picture, px: number): JavaObject {
        const scale = Math.min(1, px / Math.max(width, height));
        const [w, h] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
        return this.bitmap.createScaledBitmap(this.readable(bitmap), w, h, true) as JavaObject;
    }

    /** A bitmap as a JPEG. Takes some milliseconds: off the main thread, please. */
    jpeg(bitmap: JavaObject, quality: number): ArrayBuffer {
        const stream = this.stream.$new();
        if (!(this.readable(bitmap).compress(this.formats.JPEG.value, quality, stream) as boolean)) {
            throw new Error("a bitmap could not be compressed");
        }
        return this.agent.jni.bytesOf((stream.toByteArray() as JavaObject).$h);
    }

    /** A drawable as large as `like`, of one colour. */
    plain(like: JavaObject, view: JavaObject, colour: number): JavaObject {
        return this.stretched([colour | 0], 1, 1, like, view);
    }

    /** A drawable as large as `like`, of the picture's few mean colours. */
    mosaic(picture: Picture, like: JavaObject, view: JavaObject): JavaObject {
        // Down in two steps, so that each cell is a mean of its part and not a single pixel of it.
        const middle = this.small(picture, NAMED_BY_PX / 2);
        const cells = this.small(
            { ...picture, bitmap: middle, width: middle.getWidth() as number, height: middle.getHeight() as number },
            MOSAIC_CELLS,
        );
        const [w, h] = [cells.getWidth() as number, cells.getHeight() as number];
        return this.stretched([...new Int32Array(this.pixels(cells, w, h))], w, h, like, view);
    }

    private bitmapOf(drawable: JavaObject): JavaObject | null {
        const { jni } = this.agent;
        if (jni.isA(drawable.$h, this.bitmapDrawableClass)) {
            return Java.cast(drawable, this.bitmapDrawable).getBitmap() as JavaObject | null;
        }
        // Picture loaders fade a picture in as the last layer of several.
        if (jni.isA(drawable.$h, this.layerDrawableClass)) {
            const layers = Java.cast(drawable, this.layerDrawable);
            const count = layers.getNumberOfLayers() as number;
            const last = count === 0 ? null : (layers.getDrawable(count - 1) as JavaObject | null);
            return last === null ? null : this.bitmapOf(last);
        }
        return null;
    }

    /** Keys are kept by bitmap and the count of its changes: the same object set again costs next to nothing. */
    private keyOf(bitmap: JavaObject, width: number, height: number): string {
        const named = this.named.get(bitmap.$h, () => ({ generation: -1, key: "" }));
        const generation = bitmap.getGenerationId() as number;
        if (named.key === "" || named.generation !== generation) {
            const copy = this.small({ key: "", bitmap, width, height }, NAMED_BY_PX);
            const pixels = this.pixels(copy, copy.getWidth() as number, copy.getHeight() as number);
            named.key = pictureKey(width, height, pixels);
            named.generation = generation;
        }
        return named.key;
    }

    /** ARGB, 32 bits a pixel in this machine's order. */
    private pixels(bitmap: JavaObject, width: number, height: number): ArrayBuffer {
        const pixels = Java.array("int", new Array<number>(width * height).fill(0));
        bitmap.getPixels(pixels, 0, width, 0, 0, width, height);
        return this.agent.jni.intBytesOf(pixels.$h);
    }

    /** Pixels of hardware bitmaps lie in graphics memory; a copy can be read. */
    private readable(bitmap: JavaObject): JavaObject {
        const config = bitmap.getConfig() as JavaObject | null;
        return config !== null && String(config) === HARDWARE ? (bitmap.copy(this.argb, false) as JavaObject) : bitmap;
    }

    /** A drawable of a few pixels stretched to the size of another, so that the layout stays as it was. */
    private stretched(colours: number[], width: number, height: number, like: JavaObject, view: JavaObject): JavaObject {
        const few = this.bitmap.createBitmap(Java.array("int", colours), width, height, this.argb) as JavaObject;
        const [w, h] = [like.getIntrinsicWidth() as number, like.getIntrinsicHeight() as number];
        const whole = w > 0 && h > 0 ? (this.bitmap.createScaledBitmap(few, w, h, false) as JavaObject) : few;
        return this.newDrawable.call(this.bitmapDrawable, view.getResources(), whole) as JavaObject;
    }
}
