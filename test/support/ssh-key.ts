/** Host keys for SSH servers of tests. */
import ssh2 from "ssh2";

/** Made anew where it cannot be read back: the library writes one key in some two hundred so (1.17.0). */
export function makeSshKey(): string {
  for (;;) {
    const made = ssh2.utils.generateKeyPairSync("ed25519").private;
    if (!(ssh2.utils.parseKey(made) instanceof Error)) return made;
  }
}
