import { inspect } from "node:util";
import { expect, test } from "vitest";
import { accountOf, credentialOf, plainAccountOf, plainOf } from "../../../agent/threads/credentials.ts";
import { type Credential, Secret } from "../../../protocols/core/secret.ts";
import { LENS_ENDPOINTS } from "../../../protocols/lens/endpoints.ts";

const CANARY = "canary-4c1d";
const secret = new Secret(CANARY);
const all: readonly Credential[] = [
  { kind: "password", id: "phones", user: "Polycom", password: secret, families: ["uc-phone"] },
  { kind: "password", id: "rooms", user: "admin", password: secret },
  { kind: "certificate", id: "ours", certificate: "PEM", key: secret, families: ["video-os"] },
  { kind: "community", id: "snmp", community: secret },
  { kind: "usm", id: "v3", user: "watcher", auth: { protocol: "sha256", key: secret }, priv: { protocol: "aes", key: secret } },
  { kind: "usm", id: "v3-auth", user: "watcher", auth: { protocol: "sha", key: secret } },
  { kind: "usm", id: "v3-open", user: "watcher" },
];

test.each(all.map((credential) => [credential.id, credential] as const))(
  "plainOf(), credentialOf(): %s arrives as it left",
  (_id, credential) => {
    const plain = plainOf(credential);
    const arrived = credentialOf(structuredClone(plain));
    expect(plainOf(arrived)).toEqual(plain);
    expect(Object.keys(arrived).sort()).toEqual(Object.keys(credential).sort());
  },
);

test("credentialOf(): what arrives is a secret again, in every way of printing", () => {
  const arrived = all.map((credential) => credentialOf(structuredClone(plainOf(credential))));
  expect(JSON.stringify(arrived)).not.toContain(CANARY);
  expect(inspect(arrived, { depth: 9, showHidden: true })).not.toContain(CANARY);
  expect(String(JSON.stringify(arrived.map(plainOf))).split(CANARY)).toHaveLength(8);
});

test("plainAccountOf(), accountOf(): the Lens account arrives as it left, its secrets wrapped again", () => {
  const account = { clientId: secret, clientSecret: secret, endpoints: LENS_ENDPOINTS, roots: "PEM" };
  const arrived = accountOf(structuredClone(plainAccountOf(account)));
  expect(plainAccountOf(arrived)).toEqual(plainAccountOf(account));
  expect(JSON.stringify(arrived) + inspect(arrived, { depth: 9, showHidden: true })).not.toContain(CANARY);
});
