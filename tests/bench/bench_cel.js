// SPDX-License-Identifier: Apache-2.0
// The same expressions over the same facts in two engines of npm, parsed and planned once.
//     node bench_cel.js <folder with node_modules> <file: {facts, expressions: [{name, expr}]}>
// Prints one line each: engine, evaluations a second (0: the engine cannot run it), name.
import fs from 'node:fs';
import path from 'node:path';
import {createRequire} from 'node:module';

const [folder, file] = process.argv.slice(2);
const require = createRequire(path.resolve(folder, 'package.json'));
const {facts, expressions} = JSON.parse(fs.readFileSync(file, 'utf8'));
const SECONDS = 0.5;

// Whole numbers are ints in CEL; @bufbuild/cel takes bigint for them.
function withBigints(v) {
  if (typeof v === 'number') return Number.isInteger(v) ? BigInt(v) : v;
  if (Array.isArray(v)) return v.map(withBigints);
  if (v && typeof v === 'object') return new Map(Object.entries(v).map(([k, x]) => [k, withBigints(x)]));
  return v;
}

// cel-js compares numbers with numbers.
const engines = {
  '@bufbuild/cel': () => {
    const {celEnv, parse, plan} = require('@bufbuild/cel');
    const {strings} = require('@bufbuild/cel/ext');
    const env = celEnv({funcs: strings});
    const bound = Object.fromEntries(withBigints(facts));
    return (expr) => {
      const run = plan(env, parse(expr));
      return () => run(bound);
    };
  },
  'cel-js': () => {
    const {parse, evaluate} = require('cel-js');
    return (expr) => {
      const parsed = parse(expr);
      if (!parsed.isSuccess) throw new Error('not parsed');
      return () => evaluate(parsed.cst, facts);
    };
  },
};

function rate(run) {
  const wanted = run();
  if (typeof wanted !== 'boolean') throw new Error(`no bool: ${wanted}`);
  for (const end = performance.now() + 200; performance.now() < end;) run();
  let count = 0;
  const start = performance.now();
  let now = start;
  while (now - start < SECONDS * 1000) {
    for (let i = 0; i < 100; i++) run();
    count += 100;
    now = performance.now();
  }
  return {rate: Math.round((count * 1000) / (now - start)), value: wanted};
}

for (const [name, load] of Object.entries(engines)) {
  let prepare;
  try {
    prepare = load();
  } catch (error) {
    console.error(`# ${name} is not installed`);
    continue;
  }
  for (const e of expressions) {
    try {
      const measured = rate(prepare(e.expr));
      console.log(`${name} ${measured.rate} ${measured.value} ${e.name}`);
    } catch (error) {
      console.log(`${name} 0 - ${e.name}`);
    }
  }
}
