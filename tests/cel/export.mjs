// SPDX-License-Identifier: Apache-2.0
// The test data of the CEL specification, from the package into one JSON file for the C runner:
// every case flat, types as texts, and the reason where a case needs what this engine leaves out.
//     node export.mjs <folder with node_modules> <file to write>
import fs from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';

const [folder, target] = process.argv.slice(2);
const data = path.join(folder, 'node_modules/@bufbuild/cel-spec/dist/esm/testdata');
const load = async (name) => (await import(pathToFileURL(path.join(data, name + '.js')))).tests;

const primitives = {BOOL: 'bool', INT64: 'int', UINT64: 'uint', DOUBLE: 'double', STRING: 'string', BYTES: 'bytes'};
const times = {'google.protobuf.Timestamp': 'timestamp', 'google.protobuf.Duration': 'duration'};

class Foreign extends Error {}

// A type of the data as the text that cel_type_text writes; opaque types are collected.
function typeText(t, opaques) {
  if ('primitive' in t) return primitives[t.primitive];
  if ('dyn' in t) return 'dyn';
  if ('null' in t) return 'null_type';
  if ('type' in t) return 'type';
  if ('typeParam' in t) return t.typeParam;
  if ('listType' in t) return `list(${typeText(t.listType.elemType ?? {dyn: {}}, opaques)})`;
  if ('mapType' in t) {
    return `map(${typeText(t.mapType.keyType, opaques)}, ${typeText(t.mapType.valueType, opaques)})`;
  }
  if ('wellKnown' in t && t.wellKnown in {TIMESTAMP: 0, DURATION: 0}) return t.wellKnown.toLowerCase();
  if ('messageType' in t && t.messageType in times) return times[t.messageType];
  if ('abstractType' in t) {
    const params = (t.abstractType.parameterTypes ?? []).map((p) => typeText(p, opaques));
    if (t.abstractType.name !== 'optional_type') opaques[t.abstractType.name] = params.length;
    return t.abstractType.name + (params.length ? `(${params.join(', ')})` : '');
  }
  throw new Foreign('wrapper' in t ? 'wrapper type' : 'protobuf message');
}

function valueReason(v) {
  if (!v || typeof v !== 'object') return null;
  if (v.objectValue) {
    const kind = v.objectValue['@type'].split('/').pop();
    return kind in times ? null : 'protobuf message';
  }
  if (v.enumValue) return 'enum';
  for (const key in v) {
    const reason = valueReason(v[key]);
    if (reason) return reason;
  }
  return null;
}

function exprReason(expr) {
  if (/\bcel\.(block|index|iterVar)\b/.test(expr)) return 'block extension (the form optimisers write)';
  if (/\bproto\.(has|get)Ext\b/.test(expr)) return 'protobuf message';
  if (/TestAllTypes|NestedTestAllTypes|TestRequired|GlobalEnum|NestedEnum|\bTestMsg\b/.test(expr)) {
    return /Enum/.test(expr) ? 'enum' : 'protobuf message';
  }
  if (/google\.protobuf\.(?!Timestamp\b|Duration\b)/.test(expr) || /\b(Any|Value|Struct|ListValue|\w+Value)\s*\{/.test(expr)) {
    return /(Int|UInt|Bool|String|Bytes|Double|Float)\d*Value/.test(expr) ? 'wrapper type' : 'protobuf message';
  }
  if (/google\.protobuf\.(Timestamp|Duration)\s*\{/.test(expr)) return 'protobuf message';
  return null;
}

// Variables, functions and types of a case, or the reason it cannot be run.
function convert(o) {
  const out = {variables: [], functions: [], opaques: {}};
  const reason = exprReason(o.expr) ?? valueReason(o.value) ?? valueReason(o.bindings) ??
      valueReason(o.typedResult?.result) ?? (o.container ? 'container' : null);
  try {
    for (const d of o.typeEnv ?? []) {
      if (d.ident) out.variables.push({name: d.name, type: typeText(d.ident.type, out.opaques)});
      for (const f of d.function?.overloads ?? []) {
        out.functions.push({name: d.name, receiver: f.isInstanceFunction ?? false,
          params: (f.params ?? []).map((p) => typeText(p, out.opaques)), result: typeText(f.resultType, out.opaques)});
      }
    }
    if (o.typedResult?.deducedType) out.deduced = typeText(o.typedResult.deducedType, out.opaques);
  } catch (error) {
    if (!(error instanceof Foreign)) throw error;
    return {...out, reason: reason ?? error.message};
  }
  return {...out, reason};
}

// The package carries the expressions of comprehension.js without what they should give. They come
// from tables of its source: true ones first; then these, which are refused or fail when run.
const refused = /\bi\.[jk]\b|__result__|all\(i, i,|^\s*(1|'')\.|'bad filter'|\? \[v\] : v|\.transformMapEntry\(k, v, \[\]\)|i \/ 2\.0/;
const failing = /^\s*\[(1, 1|0, 0u)\]\.transformMapEntry/;
const unsaid = /i == 'a' \?|existsOne\(k, v, k == 'b'|\.exists\(k, v, k == 'b'|\[null, null/;

function suiteReason(section, t) {
  const error = t.error ?? '';
  if (section === 'parsing') {
    if (/recursion|lookahead limit/.test(error)) return 'a depth limit of the other parser';
    if (/unsupported syntax: '`'/.test(error)) return 'a switch this engine does not have (quoted names off)';
  }
  if (section === 'checking') {
    if (/_[<>]=?_' applied to '\((int|uint|double), (int|uint|double)\)/.test(error)) {
      return 'a switch this engine does not have (order across numeric types off)';
    }
    if ((t.original.typeEnv ?? []).some((d) => d.function && /^(base64\.|size$)/.test(d.name))) {
      return 'declares a standard function again';
    }
  }
  if (section === 'comprehension') {
    if (/\.sort\(\)/.test(t.original.expr)) return 'lists extension';
    if (/(^|[^.\w])[mxy]\.(all|exists|transformMap)|\b[xy]\[/.test(t.original.expr) && !/cel\.bind\(m/.test(t.original.expr)) {
      return 'names variables the data does not declare';
    }
    if (unsaid.test(t.original.expr)) return 'the data does not say what it gives';
  }
  return null;
}

function flatten(suite, section, into) {
  for (const t of suite.tests ?? []) {
    const o = t.original, c = convert(o);
    into.push({
      section, expr: o.expr, reason: c.reason ?? suiteReason(section, t), unchecked: o.disableCheck ?? false,
      check_only: o.checkOnly ?? false, variables: c.variables, functions: c.functions,
      opaques: c.opaques, bindings: Object.fromEntries(Object.entries(o.bindings ?? {}).map(([k, v]) => [k, v.value])),
      value: o.value ?? o.typedResult?.result ?? null, 
      fails: o.evalError !== undefined || (section === 'comprehension' && failing.test(o.expr)),
      refused: section === 'comprehension' && refused.test(o.expr),
      deduced: c.deduced ?? null, type: t.type?.replace(/\bnull\b/g, 'null_type') ?? null, parses: t.ast !== undefined,
      error: t.error ?? null,
    });
  }
  for (const s of suite.suites ?? []) flatten(s, section === '' ? s.name : section, into);
}

const conformance = [], checking = [], parsing = [], comprehension = [];
flatten(await load('conformance'), '', conformance);
flatten(await load('checking'), 'checking', checking);
flatten(await load('parsing'), 'parsing', parsing);
flatten(await load('comprehension'), 'comprehension', comprehension);
fs.writeFileSync(target, JSON.stringify({conformance, checking, parsing, comprehension}));
