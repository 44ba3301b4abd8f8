import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { credentialsOf, type DeviceOptions, portsOf } from "../../../agent/cli/device-options.ts";
import { STANDARD_PORTS } from "../../../protocols/core/device.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { folder } from "./kit.ts";

function secret(text: string): string {
  const path = join(folder(), "secret");
  writeFileSync(path, `${text}\n`, { mode: 0o600 });
  return path;
}

test("portsOf(): the standard ports, but for those that are given", () => {
  expect(portsOf({})).toEqual(STANDARD_PORTS);
  expect(portsOf({ httpsPort: 8443, sipPort: 5070 })).toEqual({ ...STANDARD_PORTS, https: 8443, sip: 5070 });
});

test("credentialsOf(): each kind from its files, and none where none is given", async () => {
  expect(await credentialsOf({}, {})).toEqual([]);
  const options: DeviceOptions = {
    ...{ user: "Polycom", passwordFile: secret("sample-1"), communityFile: secret("sample-2") },
    ...{ snmpUser: "u", snmpAuth: "sha256", snmpAuthFile: secret("sample-3"), snmpPriv: "aes", snmpPrivFile: secret("sample-4") },
  };
  const found = await credentialsOf(options, {});
  expect(found.map((one) => one.kind)).toEqual(["password", "community", "usm"]);
  const [password, community, usm] = found;
  expect(password?.kind === "password" && password.password.reveal()).toBe("sample-1");
  expect(community?.kind === "community" && community.community.reveal()).toBe("sample-2");
  expect(usm?.kind === "usm" && [usm.auth?.protocol, usm.auth?.key.reveal(), usm.priv?.key.reveal()]).toEqual([
    "sha256",
    "sample-3",
    "sample-4",
  ]);
  expect(JSON.stringify(found)).not.toContain("sample-");
});

test("credentialsOf(): a client certificate with its key; a key of another one is exit 78, without telling what it holds", async () => {
  const ours = makeCertificate("CN=agent");
  const other = makeCertificate("CN=other");
  const [found] = await credentialsOf({ clientCert: secret(ours.cert), clientKey: secret(ours.key) }, {});
  expect(found).toMatchObject({ kind: "certificate", certificate: expect.stringContaining("BEGIN CERTIFICATE") });
  expect(found?.kind === "certificate" && found.key.reveal().trim()).toBe(ours.key.trim());
  const refused = await credentialsOf({ clientCert: secret(ours.cert), clientKey: secret(other.key) }, {}).catch((error: unknown) => error);
  expect(refused).toMatchObject({ exitCode: 78, message: expect.stringContaining("is not the key of the certificate") });
  await expect(credentialsOf({ clientCert: secret("x"), clientKey: secret(ours.key) }, {})).rejects.toMatchObject({ exitCode: 78 });
});

test.each<[string, DeviceOptions]>([
  ["a certificate without a key", { clientCert: "f" }],
  ["a key without a certificate", { clientKey: "f" }],
  ["a user without a password", { user: "u" }],
  ["a password without a user", { passwordFile: "f" }],
  ["two communities", { community: "a", communityFile: "f" }],
  ["SNMPv3 keys without a user", { snmpAuth: "sha", snmpAuthFile: "f" }],
  ["a protocol without its file", { snmpUser: "u", snmpAuth: "sha" }],
  ["a file without its protocol", { snmpUser: "u", snmpPrivFile: "f" }],
  ["privacy without authentication", { snmpUser: "u", snmpPriv: "aes", snmpPrivFile: "f" }],
])("credentialsOf(): %s is a usage error", async (_what, options) => {
  await expect(credentialsOf(options, {})).rejects.toMatchObject({ exitCode: 2 });
});

test("credentialsOf(): a file that is not there is exit 78", async () => {
  await expect(credentialsOf({ user: "u", passwordFile: join(folder(), "none") }, {})).rejects.toMatchObject({ exitCode: 78 });
});
