/** Certificates that OpenSSL takes for a server and nobody sensible would make. */
import { generateKeyPairSync } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import { der, type Keys, oid, sequence, signedCertificate } from "../../support/certificate.ts";
import type { Story } from "./spoil.ts";

/** Common name, organisation, country, serial number, e-mail address, and one nobody knows. */
const ATTRIBUTES = ["550403", "55040a", "550406", "550405", "2a864886f70d010901", "2a0304"];
/** UTF8, Printable, IA5, BMP, Universal, T61, octets, bits. */
const STRINGS = [0x0c, 0x13, 0x16, 0x1e, 0x1c, 0x14, 0x04, 0x03];
const DATES = ["20300101000000Z", "99991231235959Z", "00000101000000Z", "20300101000000.5Z", "20301301000000Z"];
/** Room in a length of two octets for everything around it. */
const TEXT_BYTES = 8_000;
const TEXTS = ["64167FAABBCC", "64167faabbcc\u0000.example", "__proto__", "\n/CN=64167FAABBCC", "A".repeat(70), ""];

const keys: Keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
const key = keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString();

const pick = <T>(list: readonly T[], { random }: Story): T => list[random.below(list.length)] as T;

function nameOf(story: Story): Buffer {
  const parts = Array.from({ length: 1 + story.random.below(4) }, () => {
    const text = story.inside(Buffer.from(pick(TEXTS, story))).subarray(0, TEXT_BYTES);
    return der(0x31, sequence(oid(pick(ATTRIBUTES, story)), der(pick(STRINGS, story), text)));
  });
  return sequence(...parts);
}

function extensionsOf(story: Story): readonly Buffer[] {
  if (story.random.below(2) === 0) return [];
  const names = sequence(
    der(0x82, Buffer.from("phone.example")),
    der(0x87, Buffer.from([127, 0, 0, 1])),
    der(0x86, Buffer.from("http://x/")),
  );
  const access = sequence(sequence(oid("2b06010505073001"), der(0x86, Buffer.from("http://ocsp.example/\n"))));
  const one = (id: string, content: Buffer): Buffer => sequence(oid(id), der(0x04, story.inside(content).subarray(0, TEXT_BYTES)));
  return [der(0xa3, sequence(one("551d11", names), one("2b06010505070101", access)))];
}

/** `undefined` where OpenSSL does not take it. */
export function oddContext(story: Story): SecureContext | undefined {
  const validity = sequence(der(0x18, Buffer.from("20200101000000Z")), der(0x18, Buffer.from(pick(DATES, story))));
  try {
    const cert = signedCertificate({ name: nameOf(story), validity, extensions: extensionsOf(story) }, keys).toString();
    return createSecureContext({ cert, key });
  } catch {
    return undefined;
  }
}
