/**
 * Credentials on their way between threads: plain on the wire inside the process, `Secret` on both sides.
 */
import { type Credential, Secret } from "../../protocols/core/secret.ts";
import type { LensAccount } from "../../protocols/lens/client.ts";
import type { PlainCredential, PlainLensAccount } from "./requests.ts";

export function plainOf(credential: Credential): PlainCredential {
  switch (credential.kind) {
    case "password":
      return { ...credential, password: credential.password.reveal() };
    case "certificate":
      return { ...credential, key: credential.key.reveal() };
    case "community":
      return { ...credential, community: credential.community.reveal() };
    case "usm": {
      const { auth, priv, ...rest } = credential;
      return {
        ...rest,
        ...(auth === undefined ? {} : { auth: { protocol: auth.protocol, key: auth.key.reveal() } }),
        ...(priv === undefined ? {} : { priv: { protocol: priv.protocol, key: priv.key.reveal() } }),
      };
    }
  }
}

export function credentialOf(plain: PlainCredential): Credential {
  switch (plain.kind) {
    case "password":
      return { ...plain, password: new Secret(plain.password) };
    case "certificate":
      return { ...plain, key: new Secret(plain.key) };
    case "community":
      return { ...plain, community: new Secret(plain.community) };
    case "usm": {
      const { auth, priv, ...rest } = plain;
      return {
        ...rest,
        ...(auth === undefined ? {} : { auth: { protocol: auth.protocol, key: new Secret(auth.key) } }),
        ...(priv === undefined ? {} : { priv: { protocol: priv.protocol, key: new Secret(priv.key) } }),
      };
    }
  }
}

export function plainAccountOf(account: LensAccount): PlainLensAccount {
  return { ...account, clientId: account.clientId.reveal(), clientSecret: account.clientSecret.reveal() };
}

export function accountOf(plain: PlainLensAccount): LensAccount {
  return { ...plain, clientId: new Secret(plain.clientId), clientSecret: new Secret(plain.clientSecret) };
}
