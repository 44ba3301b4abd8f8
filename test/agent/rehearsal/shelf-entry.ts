/** A rehearsal's stores in the folder given, until it is killed. */
import { storeShelf } from "../../../agent/rehearsal/shelf.ts";

storeShelf(process.argv[2]).open(0);
process.stdout.write("open\n");
process.stdin.resume();
