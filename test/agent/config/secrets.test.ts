import { chmodSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { fileConfigIo } from "../../../agent/config/files.ts";
import { readCredentials, readSecret } from "../../../agent/config/secrets.ts";
import { given } from "./kit.ts";

const io = fileConfigIo({});
const CANARY = "canary-77af";
const PASSWORD = "credentials: [{ kind: password, id: a, user: u, passwordFile: a }]";

test.each([0o644, 0o640, 0o604, 0o660])("loadConfig(): a secret with mode %o is told, with the command that mends it", async (mode) => {
  const made = given([PASSWORD], { a: "456" });
  chmodSync(join(made.folder, "a"), mode);
  const loaded = await made.load();
  const warning = loaded.ok ? loaded.warnings.find(({ path }) => path === "credentials[0].passwordFile") : undefined;
  expect(warning).toMatchObject({ level: "warning", line: 4, suggestion: `chmod 0600 ${join(made.folder, "a")}` });
  expect(warning?.what).toContain(mode.toString(8));
});

test("loadConfig(): a secret only its owner reads is not told; a certificate may be read by all", async () => {
  const made = given([PASSWORD, "channel: { folder: c, rootFile: root.json }"], { a: "456", "root.json": "{}" });
  chmodSync(join(made.folder, "root.json"), 0o644);
  const loaded = await made.load();
  expect(loaded.ok && loaded.warnings.map(({ path }) => path)).toEqual(["calendar"]);
});

test("loadConfig(): every file that is missing or empty is an error at its own setting", async () => {
  const problems = await given(
    [
      "credentials:",
      "  - { kind: password, id: a, user: u, passwordFile: none }",
      "  - { kind: community, id: b, communityFile: empty }",
      "  - { kind: usm, id: c, user: u, auth: { protocol: sha, keyFile: none }, priv: { protocol: aes, keyFile: blank } }",
      "mqtt: { url: mqtts://b.example, username: zug-01, passwordFile: none, caFile: none }",
      "tickets: { webhook: { url: https://d.example, secretFile: none } }",
      "lens: { clientIdFile: none, clientSecretFile: empty, caFile: none }",
    ],
    { empty: "", blank: " \n" },
  ).problems();
  expect(problems.filter(({ level }) => level === "error").map(({ path }) => path)).toEqual([
    "credentials[0].passwordFile",
    "credentials[1].communityFile",
    "credentials[2].auth.keyFile",
    "credentials[2].priv.keyFile",
    "mqtt.passwordFile",
    "mqtt.caFile",
    "tickets.webhook.secretFile",
    "lens.clientIdFile",
    "lens.clientSecretFile",
    "lens.caFile",
  ]);
});

test("readSecret(): one line end is not part of it, everything else is; it never prints", async () => {
  const made = given([], { unix: `${CANARY}\n`, windows: `${CANARY}\r\n`, spaced: ` ${CANARY} \n\n`, empty: "\n" });
  const secret = async (name: string) => readSecret(join(made.folder, name), io);
  for (const name of ["unix", "windows"]) {
    const read = await secret(name);
    expect(read.ok && read.secret.reveal()).toBe(CANARY);
    expect(inspect(read) + JSON.stringify(read)).not.toContain(CANARY);
  }
  const spaced = await secret("spaced");
  expect(spaced.ok && spaced.secret.reveal()).toBe(` ${CANARY} \n`);
  expect(await secret("empty")).toMatchObject({ ok: false, why: expect.stringContaining("is empty") });
});

test("readCredentials(): all secrets, or every reason why one cannot be read, none of them with a secret in it", async () => {
  const made = given([PASSWORD, "", ""], { a: CANARY });
  const config = await made.config();
  const read = await readCredentials(config.credentials, io);
  expect(read.ok && read.credentials).toMatchObject([{ kind: "password", id: "a", user: "u" }]);
  const [one] = read.ok ? read.credentials : [];
  expect(one?.kind === "password" && one.password.reveal()).toBe(CANARY);
  const missing = { kind: "community", id: "b", communityFile: join(made.folder, "none") } as const;
  const failed = await readCredentials([missing, ...config.credentials, { ...missing, id: "c" }], io);
  expect(failed).toMatchObject({
    ok: false,
    problems: [{ path: "credentials[0].communityFile" }, { path: "credentials[2].communityFile" }],
  });
  expect(JSON.stringify([read, failed])).not.toContain(CANARY);
});
