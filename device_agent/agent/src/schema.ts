/**
 * Validators that say what they validate: a `Check<T>` takes anything and gives back a `T`, or throws an Error that names
 * the field. Fields that no check knows are refused, as on the other side.
 */

export type Check<T> = (value: unknown, path: string) => T;
export type Infer<C> = C extends Check<infer T> ? T : never;

function fail(path: string, expected: string, value: unknown): never {
    const shown = JSON.stringify(value)?.slice(0, 60) ?? String(value);
    throw new Error(`${path === "" ? "the whole" : path}: expected ${expected}, got ${shown}`);
}

export function string(pattern?: RegExp, maxLength = Infinity): Check<string> {
    return (value, path) => {
        if (typeof value !== "string") {
            return fail(path, "a string", value);
        }
        if (pattern !== undefined && !pattern.test(value)) {
            return fail(path, `a string like ${pattern.source}`, value);
        }
        return codePointsExceed(value, maxLength) ? fail(path, `at most ${maxLength} characters`, value) : value;
    };
}

function codePointsExceed(text: string, limit: number): boolean {
    return text.length > limit && (text.length > 2 * limit || [...text].length > limit);
}

export function number(least = -Infinity, most = Infinity): Check<number> {
    return (value, path) =>
        typeof value === "number" && Number.isFinite(value) && value >= least && value <= most
            ? value
            : fail(path, `a number from ${least} to ${most}`, value);
}

export function integer(least = -Infinity, most = Infinity): Check<number> {
    const inRange = number(least, most);
    return (value, path) => (Number.isInteger(inRange(value, path)) ? (value as number) : fail(path, "an integer", value));
}

export const boolean: Check<boolean> = (value, path) =>
    typeof value === "boolean" ? value : fail(path, "true or false", value);

export function oneOf<const T extends readonly (string | number)[]>(...choices: T): Check<T[number]> {
    return (value, path) =>
        choices.includes(value as T[number]) ? (value as T[number]) : fail(path, `one of ${choices.join(", ")}`, value);
}

export function orNull<T>(inner: Check<T>): Check<T | null> {
    return (value, path) => (value === null ? null : inner(value, path));
}

export function list<T>(inner: Check<T>): Check<T[]> {
    return (value, path) =>
        Array.isArray(value) ? value.map((item, i) => inner(item, `${path}.${i}`)) : fail(path, "a list", value);
}

type Tuple<C extends readonly Check<unknown>[]> = { -readonly [I in keyof C]: Infer<C[I]> };

export function tuple<const C extends readonly Check<unknown>[]>(...inner: C): Check<Tuple<C>> {
    return (value, path) =>
        Array.isArray(value) && value.length === inner.length
            ? (inner.map((check, i) => check(value[i], `${path}.${i}`)) as Tuple<C>)
            : fail(path, `a list of ${inner.length}`, value);
}

/** A field that may be left out; a copy of `otherwise` stands for it then. */
export function optional<T>(inner: Check<T>, otherwise: T): Check<T> {
    return (value, path) => (value === undefined ? structuredCopy(otherwise) : inner(value, path));
}

function structuredCopy<T>(value: T): T {
    return typeof value === "object" && value !== null ? (JSON.parse(JSON.stringify(value)) as T) : value;
}

type Fields = Record<string, Check<unknown>>;

export function object<F extends Fields>(fields: F): Check<{ [N in keyof F]: Infer<F[N]> }> {
    const names = Object.keys(fields);
    return (value, path) => {
        if (typeof value !== "object" || value === null || Array.isArray(value)) {
            return fail(path, "an object", value);
        }
        const given = value as Record<string, unknown>;
        for (const name of Object.keys(given)) {
            if (!(name in fields)) {
                return fail(join(path, name), "no such field", given[name]);
            }
        }
        const result: Record<string, unknown> = {};
        for (const name of names) {
            result[name] = (fields[name] as Check<unknown>)(given[name], join(path, name));
        }
        return result as { [N in keyof F]: Infer<F[N]> };
    };
}

function join(path: string, name: string): string {
    return path === "" ? name : `${path}.${name}`;
}
