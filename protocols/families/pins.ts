/**
 * What a device once proved itself with: the first host key or factory certificate seen with its MAC stays its own until a
 * person says otherwise. Certificates of other kinds change with a reset and are not kept. Source: protocols/video.md 2.
 */

export interface PinRow {
  /** MAC: an address moves. */
  readonly device: string;
  readonly via: "tls" | "ssh";
  /** SHA-256: lower-case hex of a certificate, `SHA256:…` as OpenSSH prints a host key. */
  readonly fingerprint: string;
}

/** What a transport must see: its pin where one is on record, or where only a pin will do. */
export function trustBy(target: { readonly trust: "any" | "pin" | "first" }, pin: string | undefined): "any" | "pin" {
  if (target.trust !== "first") return target.trust;
  return pin === undefined ? "any" : "pin";
}

export interface Pins {
  of(device: string): { readonly tlsFingerprint?: string; readonly sshFingerprint?: string };
  /** The first one stays. */
  keep(row: PinRow): void;
  /** Its certificate is none that is kept: it is not looked at for that again before the agent starts anew. */
  leave(device: string): void;
  isLeft(device: string): boolean;
  /** A person trusts what it shows next. */
  forget(device: string): void;
}

/** Two of each device of the largest site, twice over; the oldest go first. */
const ROWS_MAX = 40_000;

/** @param tell  called with every row that is new, to be saved */
export function createPins(saved: readonly PinRow[] = [], tell: (row: PinRow) => void = () => undefined): Pins {
  const rows = new Map<string, PinRow>();
  const left = new Set<string>();
  const key = (device: string, via: PinRow["via"]): string => `${via} ${device}`;
  const put = (row: PinRow): void => {
    rows.set(key(row.device, row.via), row);
    const oldest = rows.keys().next();
    if (rows.size > ROWS_MAX && !oldest.done) rows.delete(oldest.value);
  };
  for (const row of saved) put(row);
  return {
    of(device) {
      const tls = rows.get(key(device, "tls"));
      const ssh = rows.get(key(device, "ssh"));
      return {
        ...(tls === undefined ? {} : { tlsFingerprint: tls.fingerprint }),
        ...(ssh === undefined ? {} : { sshFingerprint: ssh.fingerprint }),
      };
    },
    keep(row) {
      if (rows.has(key(row.device, row.via))) return;
      put(row);
      tell(row);
    },
    leave(device) {
      left.add(device);
      const oldest = left.values().next();
      if (left.size > ROWS_MAX && !oldest.done) left.delete(oldest.value);
    },
    isLeft: (device) => left.has(device),
    forget(device) {
      left.delete(device);
      for (const via of ["tls", "ssh"] as const) rows.delete(key(device, via));
    },
  };
}
