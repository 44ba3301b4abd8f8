/**
 * The certificate of the provisioning endpoint, read from its files, and again while it is served: a renewed one needs no restart.
 */
import type { Clock, Ms } from "../../protocols/core/time.ts";
import { certificatesIn } from "../../protocols/provisioning/phone-certificate.ts";
import type { TlsIdentity, TlsSetting } from "../../protocols/provisioning/tls.ts";
import { readPair } from "../config/client-certificate.ts";
import type { ConfigIo } from "../config/files.ts";
import { readSecret } from "../config/secrets.ts";
import type { DepotEvent, TlsFiles } from "./depot-requests.ts";

/** Renewals come weeks before the old one ends. Judgement. */
export const LOOK_EVERY_MS: Ms = 60_000;
const OPEN_BYTES_MAX = 1024 * 1024;

/** `notice` is what a person should know of a certificate that can be used. */
export type ReadTls =
  | { readonly ok: true; readonly identity: TlsIdentity; readonly notice?: string }
  | { readonly ok: false; readonly why: string };

export async function readTls(files: TlsFiles, io: ConfigIo): Promise<ReadTls> {
  const shown = await io.readText(files.certFile, OPEN_BYTES_MAX);
  if (!shown.ok) return shown;
  const key = await readSecret(files.keyFile, io);
  if (!key.ok) return key;
  const roots = files.clientRootsFile === undefined ? undefined : await io.readText(files.clientRootsFile, OPEN_BYTES_MAX);
  if (roots?.ok === false) return roots;
  if (roots !== undefined && !holdsCertificates(roots.text)) return { ok: false, why: `"${files.clientRootsFile}" holds no certificates` };
  const pair = readPair(shown.text, key.secret, io.nowMs());
  if (!pair.ok) return { ok: false, why: `"${files[pair.wrong]}" ${pair.why}` };
  const identity = { certificate: shown.text, key: key.secret, ...(roots === undefined ? {} : { clientRoots: roots.text }) };
  return { ok: true, identity, ...(pair.notice === undefined ? {} : { notice: `"${files.certFile}" ${pair.notice}` }) };
}

function holdsCertificates(pem: string): boolean {
  try {
    return certificatesIn(pem).length > 0;
  } catch {
    return false;
  }
}

/** As the endpoint wants it. Throws where the files cannot be used: the settings were checked just before. */
export async function firstTls(files: TlsFiles, io: ConfigIo): Promise<{ readonly setting: TlsSetting; readonly notice?: string }> {
  const read = await readTls(files, io);
  if (!read.ok) throw new Error(`Cannot serve over TLS: ${read.why}`);
  const { port, oldClients, clientCertificates } = files;
  const { ok: _, identity, ...notice } = read;
  return { setting: { ...identity, port, oldClients, clientCertificates }, ...notice };
}

const isSame = (a: TlsIdentity, b: TlsIdentity): boolean =>
  a.certificate === b.certificate && a.key.reveal() === b.key.reveal() && a.clientRoots === b.clientRoots;

export interface RenewalIo {
  readonly io: ConfigIo;
  readonly clock: Clock;
  /** Throws where it cannot be used. */
  renew(identity: TlsIdentity): void;
  tell(event: DepotEvent & { kind: "endpointCertificate" }): void;
}

/** Looks again and again until the signal; of each trouble and each notice it tells once. Files that are half written are trouble only for a while. */
export async function keepRenewed(
  files: TlsFiles,
  first: { readonly setting: TlsIdentity; readonly notice?: string },
  { io, clock, renew, tell }: RenewalIo,
  signal: AbortSignal,
): Promise<void> {
  let current: TlsIdentity = first.setting;
  let told = first.notice;
  if (told !== undefined) tell({ kind: "endpointCertificate", isRenewed: false, what: told });
  while (!signal.aborted) {
    await clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
    if (signal.aborted) return;
    const read = await readTls(files, io);
    const next = read.ok && !isSame(read.identity, current) ? read.identity : undefined;
    const unfit = next === undefined ? undefined : tryRenewal(next, renew);
    if (next !== undefined && unfit === undefined) current = next;
    const isRenewed = next !== undefined && unfit === undefined;
    const what = unfit ?? (read.ok ? read.notice : read.why);
    if (isRenewed || (what !== undefined && what !== told))
      tell({ kind: "endpointCertificate", isRenewed, ...(what === undefined ? {} : { what }) });
    told = what;
  }
}

/** Why it cannot be used: OpenSSL may find a key too weak that reads well. */
function tryRenewal(identity: TlsIdentity, renew: RenewalIo["renew"]): string | undefined {
  try {
    renew(identity);
    return undefined;
  } catch {
    return "the renewed certificate cannot be used for TLS";
  }
}
