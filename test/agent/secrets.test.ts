import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import type { Config } from "../../agent/config/schema.ts";
import { readSecrets } from "../../agent/secrets.ts";
import { StartProblem } from "../../agent/start-problem.ts";
import { given } from "./config/kit.ts";

const CANARY = "canary-4c1e";
const LINES = [
  "dataDirectory: data",
  "credentials: [{ kind: password, id: a, user: u, passwordFile: secret }]",
  "mqtt: { url: mqtts://b.example, username: zug-01, passwordFile: secret, caFile: ca.pem, proxy: { url: http://p.example, username: u, passwordFile: secret } }",
  "tickets: { webhook: { url: https://d.example, secretFile: secret } }",
  "lens: { clientIdFile: secret, clientSecretFile: secret, caFile: ca.pem }",
];

async function settings(change: (config: Config, folder: string) => Config = (config) => config) {
  const made = given(LINES, { secret: `${CANARY}\n`, "ca.pem": "CERTIFICATE" });
  return { ...made, settings: change(await made.config(), made.folder) };
}
async function problem(config: Config): Promise<StartProblem> {
  const error: unknown = await readSecrets(config, {}).catch((reason: unknown) => reason);
  if (!(error instanceof StartProblem)) throw new Error(`no start problem: ${inspect(error)}`);
  return error;
}

test("readSecrets(): all that the settings name, and nothing they do not; none of it prints", async () => {
  const secrets = await readSecrets((await settings()).settings, {});
  const { mqttPassword, mqttProxyPassword, webhookSecret, lensClientId, lensClientSecret } = secrets;
  for (const one of [mqttPassword, mqttProxyPassword, webhookSecret, lensClientId, lensClientSecret]) expect(one?.reveal()).toBe(CANARY);
  expect(secrets.lensCa).toBe("CERTIFICATE");
  expect(secrets.mqttCa).toBe("CERTIFICATE");
  expect(secrets).not.toHaveProperty("mqttKey");
  expect(inspect(secrets, { depth: 9 }) + JSON.stringify(secrets)).not.toContain(CANARY);
});

test("readSecrets(): the agent's key is made at the first start and stays the same", async () => {
  const made = await settings();
  const first = await readSecrets(made.settings, {});
  const second = await readSecrets(made.settings, {});
  expect(second.agentKey.kid).toBe(first.agentKey.kid);
});

test("readSecrets(): a file that cannot be read keeps the agent from starting, with its setting", async () => {
  const none = (folder: string): string => join(folder, "none");
  const broken: ((config: Config, folder: string) => Config)[] = [
    (config, folder) => ({ ...config, mqtt: { ...config.mqtt, passwordFile: none(folder) } }),
    (config, folder) => ({ ...config, mqtt: { ...config.mqtt, caFile: none(folder) } }),
    (config, folder) => ({ ...config, tickets: { ...config.tickets, webhook: { url: "https://d.example", secretFile: none(folder) } } }),
    (config, folder) => ({ ...config, credentials: [{ kind: "community", id: "b", communityFile: none(folder) }] }),
  ];
  for (const change of broken) {
    const error = await problem((await settings(change)).settings);
    expect(error.message).toContain("none");
    expect(error.exitCode).toBe(78);
  }
});

test("readSecrets(): a key others may read, a broken one, or a link in its place is told, and never replaced", async () => {
  const made = await settings();
  await readSecrets(made.settings, {});
  const path = join(made.folder, "data", "agent-key.json");
  const key = readFileSync(path, "utf8");
  chmodSync(path, 0o644);
  expect((await problem(made.settings)).message).toContain("openToOthers");
  chmodSync(path, 0o600);
  writeFileSync(path, key.slice(0, 20));
  expect((await problem(made.settings)).message).toContain("notAKey");
  expect(readFileSync(path, "utf8")).toBe(key.slice(0, 20));
  const linked = await settings();
  mkdirSync(join(linked.folder, "data"));
  writeFileSync(join(linked.folder, "elsewhere"), key, { mode: 0o600 });
  symlinkSync(join(linked.folder, "elsewhere"), join(linked.folder, "data", "agent-key.json"));
  expect((await problem(linked.settings)).message).toContain("notAKey");
});
