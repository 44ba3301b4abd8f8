/**
 * Everything secret the settings name, read once at start.
 */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { loadKeyFile,                  writeKeyFile } from "./commands/keys.ts";
import {                fileConfigIo } from "./config/files.ts";

import { readCredentials, readSecret } from "./config/secrets.ts";
import { StartProblem } from "./start-problem.ts";

const CONFIG = 78;
const OPEN_BYTES_MAX = 1024 * 1024;

/** Reads them all. Throws a `StartProblem` naming the first that cannot be read. */
export async function readSecrets(config        , environment                                              )                   {
  const io = fileConfigIo(environment);
  const credentials = await readCredentials(config.credentials, io);
  if (!credentials.ok)
    throw new StartProblem(
      credentials.problems.map((problem) => problem.what).join("; "),
      "Mend the named files, then start again.",
      CONFIG,
    );
  const secret = (path                    , setting        ) => secretAt(path, setting, io);
  const open = (path                    , setting        ) => textAt(path, setting, io);
  const found = {
    mqttPassword: await secret(config.mqtt?.passwordFile, "mqtt.passwordFile"),
    mqttKey: await secret(config.mqtt?.keyFile, "mqtt.keyFile"),
    mqttCa: await open(config.mqtt?.caFile, "mqtt.caFile"),
    mqttCertificate: await open(config.mqtt?.certFile, "mqtt.certFile"),
    webhookSecret: await secret(config.tickets.webhook?.secretFile, "tickets.webhook.secretFile"),
  };
  const given = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))                    ;
  return { ...given, credentials: credentials.credentials, agentKey: await agentKey(config.dataDirectory) };
}

async function secretAt(path                    , setting        , io          )                              {
  if (path === undefined) return undefined;
  const read = await readSecret(path, io);
  if (!read.ok) throw new StartProblem(`${setting}: ${read.why}`, "Mend the file, then start again.", CONFIG);
  return read.secret;
}

async function textAt(path                    , setting        , io          )                              {
  if (path === undefined) return undefined;
  const read = await io.readText(path, OPEN_BYTES_MAX);
  if (!read.ok) throw new StartProblem(`${setting}: ${read.why}`, "Mend the file, then start again.", CONFIG);
  return read.text;
}

async function agentKey(directory        )                      {
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

//# sourceURL=file:///work/main/agent/secrets.ts