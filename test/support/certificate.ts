/** Certificates for loopback servers: made at once, self-signed, good for nothing else. Source: RFC 5280 4.1. */
import { generateKeyPairSync, type KeyObject, sign, X509Certificate } from "node:crypto";

export interface MadeCertificate {
  readonly cert: string;
  readonly key: string;
  /** SHA-256, lower-case hex. */
  readonly fingerprint: string;
  readonly notAfterMs: number;
}

export function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const long = body.length < 256 ? Buffer.from([0x81, body.length]) : Buffer.from([0x82, body.length >> 8, body.length & 255]);
  return Buffer.concat([Buffer.from([tag]), body.length < 128 ? Buffer.from([body.length]) : long, body]);
}
export const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
export const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, "hex"));
const text = (value: string): Buffer => der(0x0c, Buffer.from(value, "utf8"));
const moment = (atMs: number): Buffer => der(0x18, Buffer.from(new Date(atMs).toISOString().replaceAll(/[-:T]|\.\d+/g, "")));

const ATTRIBUTES: Readonly<Record<string, string>> = { CN: "550403", O: "55040a" };
const ECDSA_SHA256 = sequence(oid("2a8648ce3d040302"));

/** An IPv4 address as subjectAltName, for peers that are reached by it. */
function alternativeName(ipv4: string): Buffer {
  const names = sequence(der(0x87, Buffer.from(ipv4.split(".").map(Number))));
  return der(0xa3, sequence(sequence(oid("551d11"), der(0x04, names))));
}

export interface Keys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** Names, times and extensions as DER. */
export interface Content {
  readonly name: Buffer;
  readonly validity: Buffer;
  readonly extensions: readonly Buffer[];
  /** Absent where it signs itself. */
  readonly by?: { readonly name: Buffer; readonly key: KeyObject } | undefined;
}

/** A certificate of that content. Throws where it does not read. */
export function signedCertificate({ name, validity, extensions, by }: Content, { publicKey, privateKey }: Keys): X509Certificate {
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([by === undefined ? 1 : 2])),
    ECDSA_SHA256,
    by?.name ?? name,
    validity,
    name,
    publicKey.export({ type: "spki", format: "der" }),
    ...extensions,
  );
  const signature = der(0x03, Buffer.from([0]), sign("sha256", toBeSigned, by?.key ?? privateKey));
  return new X509Certificate(sequence(toBeSigned, ECDSA_SHA256, signature));
}

function nameOf(subject: string): Buffer {
  return sequence(
    ...subject.split(", ").map((part) => {
      const [key = "", value = ""] = part.split("=");
      return der(0x31, sequence(oid(ATTRIBUTES[key] ?? ""), text(value)));
    }),
  );
}

/** basicConstraints, critical: may sign others. */
const AUTHORITY = der(
  0xa3,
  sequence(sequence(oid("551d13"), der(0x01, Buffer.from([255])), der(0x04, sequence(der(0x01, Buffer.from([255])))))),
);

interface Making {
  readonly subject: string;
  readonly notAfterMs: number;
  readonly extensions?: Buffer | undefined;
  /** Absent where it signs itself. */
  readonly by?: { readonly subject: string; readonly key: KeyObject };
}

function make({ subject, notAfterMs, extensions, by }: Making): { readonly made: MadeCertificate; readonly key: KeyObject } {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const certificate = signedCertificate(
    {
      name: nameOf(subject),
      validity: sequence(moment(Date.UTC(2020, 0, 1)), moment(notAfterMs)),
      extensions: extensions === undefined ? [] : [extensions],
      by: by === undefined ? undefined : { name: nameOf(by.subject), key: by.key },
    },
    keys,
  );
  const made = {
    cert: certificate.toString(),
    key: keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    fingerprint: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
    notAfterMs,
  };
  return { made, key: keys.privateKey };
}

const LATER = Date.UTC(2030, 0, 1);

/** `subject` as `CN=64167faabbcc, O=Polycom Inc.`; an expired certificate has `notAfterMs` in the past. */
export function makeCertificate(subject: string, notAfterMs = LATER, ipv4?: string): MadeCertificate {
  return make({ subject, notAfterMs, extensions: ipv4 === undefined ? undefined : alternativeName(ipv4) }).made;
}

/** Signs certificates of others. */
export interface Authority {
  readonly cert: string;
  issue(subject: string, notAfterMs?: number, ipv4?: string): MadeCertificate;
  /** One below this one. */
  issueAuthority(subject: string): Authority;
}

export function makeAuthority(subject: string): Authority {
  return authorityOf(subject, undefined);
}

function authorityOf(subject: string, above: Making["by"]): Authority {
  const { made, key } = make({ subject, notAfterMs: LATER, extensions: AUTHORITY, ...(above === undefined ? {} : { by: above }) });
  return {
    cert: made.cert,
    issueAuthority: (name) => authorityOf(name, { subject, key }),
    issue: (name, notAfterMs = LATER, ipv4) =>
      make({
        subject: name,
        notAfterMs,
        extensions: ipv4 === undefined ? undefined : alternativeName(ipv4),
        by: { subject, key },
      }).made,
  };
}
