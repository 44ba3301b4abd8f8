/**
 * Secrets and other files the settings name: are they there, who may read them, and what do they hold.
 */

import { type Credential, Secret } from "../../protocols/core/secret.ts";
import { LEASE_BYTES_MAX } from "../discovery/sources/dhcp/file.ts";
import { readPair } from "./client-certificate.ts";
import { checkDoor } from "./door-files.ts";
import type { ConfigIo } from "./files.ts";
import { type PathPart, type Problem, showPath } from "./problem.ts";
import type { Related } from "./related.ts";
import type { Config, CredentialSetting } from "./schema.ts";

const SECRET_BYTES_MAX = 64 * 1024;
/** Certificates and trust roots. */
const OPEN_BYTES_MAX = 1024 * 1024;
/** Bits that let anybody but the owner read or write. */
const OTHERS = 0o077;

/** A file the settings name, and where they name it. */
interface NamedFile {
  readonly at: readonly PathPart[];
  readonly path: string;
  readonly secret: boolean;
}

/** Files that cannot be read (errors) and secrets that others may read (warnings). Windows has no such bits; its modes pass. */
export async function checkFiles(config: Partial<Config>, io: ConfigIo): Promise<Related[]> {
  const found: Related[] = [];
  for (const { at, path, secret } of filesOf(config)) {
    const file = await io.readText(path, secret ? SECRET_BYTES_MAX : OPEN_BYTES_MAX);
    if (!file.ok) found.push({ level: "error", at, what: file.why });
    else if (secret && file.text.trim() === "") found.push({ level: "error", at, what: `"${path}" is empty` });
    else if (secret && (file.mode & OTHERS) !== 0) {
      const mode = file.mode.toString(8).padStart(4, "0");
      found.push({ level: "warning", at, what: `"${path}" may be read by others (mode ${mode})`, suggestion: `chmod 0600 ${path}` });
    }
  }
  return [
    ...found,
    ...(await checkLeaseFiles(config, io)),
    ...(await checkPairs(config, io)),
    ...(await checkDropFolder(config, io)),
    ...(await checkDoor(config, io)),
  ];
}

/** A share that is not mounted yet stops no agent: its source says so, and is read as soon as it can be. */
async function checkDropFolder({ firmware }: Partial<Config>, io: ConfigIo): Promise<Related[]> {
  const { folder } = firmware?.sources ?? {};
  if (folder === undefined) return [];
  const why = await io.folderTrouble(folder.folder);
  return why === undefined ? [] : [{ level: "warning", at: ["firmware", "sources", "folder", "folder"], what: why }];
}

/** A DHCP server that is not there yet stops no agent: it says so then, and is read as soon as it can be. */
async function checkLeaseFiles({ dhcp = [] }: Partial<Config>, io: ConfigIo): Promise<Related[]> {
  const found: Related[] = [];
  for (const [i, { leaseFile }] of dhcp.entries()) {
    const file = await io.readText(leaseFile, LEASE_BYTES_MAX);
    if (!file.ok) found.push({ level: "warning", at: ["dhcp", i, "leaseFile"], what: file.why });
  }
  return found;
}

/** A certificate of ours beside its key, as the settings name them. */
interface NamedPair {
  readonly at: readonly PathPart[];
  readonly certFile: string;
  readonly keyFile: string;
  readonly keyPassphraseFile?: string | undefined;
}

function pairsOf({ credentials = [], mqtt, provisioning }: Partial<Config>): NamedPair[] {
  const shown: NamedPair[] = credentials.flatMap((one, i) =>
    one.kind === "certificate" ? [{ at: ["credentials", i], certFile: one.certFile, keyFile: one.keyFile }] : [],
  );
  if (provisioning?.tls !== undefined) shown.push({ at: ["provisioning", "tls"], ...provisioning.tls });
  const { certFile, keyFile, keyPassphraseFile } = mqtt ?? {};
  return certFile === undefined || keyFile === undefined ? shown : [...shown, { at: ["mqtt"], certFile, keyFile, keyPassphraseFile }];
}

/** Certificates that do not fit their key (errors) or that are out of date (warnings). What cannot be read is told elsewhere. */
async function checkPairs(config: Partial<Config>, io: ConfigIo): Promise<Related[]> {
  const found: Related[] = [];
  for (const { at, keyPassphraseFile, ...files } of pairsOf(config)) {
    const shown = await io.readText(files.certFile, OPEN_BYTES_MAX);
    const key = await readSecret(files.keyFile, io);
    const passphrase = keyPassphraseFile === undefined ? undefined : await readSecret(keyPassphraseFile, io);
    if (!shown.ok || !key.ok || passphrase?.ok === false) continue;
    const pair = readPair(shown.text, key.secret, io.nowMs(), passphrase?.secret);
    if (!pair.ok) found.push({ level: "error", at: [...at, pair.wrong], what: `"${files[pair.wrong]}" ${pair.why}` });
    else if (pair.notice !== undefined) {
      found.push({ level: "warning", at: [...at, "certFile"], what: `"${files.certFile}" ${pair.notice}` });
    }
  }
  return found;
}

