/**
 * Which settings are secret, by their name. When in doubt they are: a masked value still shows that it changed. Pure.
 */

/** Anywhere in the name. Source: protocols/uc-phones.md 5 to 7, protocols/video.md 3 and 4.1 (`password`, `community`, `key`), security.md. */
const ANYWHERE = /passw|passphrase|passcode|secret|credential|community|privatekey|presharedkey|sharedkey|psk\b|\bpwd\b|loginpin|userpin/i;
/** As the last word of the name. */
const LAST_WORDS = new Set(["key", "pin", "token", "psk", "pwd", "pass", "authorization", "cookie", "hash", "seed", "otp"]);
/** Written in one word in lower case: `softupdatekey`, `optionkey`, `adminpin`, `accesstoken`. */
const LAST_ENDING = /(?:key|token|pin|pwd)$/;
/** End so, and are none: keys of a keypad, and words of their own. */
const NO_SECRET_WORD = /(?:softkey|linekey|hotkey|funckey|functionkey|keypad|mapping|ping|spin)$/i;

/** Rules about secrets are none, as long as they say a number or yes and no. */
const RULE_WORDS =
  /^(?:length|min|max|minlength|maxlength|enable|enabled|required|attempts|history|expiration|age|interval|lower|upper|special|digits|count|repeat|set)$/i;
const RULE_VALUE = /^(?:\d{1,3}|true|false|yes|no|on|off)$/i;

const wordsOf = (segment: string): readonly string[] => segment.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? [];

/** @param value decides only for names that are rules about secrets (`sec.pwd.length`) */
export function isSecretKey(key: string, value: string): boolean {
  const segments = key.replaceAll(/\[\d+\]/g, "").split(".");
  const last = segments.at(-1) ?? "";
  const words = wordsOf(last);
  const lastWord = (words.at(-1) ?? "").toLowerCase();
  const isRule = RULE_WORDS.test(lastWord) && RULE_VALUE.test(value.trim());
  if (isRule) return false;
  if (ANYWHERE.test(key) || segments.some((segment) => wordsOf(segment).some((word) => /^(?:pwd|psk|pin)$/i.test(word)))) return true;
  if (NO_SECRET_WORD.test(last)) return false;
  return LAST_WORDS.has(lastWord) || LAST_ENDING.test(last.toLowerCase());
}

/** A key in PEM, whatever the setting is called. */
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
export const holdsPrivateKey = (value: string): boolean => PRIVATE_KEY.test(value);

/**
 * `scheme://user:password@host` is a documented form of a boot server. Source: protocols/provisioning.md 2. Greedy to the last `@`,
 * so that a password with an `@` or a slash of its own goes whole; a path with an `@` is masked for nothing.
 */
const IN_URL = /([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):(\S*)@/gi;
/** And as part of what is asked for. */
const IN_QUERY = /([?&;][\w-]*(?:passw(?:or)?d|pwd|pass|token|key|secret|pin)=)([^&;\s"]+)/gi;

export function withoutUrlPasswords(value: string, mask: (secret: string) => string): string {
  return value
    .replaceAll(IN_URL, (_, before: string, secret: string) => `${before}:${mask(secret)}@`)
    .replaceAll(IN_QUERY, (_, before: string, secret: string) => `${before}${mask(secret)}`);
}
