import { createRequire } from "node:module";

const read = createRequire(import.meta.url)("../package.json")                                ;

/** The agent's own version, as its package says. */
export const AGENT_VERSION         = read.version;

//# sourceURL=file:///work/main/agent/version.ts