/** Fills the folder of an agent, then dies as by a kill. Arguments: folder, devices, bytes of images. Prints one line of JSON. */
import { writeSync } from "node:fs";
import { fillKilled } from "./site.ts";

const [folder = "", devices = 0, imageBytes = 0] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
writeSync(1, `${JSON.stringify(fillKilled(folder, devices, imageBytes, Date.now()))}\n`);
process.kill(process.pid, "SIGKILL");
