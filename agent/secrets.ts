/**
 * Everything secret the settings name, read once at start.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Credential, Secret } from "../protocols/core/secret.ts";
import { loadKeyFile, type SigningKey, writeKeyFile } from "./commands/keys.ts";
import { type ConfigIo, fileConfigIo } from "./config/files.ts";
import type { Config } from "./config/schema.ts";
import { readCredentials, readSecret } from "./config/secrets.ts";
import { StartProblem } from "./start-problem.ts";

export interface Secrets {
  readonly credentials: readonly Credential[];
  readonly mqttPassword?: Secret;
  readonly mqttKey?: Secret;
  readonly mqttKeyPassphrase?: Secret;
  readonly mqttProxyPassword?: Secret;
  readonly mqttCa?: string;
  readonly mqttCertificate?: string;
  readonly webhookSecret?: Secret;
  readonly lensClientId?: Secret;
  readonly lensClientSecret?: Secret;
  readonly lensCa?: string;
  readonly portalToken?: Secret;
  readonly firmwarePortalPassword?: Secret;
  readonly firmwarePortalCa?: string;
  readonly vendorCatalogueCa?: string;
  readonly upstreamPassword?: Secret;
  readonly upstreamCa?: string;
  /** Of `provisioning.credentials`. */
  readonly phonesPassword?: Secret;
  /** The agent's own key: it signs answers. Made at the first start. */
  readonly agentKey: SigningKey;
}

const CONFIG = 78;
const OPEN_BYTES_MAX = 1024 * 1024;

/** Reads them all. Throws a `StartProblem` naming the first that cannot be read. */
export async function readSecrets(config: Config, environment: Readonly<Record<string, string | undefined>>): Promise<Secrets> {
  const io = fileConfigIo(environment);
  const credentials = await readCredentials(config.credentials, io);
  if (!credentials.ok)
    throw new StartProblem(
      credentials.problems.map((problem) => problem.what).join("; "),
      "Mend the named files, then start again.",
      CONFIG,
    );
  const secret = (path: string | undefined, setting: string) => secretAt(path, setting, io);
  const open = (path: string | undefined, setting: string) => textAt(path, setting, io);
  const { portal, vendorCatalogue } = config.firmware.sources;
  const found = {
    mqttPassword: await secret(config.mqtt?.passwordFile, "mqtt.passwordFile"),
    mqttKey: await secret(config.mqtt?.keyFile, "mqtt.keyFile"),
    mqttKeyPassphrase: await secret(config.mqtt?.keyPassphraseFile, "mqtt.keyPassphraseFile"),
    mqttProxyPassword: await secret(config.mqtt?.proxy?.passwordFile, "mqtt.proxy.passwordFile"),
    mqttCa: await open(config.mqtt?.caFile, "mqtt.caFile"),
    mqttCertificate: await open(config.mqtt?.certFile, "mqtt.certFile"),
    webhookSecret: await secret(config.tickets.webhook?.secretFile, "tickets.webhook.secretFile"),
    lensClientId: await secret(config.lens?.clientIdFile, "lens.clientIdFile"),
    lensClientSecret: await secret(config.lens?.clientSecretFile, "lens.clientSecretFile"),
    lensCa: await open(config.lens?.caFile, "lens.caFile"),
    phonesPassword: await secret(config.provisioning?.credentials?.passwordFile, "provisioning.credentials.passwordFile"),
    portalToken: await secret(config.coverage.portal?.tokenFile, "coverage.portal.tokenFile"),
    firmwarePortalPassword: await secret(portal?.passwordFile, "firmware.sources.portal.passwordFile"),
    firmwarePortalCa: await open(portal?.caFile, "firmware.sources.portal.caFile"),
    vendorCatalogueCa: await open(vendorCatalogue?.caFile, "firmware.sources.vendorCatalogue.caFile"),
    upstreamPassword: await secret(config.provisioning?.upstream?.passwordFile, "provisioning.upstream.passwordFile"),
    upstreamCa: await open(config.provisioning?.upstream?.caFile, "provisioning.upstream.caFile"),
  };
  const given = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as Partial<Secrets>;
  return { ...given, credentials: credentials.credentials, agentKey: await agentKey(config.dataDirectory) };
}

async function secretAt(path: string | undefined, setting: string, io: ConfigIo): Promise<Secret | undefined> {
  if (path === undefined) return undefined;
  const read = await readSecret(path, io);
  if (!read.ok) throw new StartProblem(`${setting}: ${read.why}`, "Mend the file, then start again.", CONFIG);
  return read.secret;
}

async function textAt(path: string | undefined, setting: string, io: ConfigIo): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const read = await io.readText(path, OPEN_BYTES_MAX);
  if (!read.ok) throw new StartProblem(`${setting}: ${read.why}`, "Mend the file, then start again.", CONFIG);
  return read.text;
}

async function agentKey(directory: string): Promise<SigningKey> {
  await mkdir(directory, { recursive: true, mode: 0o750 });
  const path = join(directory, "agent-key.json");
  const loaded = await loadKeyFile(path);
  if (loaded === "missing") return writeKeyFile(path);
  if (typeof loaded === "string")
    throw new StartProblem(
      `The agent's key "${path}" cannot be used: ${loaded}`,
      "Restore it from a backup, or move it away to get a new one.",
      CONFIG,
    );
  return loaded;
}
