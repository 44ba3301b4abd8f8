/** JSON from outside: bounded, and without the names that reach into JavaScript's own objects. */

const FORBIDDEN = new Set(["__proto__", "constructor", "prototype"]);
/** Nothing we exchange is nested deeper; guards recursive readers. */
const MAX_DEPTH = 24;

/** The parsed value, or `undefined` where it is too long, not JSON, too deep, or uses a forbidden name or one twice. `null` is a value. */
export function parseStrictJson(text: string, maxChars: number): unknown {
  if (text.length > maxChars) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isTame(value, 0) && !hasTwins(text) ? value : undefined;
}

/** Does an object of this JSON say a name twice? Readers differ in which of the two they take (RFC 8259, 4). */
function hasTwins(text: string): boolean {
  const open: Set<unknown>[] = [];
  for (const [token, quoted, colon] of text.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (quoted !== undefined && colon !== undefined) {
      const name: unknown = JSON.parse(quoted);
      const names = open.at(-1);
      if (names?.has(name) === true) return true;
      names?.add(name);
    }
  }
  return false;
}

function isTame(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (depth >= MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.every((item) => isTame(item, depth + 1));
  return Object.entries(value).every(([name, item]) => !FORBIDDEN.has(name) && isTame(item, depth + 1));
}
