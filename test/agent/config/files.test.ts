import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fileConfigIo, prepared } from "../../../agent/config/files.ts";
import { temporaryFolder } from "../../store/temporary.ts";

const { readText } = fileConfigIo({});

test("readText(): the text, and who may read it", async () => {
  const path = join(temporaryFolder(), "a");
  writeFileSync(path, "Zürich\n");
  chmodSync(path, 0o640);
  expect(await readText(path, 100)).toEqual({ ok: true, text: "Zürich\n", mode: 0o640 });
});

test("readText(): missing, a folder, too large or no UTF-8: a reason with the path", async () => {
  const folder = temporaryFolder();
  const at = (name: string): string => join(folder, name);
  mkdirSync(at("folder"));
  writeFileSync(at("large"), "x".repeat(8_193));
  writeFileSync(at("binary"), Buffer.from([0x61, 0xff, 0xfe]));
  for (const [name, why] of [
    ["none", "does not exist"],
    ["folder", "it is a folder"],
    ["large", "larger than 8192 bytes"],
    ["binary", "not UTF-8"],
  ] as const)
    expect(await readText(at(name), 8_192)).toEqual({ ok: false, why: expect.stringMatching(new RegExp(`${name}.*${why}`)) });
});

test("prepared(): names of files become absolute, at any depth; other texts and absolute paths stay", () => {
  const raw = { rosterFile: "a", name: "b", folder: "/c", list: [{ keyFile: "../d", auth: { keyFile: "e" } }], passwordFile: "" };
  expect(prepared(raw, "/etc/groundswell", {})).toEqual({
    rosterFile: "/etc/groundswell/a",
    name: "b",
    folder: "/c",
    list: [{ keyFile: "/etc/d", auth: { keyFile: "/etc/groundswell/e" } }],
    passwordFile: "",
  });
});

test("prepared(): a credential is a file systemd hands over, and stays as it is without one", () => {
  const raw = { passwordFile: "credential:mqtt" };
  expect(prepared(raw, "/etc", { CREDENTIALS_DIRECTORY: "/run/credentials/x" })).toEqual({ passwordFile: "/run/credentials/x/mqtt" });
  expect(prepared(raw, "/etc", {})).toEqual(raw);
  // A name that leads elsewhere is no credential, only the name of a file.
  expect(prepared({ passwordFile: "credential:../x" }, "/etc", { CREDENTIALS_DIRECTORY: "/run/c" })).toEqual({
    passwordFile: "/etc/credential:../x",
  });
});

test("prepared(): systemd's directories are used where the file names none", () => {
  const env = { STATE_DIRECTORY: "/var/lib/a:/var/lib/b", RUNTIME_DIRECTORY: "/run/a" };
  expect(prepared({}, "/etc", env)).toEqual({ dataDirectory: "/var/lib/a", socket: "/run/a/groundswell.sock" });
  expect(prepared({ dataDirectory: "/srv", socket: "/tmp/s" }, "/etc", env)).toEqual({ dataDirectory: "/srv", socket: "/tmp/s" });
  expect(prepared({}, "/etc", {})).toEqual({});
});

test.skipIf(process.platform === "win32")("readText(): a file without a size, and without an end, is not read past the limit", async () => {
  const read = await fileConfigIo({}).readText("/dev/zero", 1_000);
  expect(read).toEqual({ ok: false, why: '"/dev/zero" is larger than 1000 bytes' });
});
