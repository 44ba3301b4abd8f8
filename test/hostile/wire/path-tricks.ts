/** Ways to write a path that leads elsewhere, for those who read it carelessly. */
import type { Random } from "../../../protocols/core/random.ts";
import { MAC, PART, TOKEN } from "./phone-requests.ts";

const START = [
  "/",
  "/",
  "/",
  "//",
  "///",
  "",
  "\\",
  "/./",
  "http://x/",
  "http://x:1@y/",
  "https://../",
  "*",
  "/fw/",
  `/fw/${TOKEN}/`,
  `/fw/${TOKEN}`,
];
const UP = [
  ...["../", "..\\", "..", "./", "....//", "..././", "..;/", ".. /", "..%20/", "..%09/"],
  ...["%2e%2e/", "%2e%2e%2f", "..%2f", "%2E%2E%5C", "%252e%252e%252f", "%25252e%25252e/", "%u002e%u002e/", "%%32%65%%32%65/"],
  ...["%c0%ae%c0%ae/", "%c0%ae%c0%ae%c0%af", "%e0%80%ae%e0%80%ae/", "%f0%80%80%ae/", "\u00c0\u00ae\u00c0\u00ae/", "\u00e0\u0080\u00ae/"],
  ...[
    "%00/",
    "\u0000",
    ".\u0000./",
    "%0d%0a",
    "%0a/",
    "~/",
    "~root/",
    "$HOME/",
    "C:\\",
    "\\\\host\\share\\",
    "file:///",
    "/dev/",
    "/proc/self/",
  ],
];
const GOAL = [
  ...["canary", "image", "uploads", "uploads/", "uploads/canary.log", `uploads/${MAC}-app.log`, "etc/passwd", "proc/self/environ", ""],
  ...[
    `${MAC}.cfg`,
    `${MAC.toUpperCase()}.CFG`,
    `${MAC}-app.log`,
    `${MAC}-phone.cfg`,
    `${MAC}-directory.xml`,
    "000000000000.cfg",
    "000000000000-app.log",
  ],
  ...[
    `${PART}.sip.ld`,
    "sip.ld",
    `fw/${TOKEN}/${PART}.sip.ld`,
    "image-0.part",
    `${MAC}-../canary`,
    `${MAC}%00-app.log`,
    `${MAC}-app.log/`,
    "constructor",
    "__proto__",
  ],
];
const END = [
  "",
  "",
  "",
  "/",
  "?x=../../canary",
  "#../canary",
  "%00",
  "%00.cfg",
  ".cfg",
  "::$DATA",
  "/.",
  "/..",
  " ",
  ";x",
  "%",
  "\u0000.log",
];

/** Most paths end where they mean to. */
const ENDING = 5;

const one = (random: Random, list: readonly string[]): string => list[random.below(list.length)] as string;

/** The folder everything lies in is known to the worst of senders. */
export function trickPath(random: Random, folder: string): string {
  // Some climb nowhere: what is served at all has to be reached, or nothing would be proven.
  const climbs = Array.from({ length: Math.max(0, random.below(12) - 3) }, () => one(random, UP));
  // One climb, repeated, is what a real sender writes.
  const way = random.below(2) === 0 ? climbs.join("") : one(random, UP).repeat(climbs.length);
  const goal = random.below(6) === 0 ? `${folder}/${one(random, GOAL)}` : one(random, GOAL);
  const path = random.below(4) === 0 ? `${one(random, START)}${goal}${way}${one(random, GOAL)}` : `${one(random, START)}${way}${goal}`;
  const padded = random.below(50) === 0 ? path + "a/../".repeat(200 + random.below(4_000)) : path;
  return random.below(ENDING) === 0 ? padded + one(random, END) : padded;
}
