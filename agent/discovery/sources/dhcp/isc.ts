/**
 * The lease file of ISC dhcpd: blocks in the language of its settings, of which the last one about an address counts. Pure.
 * Source: dhcpd.leases(5), ISC DHCP 4.4: FORMAT and THE LEASE DECLARATION; dhcp-eval(5): data expressions.
 */
import { parseMac } from "../../../../protocols/core/ids.ts";
import { isAddress } from "../../../../protocols/core/networks.ts";
import { type Ms, SECOND } from "../../../../protocols/core/time.ts";
import { HOST_NAME_CHARS, type Lease, type LeaseText, type LeaseWord } from "./lease.ts";
import { vendorClassOf } from "./vendor-class.ts";

/** A word, a sign of `{};`, or a quoted text with its escapes undone. */
interface Token {
  readonly text: string;
  readonly quoted: boolean;
}

/** What the server writes before the first lease, and beside leases. */
const STATEMENTS = /^(?:lease|host|group|subgroup|class|subclass|failover|server-duid|authoring-byte-order|ia-na|ia-ta|ia-pd)$/;
const TOKEN = /#[^\n]*|"((?:[^"\\]|\\[\s\S])*)"|[{};]|[^\s{};"#]+|"/g;
/** No statement of a lease has more words; more is not a lease file. */
const WORDS_MAX = 512;

export function readIscLeases(text: string): LeaseText {
  const words: LeaseWord[] = [];
  let unreadable = 0;
  let recognised = text.trim() === "";
  for (const block of blocksIn(text)) {
    const [first, second] = block.head;
    if (first !== undefined && !first.quoted && STATEMENTS.test(first.text)) recognised = true;
    if (first?.text !== "lease") continue;
    const word = second === undefined ? undefined : leaseOf(second.text, block.statements);
    if (word === undefined) unreadable++;
    else words.push(word);
  }
  return { words, unreadable, recognised };
}

interface Block {
  readonly head: readonly Token[];
  /** Of the block itself, not of blocks in it. */
  readonly statements: readonly (readonly Token[])[];
}

/** Top-level statements and whole blocks; one that does not close is the end of a file still being written. */
function* blocksIn(text: string): Generator<Block> {
  let depth = 0;
  let head: Token[] = [];
  let statement: Token[] = [];
  let statements: Token[][] = [];
  for (const token of tokensIn(text)) {
    const sign = token.quoted ? "" : token.text;
    if (sign === "{") {
      if (depth === 0) [head, statements] = [statement, []];
      statement = [];
      depth++;
    } else if (sign === "}") {
      depth = Math.max(0, depth - 1);
      statement = [];
      if (depth === 0) yield { head, statements };
    } else if (sign === ";") {
      if (depth === 0) yield { head: statement, statements: [] };
      else if (depth === 1) statements.push(statement);
      statement = [];
    } else if (statement.length < WORDS_MAX) statement.push(token);
  }
}

function* tokensIn(text: string): Generator<Token> {
  for (const [whole, quoted] of text.matchAll(TOKEN)) {
    if (whole.startsWith("#")) continue;
    if (whole === '"') return; // a text that never closes: torn
    yield quoted === undefined ? { text: whole, quoted: false } : { text: unescaped(quoted), quoted: true };
  }
}

/** `\000` in octal, `\x3d` in hex, `\"` and the like. Source: dhcp-eval(5), data expressions. */
function unescaped(text: string): string {
  return text.replaceAll(/\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|([\s\S]))/g, (_all, octal?: string, hex?: string, other = "") => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    return ESCAPES[other] ?? other;
  });
}

const ESCAPES: Readonly<Record<string, string>> = { t: "\t", r: "\r", n: "\n", b: "\b" };

function leaseOf(address: string, statements: readonly (readonly Token[])[]): LeaseWord | undefined {
  if (!isAddress(address)) return undefined;
  const found = (...names: readonly string[]): readonly Token[] | undefined =>
    statements.find((words) => names.every((name, i) => words[i]?.text === name))?.slice(names.length);
  const state = found("binding", "state")?.[0]?.text;
  const [kind, hardware] = found("hardware") ?? [];
  const mac = kind?.text === "ethernet" ? parseMac(hardware?.text ?? "") : undefined;
  // Before failover there was no state: whoever has it, has it until it ends. `abandoned`, `free` and the like are nobody's.
  if ((state !== undefined && state !== "active") || mac === undefined) return { address, lease: undefined };
  const ends = momentOf(found("ends"));
  // An end that cannot be read may be past: fail closed.
  if (ends === "unreadable") return undefined;
  const heard = [momentOf(found("cltt")), momentOf(found("starts"))].find((one) => typeof one === "number");
  const hostName = found("client-hostname")?.[0]?.text;
  const vendorClass = vendorClassIn(statements);
  const optional: Partial<Lease> = {
    ...(typeof ends === "number" ? { endsMs: ends } : {}),
    ...(typeof heard === "number" ? { heardMs: heard } : {}),
    ...(vendorClass === undefined ? {} : { vendorClass }),
    ...(hostName === undefined || hostName === "" ? {} : { hostName: hostName.slice(0, HOST_NAME_CHARS) }),
  };
  return { address, lease: { address, mac, ...optional } };
}

/**
 * `3 2026/11/25 20:00:00` in UTC, `epoch 1795377600`, `never`; `2038/01/19` stands for never, too, as older servers write it.
 * Source: dhcpd.leases(5), DATES.
 */
function momentOf(words: readonly Token[] | undefined): Ms | "never" | "unreadable" | undefined {
  if (words === undefined) return undefined;
  const [first = "", second = "", third = ""] = words.map(({ text }) => text);
  if (first === "never") return "never";
  if (first === "epoch" && /^\d{1,12}$/.test(second)) return Number(second) * SECOND;
  const [, year, month, day] = /^(\d{4})\/(\d{1,2})\/(\d{1,2})$/.exec(second) ?? [];
  const [, hour, minute, second60] = /^(\d{1,2}):(\d{1,2}):(\d{1,2})$/.exec(third) ?? [];
  if (year === undefined || hour === undefined) return "unreadable";
  const two = (text = ""): string => text.padStart(2, "0");
  try {
    return Temporal.Instant.from(`${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second60)}Z`).epochMilliseconds;
  } catch (error) {
    if (error instanceof RangeError) return "unreadable";
    throw error;
  }
}

/** `set vendor-class-identifier = "…"`, under whatever name an administrator keeps option 60, or the option itself. */
function vendorClassIn(statements: readonly (readonly Token[])[]): string | undefined {
  for (const words of statements) {
    const [verb, name, sign, ...value] = words;
    const set = verb?.text === "set" && sign?.text === "=" && /vendor/i.test(name?.text ?? "");
    const option = verb?.text === "option" && name?.text === "vendor-class-identifier";
    const said = set ? value : option ? words.slice(2) : [];
    const read = said[0] === undefined ? undefined : said[0].quoted ? vendorClassOf(said[0].text) : hexOf(said[0].text);
    if (read !== undefined) return read;
  }
  return undefined;
}

/** `0:0:36:3d`: bytes of one or two hex digits. */
function hexOf(text: string): string | undefined {
  if (!/^[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){3,254}$/i.test(text)) return undefined;
  return text
    .split(":")
    .map((byte) => byte.padStart(2, "0"))
    .join("");
}
