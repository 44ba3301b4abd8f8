import { againstNaive } from "./bench/store/against-naive.ts";
import { mainCalls } from "./bench/store/main-calls.ts";
import { buildYear } from "./bench/store/build.ts";
import { mkdtempSync, rmSync } from "node:fs";
const f=mkdtempSync("/tmp/gs-hb-");const say=(t:string)=>console.log(new Date().toISOString().slice(11,19),t);
try{ for(const r of [...(process.argv[2]!.includes("n")?await againstNaive(f,say):[]),...(process.argv[2]!.includes("m")?await mainCalls(f,say):[]),...(process.argv[2]!.includes("y")?await buildYear(f,{devices:50,days:400},say):[])]) console.log(r);} finally{rmSync(f,{recursive:true})}
