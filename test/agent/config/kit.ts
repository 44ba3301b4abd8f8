/** Settings in a real folder, and what the agent says of them. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ConfigIo, fileConfigIo } from "../../../agent/config/files.ts";
import { type Loaded, loadConfig } from "../../../agent/config/load.ts";
import type { Problem } from "../../../agent/config/problem.ts";
import type { Config } from "../../../agent/config/schema.ts";
import { temporaryFolder } from "../../store/temporary.ts";

export const SITE_LINES = ["site:", "  id: zug-01", "  name: Zug"];

export interface Given {
  readonly folder: string;
  readonly path: string;
  load(): Promise<Loaded>;
  /** The problems of settings that are refused. */
  problems(): Promise<readonly Problem[]>;
  /** The settings; throws where there are problems. */
  config(): Promise<Config>;
}

/** A settings file with these lines below the site's, and other files by name; secrets get mode 0600. */
export function given(lines: readonly string[], files: Readonly<Record<string, string>> = {}, env: ConfigIo["env"] = {}): Given {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, 0o600);
  }
  const path = join(folder, "groundswell.yaml");
  writeFileSync(path, [...SITE_LINES, ...lines].join("\n"));
  const load = (): Promise<Loaded> => loadConfig(path, fileConfigIo(env));
  return {
    folder,
    path,
    load,
    async problems() {
      const loaded = await load();
      return loaded.ok ? [] : loaded.problems;
    },
    async config() {
      const loaded = await load();
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
      return loaded.config;
    },
  };
}
