import { expect, test } from "vitest";
import { readIscLeases } from "../../../../../agent/discovery/sources/dhcp/isc.ts";

const HEAD = "# The format of this file is documented in the dhcpd.leases(5) manual page.\n\nauthoring-byte-order little-endian;\n\n";
const block = (...lines: readonly string[]): string => `lease 10.20.0.5 {\n${lines.map((line) => `  ${line}\n`).join("")}}\n`;
const ACTIVE = [
  "starts 3 2026/11/25 20:00:00;",
  "ends 4 2026/11/26 04:00:00;",
  "binding state active;",
  "hardware ethernet 64:16:7f:00:00:01;",
];
const leaseIn = (...lines: readonly string[]) => readIscLeases(block(...ACTIVE, ...lines)).words[0]?.lease;

test("readIscLeases(): a lease with all that is read of it; UTC, hex and comments between", () => {
  const text = `${HEAD}${block(
    ...ACTIVE,
    "tstp 4 2026/11/26 04:00:00; # whatever",
    "cltt 3 2026/11/25 21:00:00;",
    "next binding state free;",
    "rewind binding state free;",
    'uid "\\001d\\026\\177\\000\\000\\001";',
    'set vendor-class-identifier = "Polycom-VVX411";',
    'client-hostname "Polycom_64167f000001";',
  )}`;
  expect(readIscLeases(text)).toEqual({
    recognised: true,
    unreadable: 0,
    words: [
      {
        address: "10.20.0.5",
        lease: {
          address: "10.20.0.5",
          mac: "64167f000001",
          endsMs: Date.UTC(2026, 10, 26, 4),
          heardMs: Date.UTC(2026, 10, 25, 21),
          vendorClass: "Polycom-VVX411",
          hostName: "Polycom_64167f000001",
        },
      },
    ],
  });
});

test.each<[string, string, string | undefined]>([
  [
    "octal escapes become hex digits",
    'set vendor-class-identifier = "\\000\\0006=\\012\\001\\007Polycom";',
    "0000363d0a0107506f6c79636f6d",
  ],
  ["quotes and backslashes", 'set vendor-class-identifier = "Polycom-\\"\\\\x\\"";', 'Polycom-"\\x"'],
  ["hex escapes", 'set vendor-class-identifier = "\\x50\\x6fly";', "Poly"],
  ["bytes with colons", "set vendor-class-identifier = 0:0:36:3d:0;", "0000363d00"],
  ["another name an administrator gave it", 'set vendor-string = "Polycom-VVX411";', "Polycom-VVX411"],
  ["the option itself", 'option vendor-class-identifier "Polycom-VVX411";', "Polycom-VVX411"],
  ["numbers and other variables", "set ddns-ttl = %3600;", undefined],
  ["longer than an option can be", `set vendor-class-identifier = "${"x".repeat(256)}";`, undefined],
  ["braces and semicolons within it", 'set vendor-class-identifier = "a{b;c}#d";', "a{b;c}#d"],
])("readIscLeases(): option 60: %s", (_name, line, wanted) => {
  expect(leaseIn(line)?.vendorClass).toBe(wanted);
});

test.each<[string, string, number | undefined]>([
  ["epoch seconds, as db-time-format local writes them", "ends epoch 1795377600; # Wed Nov 25 20:00:00 2026", 1_795_377_600_000],
  ["never", "ends never;", undefined],
])("readIscLeases(): times: %s", (_name, ends, wanted) => {
  const lease = readIscLeases(block("starts epoch 1795370000;", ends, "binding state active;", "hardware ethernet 64:16:7f:00:00:01;"));
  expect(lease.words[0]?.lease).toMatchObject({ mac: "64167f000001", heardMs: 1_795_370_000_000 });
  expect(lease.words[0]?.lease?.endsMs).toBe(wanted);
});

test("readIscLeases(): an end that is no time is not readable, never endless", () => {
  for (const ends of ["ends 4 2026/13/45 99:00:00;", "ends soon;", "ends;"]) {
    expect(readIscLeases(block(ends, "binding state active;", "hardware ethernet 64:16:7f:00:00:01;"))).toMatchObject({
      words: [],
      unreadable: 1,
    });
  }
});

test.each(["free", "expired", "released", "abandoned", "backup", "reset", "bootp"])(
  "readIscLeases(): binding state %s is nobody's",
  (state) => {
    const text = block("ends never;", `binding state ${state};`, "hardware ethernet 64:16:7f:00:00:01;");
    expect(readIscLeases(text).words).toEqual([{ address: "10.20.0.5", lease: undefined }]);
  },
);

test("readIscLeases(): a block in a block is not the lease's own word, and other declarations are passed over", () => {
  const inner = 'on expiry {\n    binding state free;\n    set vendor-class-identifier = "Other";\n  }';
  expect(leaseIn(inner)).toMatchObject({ mac: "64167f000001" });
  expect(leaseIn(inner)?.vendorClass).toBeUndefined();
  const others =
    'host x {\n  dynamic;\n  hardware ethernet 64:16:7f:00:00:02;\n}\nia-na "\\001" {\n  iaaddr 2001:db8::1 {\n    binding state active;\n  }\n}\n';
  expect(readIscLeases(`${others}${block(...ACTIVE)}`).words).toHaveLength(1);
});

test("readIscLeases(): a torn end is nothing yet, wherever it is torn", () => {
  const whole = `${block(...ACTIVE)}${block(...ACTIVE, 'client-hostname "Polycom \\" x";').replace("10.20.0.5", "10.20.0.6")}`;
  for (let cut = whole.indexOf("10.20.0.6"); cut < whole.length - 2; cut++) {
    const { words, unreadable } = readIscLeases(whole.slice(0, cut));
    expect([words.map(({ address }) => address), unreadable]).toEqual([["10.20.0.5"], 0]);
  }
});

test("readIscLeases(): a new file is one, a file of something else is none", () => {
  expect([readIscLeases("").recognised, readIscLeases(HEAD).recognised]).toEqual([true, true]);
  expect(readIscLeases("address,hwaddr,client_id\n10.0.0.1,x,y\n").recognised).toBe(false);
});
