import { expect, test } from "vitest";
import { decodeTable, readImport } from "../../../../agent/discovery/sources/csv.ts";

const tableOf = (text: string) => {
  const read = readImport(text);
  if (!read.ok) throw new Error(read.why);
  return read.table;
};
const row = { mac: "64167f000001", line: 2 };

test("readImport(): columns by name in any order and spelling, models in their one spelling, what is not taken is listed", () => {
  const text =
    "Note,MAC Address,Serial-Number,model,Part Number,Name,ROOM,floor,zone,duties,address\nx,64:16:7F:00:00:01,8G1234,vvx_411,3111-48450-001,Reception,Hall,1,West,VIP|reception,10.0.0.1\n";
  expect(tableOf(text)).toEqual({
    unknownColumns: ["Note", "address"],
    refused: [],
    rows: [
      {
        line: 2,
        mac: "64167f000001",
        serial: "8G1234",
        model: "VVX 411",
        partNumber: "3111-48450-001",
        name: "Reception",
        room: "Hall",
        floor: "1",
        zone: "West",
        duties: ["vip", "reception"],
      },
    ],
  });
});

test.each<[string, string, string]>([
  ["no MAC", "mac,name\nnobody,x\n", 'mac "nobody" is no MAC address'],
  ["nobody meant", "mac,name\n,x\n", "has neither MAC nor serial number: nobody is meant"],
  ["a serial of blanks", "serial\n12 34\n", "serial is no serial number: 4 to 40 letters and digits are expected"],
  ["a part number of another form", "mac,part\n64167f000001,VVX411\n", "partNumber is no part number such as 3111-48450-001"],
  ["unknown duties", "mac,duties\n64167f000001,boss\n", 'duties 0 Invalid option: expected one of "vip"|"reception"|"emergency"'],
  ["too long a name", `mac,name\n64167f000001,${"x".repeat(129)}\n`, "name Too big: expected string to have <=128 characters"],
  ["more cells than the header", "mac,name\n64167f000001,x,y\n", "has 3 cells, the header 2"],
])("readImport(): a row is refused with its line and reason: %s", (_name, text, why) => {
  expect(tableOf(text)).toMatchObject({ rows: [], refused: [{ line: 2, why }] });
});

test("readImport(): one device twice, by MAC or by serial, is refused the second time; the other rows are kept", () => {
  const text = "mac,serial\n64167f000001,A-1234\n64:16:7f:00:00:01,\n64167f000002,A-1234\n64167f000003,\n";
  expect(tableOf(text)).toMatchObject({
    rows: [{ line: 2 }, { line: 5 }],
    refused: [
      { line: 3, why: "is the device of line 2 again" },
      { line: 4, why: "is the device of line 2 again" },
    ],
  });
});

test.each<[string, string, string]>([
  ["nothing", "", "the table is empty"],
  ["no column that names a device", "name,room\nx,y\n", 'no column is called "mac" or "serial"'],
  ["one column twice", "mac,MAC address\n64167f000001,64167f000002\n", 'two columns say "mac"'],
  ["a quote that never closes", 'mac,name\n64167f000001,"x\n', "a quote is opened and never closed"],
  ["100,000 rows", `mac\n${"64167f000001\n".repeat(100_000)}`, "more than 20001 rows"],
])("readImport(): a table that cannot be read says why: %s", (_name, text, why) => {
  expect(readImport(text)).toMatchObject({ ok: false, why: expect.stringContaining(why) });
});

test("readImport(): semicolons, quotes, a byte order mark, and formulas as the text they are", () => {
  const text = '\uFEFFmac;name;room\r\n64167f000001;"=HYPERLINK(""http://x"")";"Hall; west"\r\n';
  expect(tableOf(text).rows).toEqual([{ ...row, name: '=HYPERLINK("http://x")', room: "Hall; west" }]);
});

test("decodeTable(): UTF-8 and UTF-16 by their marks, and nothing that is neither", () => {
  const text = "mac,name\n64167f000001,Zürich\n";
  const wide = Buffer.from(`\uFEFF${text}`, "utf16le");
  for (const bytes of [Buffer.from(text), Buffer.from(`\uFEFF${text}`), wide, Buffer.from(wide).swap16()]) {
    expect(tableOf(decodeTable(bytes) ?? "").rows).toEqual([{ ...row, name: "Zürich" }]);
  }
  expect(decodeTable(Buffer.from("mac,name\n64167f000001,Z\xfcrich\n", "latin1"))).toBeUndefined();
});
