/** Servers in the settings of devices: an address, a name, or a URL. Pure. */

/**
 * Host or address of a server setting, without scheme, password, port and path; an unset address is none.
 * Source: protocols/provisioning.md 2 (`scheme://user:password@host:port/path`).
 */
export function hostOf(text: string): readonly string[] {
  const host = text
    .trim()
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, "")
    .replace(/^[^/@]*@/, "")
    .replace(/[/?].*$/, "")
    .replace(/^([^:]+):\d+$/, "$1");
  return host === "" || host === "0.0.0.0" ? [] : [host.slice(0, 120)];
}
