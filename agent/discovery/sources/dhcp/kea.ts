/**
 * The lease file of Kea's memfile backend, kea-leases4.csv: rows under a header, of which the last one about an address counts. Pure.
 * Source: Kea Administrator Reference Manual 2.6, 8.2.2.1 (Memfile) and 8.8 (user contexts); its own reader's rules for columns.
 */
import { parseMac } from "../../../../protocols/core/ids.ts";
import { isAddress } from "../../../../protocols/core/networks.ts";
import { SECOND } from "../../../../protocols/core/time.ts";
import { HOST_NAME_CHARS, type Lease, type LeaseText, type LeaseWord } from "./lease.ts";
import { vendorClassOf } from "./vendor-class.ts";

/** Without these a file is no lease file. */
const NEEDED = ["address", "hwaddr", "valid_lifetime", "expire"] as const;
/** A lifetime of all ones never ends. Source: Kea ARM 8.2, valid-lifetime; RFC 2131, 3.3. */
const INFINITE = 0xffff_ffff;
/** Assigned; 1 is declined, 2 expired and reclaimed, 3 released. */
const ASSIGNED = "0";
const CONTEXT_CHARS = 8_192;

/** Rows of one file. The last line without an end is still being written. */
export function readKeaLeases(text: string): LeaseText {
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  lines.pop();
  const header = (lines.shift() ?? "").trim().split(",");
  if (text.trim() === "") return { words: [], unreadable: 0, recognised: true };
  if (!NEEDED.every((name) => header.includes(name))) return { words: [], unreadable: 0, recognised: false };
  const words: LeaseWord[] = [];
  let unreadable = 0;
  for (const line of lines) {
    const row = line.replace(/\r$/, "");
    if (row === "") continue;
    const word = rowOf(header, row.split(","));
    if (word === undefined) unreadable++;
    else words.push(word);
  }
  return { words, unreadable, recognised: true };
}

function rowOf(header: readonly string[], fields: readonly string[]): LeaseWord | undefined {
  const cell = (name: string): string => unescaped(fields[header.indexOf(name)] ?? "");
  const address = cell("address");
  const lifetime = numberOf(cell("valid_lifetime"));
  const expire = numberOf(cell("expire"));
  if (!isAddress(address) || address.includes(":") || lifetime === undefined || expire === undefined) return undefined;
  // A lifetime of none is how a lease is taken out. Files of the first schema have no state.
  const assigned = lifetime > 0 && (header.includes("state") ? cell("state") === ASSIGNED : true);
  const mac = parseMac(cell("hwaddr"));
  if (!assigned) return { address, lease: undefined };
  if (mac === undefined) return undefined;
  const hostName = cell("hostname").replace(/\.$/, "");
  const vendorClass = vendorClassIn(cell("user_context"));
  const optional: Partial<Lease> = {
    ...(lifetime >= INFINITE ? {} : { endsMs: expire * SECOND }),
    ...(vendorClass === undefined ? {} : { vendorClass }),
    ...(hostName === "" ? {} : { hostName: hostName.slice(0, HOST_NAME_CHARS) }),
  };
  return { address, lease: { address, mac, heardMs: (expire - lifetime) * SECOND, ...optional } };
}

function numberOf(text: string): number | undefined {
  return /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}

/** `&#x2c` stands for a comma, and so for whatever would break a row; a semicolon does not end it. */
function unescaped(text: string): string {
  return text.replaceAll(/&#x([0-9a-f]{2})/gi, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** The class a client with option 60 is put in by itself. Source: Kea ARM 14.1, `VENDOR_CLASS_`. */
const CLASS = /^VENDOR_CLASS_(.+)$/s;
const KEY = /^(?:vendor-class(?:-identifier)?|option-?60|opt60)$/i;

/** Option 60 in a user context: the client's class, or what a hook keeps under the option's name (as text, or as `0x…`). */
function vendorClassIn(context: string): string | undefined {
  if (context === "" || context.length > CONTEXT_CHARS) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(context);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // the lease itself is still good
    throw error;
  }
  return classIn(json, "", 0);
}

/** Contexts are a few levels deep. */
const DEPTH_MAX = 8;

function classIn(value: unknown, key: string, depth: number): string | undefined {
  if (typeof value === "string") {
    const named = CLASS.exec(value)?.[1] ?? (KEY.test(key) ? value : undefined);
    const hex = named === undefined ? undefined : /^0x((?:[0-9a-f]{2})+)$/i.exec(named)?.[1];
    return hex ?? (named === undefined ? undefined : vendorClassOf(named));
  }
  if (typeof value !== "object" || value === null || depth > DEPTH_MAX) return undefined;
  for (const [name, item] of Object.entries(value)) {
    const found = classIn(item, Array.isArray(value) ? key : name, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
