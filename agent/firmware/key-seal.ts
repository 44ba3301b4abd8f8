/**
 * How key codes are kept and how they come in: sealed at rest under a key made from the agent's own, and sealed on their way to a
 * key only the agent has. Nobody between the command line and the database sees one, the record of commands included.
 */
import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from "node:crypto";
import type { KeyFor } from "../../firmware/key-codes.ts";
import { Secret } from "../../protocols/core/secret.ts";
import type { KeyCodeRow, KeyCodes } from "../../store/key-codes.ts";
import { type Parcel, seal, unpack, unseal } from "../config-watch/seal.ts";

/** Both made from the agent's key: where that is gone, so are the codes. */
export interface KeyCodeKeys {
  /** Hex. */
  readonly seal: string;
  readonly receiver: { readonly privateKey: KeyObject; readonly publicKey: string };
}

const BYTES = 32;
/** What stands before the 32 bytes of an X25519 private key in PKCS #8. Source: RFC 8410, 7. */
const X25519_HEAD = Buffer.from("302e020100300506032b656e04220420", "hex");

/** @param agentKey the private key of the agent */
export function keyCodeKeysFrom(agentKey: KeyObject): KeyCodeKeys {
  const secret = agentKey.export({ format: "der", type: "pkcs8" });
  const derive = (purpose: string): Buffer => Buffer.from(hkdfSync("sha256", secret, "", `groundswell key codes: ${purpose}`, BYTES));
  const privateKey = createPrivateKey({ key: Buffer.concat([X25519_HEAD, derive("receive")]), format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(privateKey).export({ format: "jwk" }).x ?? "";
  return { seal: derive("seal").toString("hex"), receiver: { privateKey, publicKey } };
}

/** Bound into the seal: a code put at another serial number or release does not open. */
const aboutCode = ({ serial, release }: Pick<KeyCodeRow, "serial" | "release">): string => JSON.stringify(["key code", serial, release]);
/** Bound into a parcel. */
export const aboutParcel = (file: string): string => JSON.stringify(["key codes", file]);

export function sealCode(row: Pick<KeyCodeRow, "serial" | "release">, code: Secret, keys: KeyCodeKeys): Buffer {
  return seal(Buffer.from(code.reveal()), aboutCode(row), keys);
}

/** The code of a serial number for a release; `undefined` where none is kept, or it was sealed with another key of the agent. */
export function keyCodeOf(
  serial: string,
  release: KeyFor,
  io: { readonly kept: KeyCodes; readonly keys: KeyCodeKeys },
): Secret | undefined {
  const sealed = io.kept.sealed(serial, release);
  const opened = sealed === undefined ? undefined : unseal(sealed, aboutCode({ serial, release }), io.keys);
  return opened === undefined ? undefined : new Secret(opened.toString("utf8"));
}

/** What a parcel held; `undefined` where it was made for somebody else or changed on its way. */
export function openParcel(parcel: Parcel, file: string, keys: KeyCodeKeys): Buffer | undefined {
  return unpack(parcel, aboutParcel(file), keys.receiver.privateKey);
}
