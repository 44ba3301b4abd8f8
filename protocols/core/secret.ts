import { inspect } from "node:util";

/** A password, key or community. Prints as `***` in every way JavaScript has of printing; `reveal` is the only way in. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return "***";
  }
  toJSON(): string {
    return "***";
  }
  [inspect.custom](): string {
    return "***";
  }
}

/** A user and password for one log-in. `id` names the credential in faults. */
export interface Login {
  readonly id: string;
  readonly user: string;
  readonly password: Secret;
}

/** What we show a TLS server that asks who we are: a certificate with its chain, and its key, both PEM. */
export interface ClientIdentity {
  readonly certificate: string;
  readonly key: Secret;
}

/** What we may log in with. `families` limits where it is tried; without it, everywhere the transport fits. */
export type Credential =
  | {
      readonly kind: "password";
      readonly id: string;
      readonly user: string;
      readonly password: Secret;
      readonly families?: readonly string[];
    }
  | ({ readonly kind: "certificate"; readonly id: string; readonly families?: readonly string[] } & ClientIdentity)
  | { readonly kind: "community"; readonly id: string; readonly community: Secret }
  | {
      readonly kind: "usm";
      readonly id: string;
      readonly user: string;
      readonly auth?: { readonly protocol: "md5" | "sha" | "sha256"; readonly key: Secret };
      readonly priv?: { readonly protocol: "des" | "aes" | "aes256"; readonly key: Secret };
    };
