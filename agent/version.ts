import { createRequire } from "node:module";

const read = createRequire(import.meta.url)("../package.json") as { readonly version: string };

/** The agent's own version, as its package says. */
export const AGENT_VERSION: string = read.version;