function filesOf({
  brand,
  credentials = [],
  mqtt,
  tickets,
  channel,
  lens,
  coverage,
  firmware,
  provisioning,
}: Partial<Config>): NamedFile[] {
  const { portal, vendorCatalogue } = firmware?.sources ?? {};
  const files = [
    ...credentials.flatMap((one, i) => secretsOf(one, ["credentials", i])),
    named(["brand", "logoFile"], brand?.logoFile, false),
    named(["mqtt", "passwordFile"], mqtt?.passwordFile, true),
    named(["mqtt", "keyFile"], mqtt?.keyFile, true),
    named(["mqtt", "caFile"], mqtt?.caFile, false),
    named(["mqtt", "certFile"], mqtt?.certFile, false),
    named(["mqtt", "keyPassphraseFile"], mqtt?.keyPassphraseFile, true),
    named(["mqtt", "proxy", "passwordFile"], mqtt?.proxy?.passwordFile, true),
    named(["tickets", "webhook", "secretFile"], tickets?.webhook?.secretFile, true),
    named(["lens", "clientIdFile"], lens?.clientIdFile, true),
    named(["lens", "clientSecretFile"], lens?.clientSecretFile, true),
    named(["lens", "caFile"], lens?.caFile, false),
    named(["coverage", "portal", "tokenFile"], coverage?.portal?.tokenFile, true),
    named(["provisioning", "upstream", "passwordFile"], provisioning?.upstream?.passwordFile, true),
    named(["provisioning", "upstream", "caFile"], provisioning?.upstream?.caFile, false),
    named(["provisioning", "tls", "certFile"], provisioning?.tls?.certFile, false),
    named(["provisioning", "tls", "keyFile"], provisioning?.tls?.keyFile, true),
    named(["provisioning", "tls", "clientRootsFile"], provisioning?.tls?.clientRootsFile, false),
    named(["provisioning", "credentials", "passwordFile"], provisioning?.credentials?.passwordFile, true),
    named(["channel", "rootFile"], channel?.rootFile, false),
    named(["firmware", "sources", "portal", "passwordFile"], portal?.passwordFile, true),
    named(["firmware", "sources", "portal", "caFile"], portal?.caFile, false),
    named(["firmware", "sources", "vendorCatalogue", "caFile"], vendorCatalogue?.caFile, false),
  ];
  return files.filter((file) => file !== undefined);
}

function secretsOf(one: CredentialSetting, at: readonly PathPart[]): (NamedFile | undefined)[] {
  switch (one.kind) {
    case "password":
      return [named([...at, "passwordFile"], one.passwordFile, true)];
    case "certificate":
      return [named([...at, "certFile"], one.certFile, false), named([...at, "keyFile"], one.keyFile, true)];
    case "community":
      return [named([...at, "communityFile"], one.communityFile, true)];
    case "usm":
      return [named([...at, "auth", "keyFile"], one.auth?.keyFile, true), named([...at, "priv", "keyFile"], one.priv?.keyFile, true)];
  }
}

function named(at: readonly PathPart[], path: string | undefined, secret: boolean): NamedFile | undefined {
  return path === undefined ? undefined : { at, path, secret };
}

/** One secret from its file. A single line end at its end is not part of it; an empty file is no secret. */
export async function readSecret(path: string, io: ConfigIo): Promise<{ ok: true; secret: Secret } | { ok: false; why: string }> {
  const file = await io.readText(path, SECRET_BYTES_MAX);
  if (!file.ok) return file;
  const text = file.text.replace(/\r?\n$/, "");
  return text === "" ? { ok: false, why: `"${path}" is empty` } : { ok: true, secret: new Secret(text) };
}

/** The credentials with their secrets, or every reason why one cannot be read. */
export async function readCredentials(
  settings: readonly CredentialSetting[],
  io: ConfigIo,
): Promise<{ ok: true; credentials: Credential[] } | { ok: false; problems: Problem[] }> {
  const problems: Problem[] = [];
  const refuse = (at: readonly PathPart[], what: string): void => void problems.push({ level: "error", path: showPath(at), what });
  const read: Reader = {
    async secret(path, at) {
      const file = await readSecret(path, io);
      if (!file.ok) refuse(at, file.why);
      return file.ok ? file.secret : new Secret("");
    },
    async open(path, at) {
      const file = await io.readText(path, OPEN_BYTES_MAX);
      if (!file.ok) refuse(at, file.why);
      return file.ok ? file.text : "";
    },
  };
  const credentials: Credential[] = [];
  for (const [i, one] of settings.entries()) credentials.push(await withSecrets(one, ["credentials", i], read));
  return problems.length === 0 ? { ok: true, credentials } : { ok: false, problems };
}

/** Reads a file that the setting at `at` names; what cannot be read is noted, and its text is empty. */
interface Reader {
  secret(path: string, at: readonly PathPart[]): Promise<Secret>;
  open(path: string, at: readonly PathPart[]): Promise<string>;
}

async function withSecrets(one: CredentialSetting, at: readonly PathPart[], read: Reader): Promise<Credential> {
  switch (one.kind) {
    case "password": {
      const { kind, id, user, families } = one;
      const password = await read.secret(one.passwordFile, [...at, "passwordFile"]);
      return { kind, id, user, password, ...(families === undefined ? {} : { families }) };
    }
    case "certificate": {
      const { kind, id, families } = one;
      const certificate = await read.open(one.certFile, [...at, "certFile"]);
      const key = await read.secret(one.keyFile, [...at, "keyFile"]);
      return { kind, id, certificate, key, ...(families === undefined ? {} : { families }) };
    }
    case "community":
      return { kind: one.kind, id: one.id, community: await read.secret(one.communityFile, [...at, "communityFile"]) };
    case "usm": {
      const { kind, id, user, auth, priv } = one;
      const authKey = auth && { auth: { protocol: auth.protocol, key: await read.secret(auth.keyFile, [...at, "auth", "keyFile"]) } };
      const privKey = priv && { priv: { protocol: priv.protocol, key: await read.secret(priv.keyFile, [...at, "priv", "keyFile"]) } };
      return { kind, id, user, ...authKey, ...privKey };
    }
  }
}
