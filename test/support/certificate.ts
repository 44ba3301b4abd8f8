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

/** What stands in a certificate, as DER. Throws where it does not read. */
export function signedCertificate(
  content: { readonly name: Buffer; readonly validity: Buffer; readonly extensions: readonly Buffer[] },
  { publicKey, privateKey }: Keys,
): X509Certificate {
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ECDSA_SHA256,
    content.name,
    content.validity,
    content.name,
    publicKey.export({ type: "spki", format: "der" }),
    ...content.extensions,
  );
  const signature = der(0x03, Buffer.from([0]), sign("sha256", toBeSigned, privateKey));
  return new X509Certificate(sequence(toBeSigned, ECDSA_SHA256, signature));
}

/** `subject` as `CN=64167faabbcc, O=Polycom Inc.`; an expired certificate has `notAfterMs` in the past. */
export function makeCertificate(subject: string, notAfterMs = Date.UTC(2030, 0, 1), ipv4?: string): MadeCertificate {
  const name = sequence(
    ...subject.split(", ").map((part) => {
      const [key = "", value = ""] = part.split("=");
      return der(0x31, sequence(oid(ATTRIBUTES[key] ?? ""), text(value)));
    }),
  );
  const validity = sequence(moment(Date.UTC(2020, 0, 1)), moment(notAfterMs));
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const made = signedCertificate({ name, validity, extensions: ipv4 === undefined ? [] : [alternativeName(ipv4)] }, keys);
  return {
    cert: made.toString(),
    key: keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    fingerprint: made.fingerprint256.replaceAll(":", "").toLowerCase(),
    notAfterMs,
  };
}
