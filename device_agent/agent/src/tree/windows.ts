/**
 * The windows of the process, and the activity that each belongs to. Of several activities' windows the newest that shows
 * counts, as it covers the others; dialogs and popups lie over it.
 */

import type { Agent } from "../agent";
import { windowRoots } from "../art";
import type { Getters, Ref } from "./getters";
import type { Mirror, Seen } from "./mirror";

const TYPE_BASE_APPLICATION = 1;
const VISIBLE = 0;
const MOST_CONTEXTS = 16;
const MOST_VIEWS = 6;

interface Window {
    readonly seen: Seen;
    readonly base: boolean;
    readonly activity: string;
}

/** A window in front, its reference borrowed until `release`. */
export interface OpenWindow {
    readonly seen: Seen;
    readonly ref: Ref;
}

export class Windows {
    /** The activity in front, its class; empty where none was found. */
    activity = "";
    private known = new Map<number, Window>();
    private readonly inspector: Ref | null;
    private readonly roots;
    private readonly size;
    private readonly item;
    private readonly params;
    private readonly type;
    private readonly visibility;
    private readonly windowVisibility;

    constructor(private readonly agent: Agent, private readonly get: Getters, private readonly mirror: Mirror) {
        const view = get.findClass("android/view/View");
        const list = get.findClass("java/util/List");
        const attributes = get.findClass("android/view/WindowManager$LayoutParams");
        this.inspector = get.findClass("android/view/inspector/WindowInspector");
        this.roots = get.staticMethod(this.inspector, "getGlobalWindowViews", "()Ljava/util/List;");
        this.size = get.method(list, "size", "()I");
        this.item = get.method(list, "get", "(I)Ljava/lang/Object;");
        this.params = get.method(view, "getLayoutParams", "()Landroid/view/ViewGroup$LayoutParams;");
        this.type = get.field(attributes, "type", "I");
        this.visibility = get.method(view, "getVisibility", "()I");
        this.windowVisibility = get.method(view, "getWindowVisibility", "()I");
    }

    /** Windows in front from the bottom up, each to be given back with `get.free`. */
    open(): OpenWindow[] {
        const known = new Map<number, Window>();
        const showing: (OpenWindow & { window: Window })[] = [];
        for (const ref of this.topViews()) {
            const id = this.agent.views.idOfHandle(ref);
            const window = this.known.get(id) ?? this.meet(ref, id);
            known.set(id, window);
            const shown = [this.visibility, this.windowVisibility].every((one) => this.get.int(ref, one) === VISIBLE);
            if (shown && !this.agent.views.isOwn(id)) {
                showing.push({ seen: window.seen, ref, window });
            } else {
                window.seen.forget();
                this.get.free(ref);
            }
        }
        this.known = known;
        const front = showing.filter(({ window }) => window.base).at(-1);
        this.activity = front?.window.activity ?? "";
        for (const covered of showing.filter(({ window }) => window.base && window !== front?.window)) {
            covered.seen.forget();
            this.get.free(covered.ref);
        }
        return showing.filter(({ window }) => !window.base || window === front?.window);
    }

    private topViews(): Ref[] {
        if (this.inspector === null) {
            return windowRoots().map((root) => this.get.local(root.$h));
        }
        const list = this.get.staticObject(this.inspector, this.roots);
        if (list.isNull()) {
            return [];
        }
        const count = this.get.int(list, this.size);
        const found = Array.from({ length: count }, (_, i) => this.get.object(list, this.item, i));
        this.get.free(list);
        return found.filter((ref) => !ref.isNull());
    }

    private meet(ref: Ref, id: number): Window {
        const params = this.get.object(ref, this.params);
        const base = !params.isNull() && this.get.intOf(params, this.type) === TYPE_BASE_APPLICATION;
        this.get.free(params);
        return { seen: this.mirror.meet(ref, id), base, activity: base ? this.activityOf(id) : "" };
    }

    /** A window's top view may have a context of its own: the activity is found from what it has inside. */
    private activityOf(id: number): string {
        const activity = Java.use("android.app.Activity");
        const wrapper = Java.use("android.content.ContextWrapper");
        const group = Java.use("android.view.ViewGroup");
        let view = this.agent.views.viewOf(id);
        for (let depth = 0; view !== null && depth < MOST_VIEWS; depth++) {
            let context = view.getContext() as JavaObject | null;
            for (let step = 0; context !== null && step < MOST_CONTEXTS; step++) {
                if (activity.class.isInstance(context) as boolean) {
                    return context.$className;
                }
                context = (wrapper.class.isInstance(context) as boolean)
                    ? (Java.cast(context, wrapper).getBaseContext() as JavaObject | null) : null;
            }
            const inside = group.class.isInstance(view) as boolean;
            view = inside ? (Java.cast(view, group).getChildAt(0) as JavaObject | null) : null;
        }
        return "";
    }
}
