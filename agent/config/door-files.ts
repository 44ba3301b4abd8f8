/**
 * What the files of the provisioning endpoint's door hold: a password everybody knows, roots that are none, a key old phones cannot use.
 */
import { createPublicKey, type X509Certificate } from "node:crypto";
import { certificatesIn } from "../../protocols/provisioning/phone-certificate.ts";
import type { ConfigIo } from "./files.ts";
import { error, type Related, warning } from "./related.ts";
import type { Config } from "./schema.ts";

const BYTES_MAX = 1024 * 1024;
/** Source: protocols/provisioning.md 3 (`PlcmSpIp`, the same as the user); protocols/uc-phones.md 3 (456, and 123 of the user). */
const FACTORY_PASSWORDS = ["PlcmSpIp", "456", "123"];

/** What cannot be read is told elsewhere. */
export async function checkDoor({ provisioning }: Partial<Config>, io: ConfigIo): Promise<Related[]> {
  const { tls, credentials } = provisioning ?? {};
  const text = async (path: string | undefined): Promise<string | undefined> => {
    const file = path === undefined ? undefined : await io.readText(path, BYTES_MAX);
    return file?.ok === true ? file.text : undefined;
  };
  const found: Related[] = [];
  const password = (await text(credentials?.passwordFile))?.replace(/\r?\n$/, "");
  if (password !== undefined && (password === credentials?.user || isFactory(password))) {
    const what = "holds a password that everybody knows: phones come with it, or it is the user's name";
    found.push(warning(["provisioning", "credentials", "passwordFile"], what, "give phones another one, then write it here"));
  }
  const roots = await text(tls?.clientRootsFile);
  if (roots !== undefined) found.push(...rootsTrouble(roots));
  const shown = tls?.oldClients === true ? await text(tls.certFile) : undefined;
  if (shown !== undefined && keyKindOf(shown) === "ec") {
    const what = "has an elliptic key, which phones that know only TLS 1.0 may not take";
    found.push(warning(["provisioning", "tls", "certFile"], what, "order one with an RSA key"));
  }
  return found;
}

const isFactory = (password: string): boolean => FACTORY_PASSWORDS.some((one) => one.toLowerCase() === password.toLowerCase());

function rootsTrouble(pem: string): Related[] {
  const at = ["provisioning", "tls", "clientRootsFile"];
  const certificates = read(pem);
  if (certificates === undefined || certificates.length === 0) return [error(at, "holds no certificates in PEM form")];
  const other = certificates.find(({ ca }) => !ca);
  return other === undefined ? [] : [warning(at, `"${other.subject.replaceAll("\n", ", ")}" may sign no certificates`, "remove it")];
}

function read(pem: string): readonly X509Certificate[] | undefined {
  try {
    return certificatesIn(pem);
  } catch {
    return undefined;
  }
}

function keyKindOf(pem: string): string | undefined {
  try {
    return createPublicKey(pem).asymmetricKeyType;
  } catch {
    return undefined;
  }
}
