/**
 * Remembers which calls a firmware does not have (code 4004): it is not asked again on any device of that model and version.
 * Source: protocols/uc-phones.md 3, envelope and codes.
 */

/** Where one firmware stands for many devices. */
export interface Firmware {
  readonly model: string;
  readonly version: string;
}

export interface Unsupported {
  lacks(firmware: Firmware, path: string): boolean;
  note(firmware: Firmware, path: string): void;
}

/** A site has some tens of models and versions, each lacking a handful; the oldest go first. */
const ENTRIES_MAX = 2_000;

export function createUnsupported(): Unsupported {
  const known = new Set<string>();
  const key = ({ model, version }: Firmware, path: string): string => JSON.stringify([model, version, path]);
  return {
    lacks: (firmware, path) => known.has(key(firmware, path)),
    note(firmware, path) {
      known.add(key(firmware, path));
      const oldest = known.values().next();
      if (known.size > ENTRIES_MAX && !oldest.done) known.delete(oldest.value);
    },
  };
}
