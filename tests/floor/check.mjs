// Reads {floor: {browser: version}, scripts: {name: source}, vendored: {name: source}, styles: source} as JSON and prints,
// as a JSON list, what is above that floor: JavaScript syntax, and Web APIs, CSS properties, values, selectors, and
// functions by MDN's browser-compat-data. Of vendored scripts it looks at the syntax only: they ask before they use an API.
//
// A member of an object that isn't known by name (`list.toSorted()`) is supported if any supported interface has it, or
// if the script defines that name itself. `thing.method?.()` asks before it calls, so it isn't reported.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parse } from "acorn";
import { ancestor, simple } from "acorn-walk";

const { api, css, javascript } = createRequire(import.meta.url)("@mdn/browser-compat-data");
const { floor, scripts, vendored, styles } = JSON.parse(readFileSync(0, "utf8"));
const SYNTAX = 2022; // all of it but class static blocks and lookbehind works in Safari 16
const types = { ...javascript.builtins.Intl, ...api, ...javascript.builtins };

const atMost = (version, limit) => {
  const [[a, b = 0], [c, d = 0]] = [version, limit].map((one) => String(one).replace("≤", "").split(".").map(Number));
  return a < c || (a === c && b <= d);
};
const inBrowser = (support, browser) => [support[browser] ?? []].flat().some((one) =>
  one.version_added && one.version_added !== "preview" && !one.version_removed && !one.flags && !one.prefix && !one.alternative_name && atMost(one.version_added, floor[browser]));
const supported = (entry) => !entry?.__compat || Object.keys(floor).every((browser) => inBrowser(entry.__compat.support, browser));
const later = (entry) => Object.keys(floor).some((browser) =>
  entry?.__compat && !inBrowser(entry.__compat.support, browser) && [entry.__compat.support[browser] ?? []].flat().some((one) => one.version_added));
const member = (type, name) => (Object.hasOwn(type, `${name}_static`) ? type[`${name}_static`] : Object.hasOwn(type, name) ? type[name] : null);

function memberOf(object, name) {
  const type = object.type === "Identifier" && Object.hasOwn(types, object.name) ? types[object.name] : null;
  if (type && member(type, name)) return [`${object.name}.${name}`, supported(member(type, name))];
  const known = Object.values(types).map((one) => member(one, name)).filter((one) => one?.__compat);
  return [name, !known.length || known.some(supported)];
}

const SYNTAX_NODES = (found) => ({
  StaticBlock: () => found.push("static {}"),
  Literal: ({ regex }) => /\(\?<[=!]/.test(regex?.pattern ?? "") && found.push("(?<=…)"),
});
const tree = (source) => parse(source, { ecmaVersion: SYNTAX, sourceType: "module" });

function inVendored(source) {
  const found = [];
  simple(tree(source), SYNTAX_NODES(found));
  return found;
}

function namesDefined(program) {
  const names = new Set();
  const key = ({ key: { name } }) => names.add(name);
  simple(program, {
    MethodDefinition: key, PropertyDefinition: key, Property: key,
    AssignmentExpression: ({ left }) => left.property && names.add(left.property.name),
    MemberExpression: ({ object, property }) => object.property?.name === "dataset" && names.add(property.name),
  });
  return names;
}

function inScript(source) {
  const found = [], program = tree(source), own = namesDefined(program);
  const asked = (node, parents) => parents.at(-2)?.type === "CallExpression" && parents.at(-2).optional && parents.at(-2).callee === node;
  ancestor(program, {
    ...SYNTAX_NODES(found),
    Identifier: ({ name }) => Object.hasOwn(types, name) && !supported(types[name]) && found.push(name),
    MemberExpression(node, _, parents) {
      if (node.computed || asked(node, parents)) return;
      const [name, fine] = memberOf(node.object, node.property.name);
      if (!fine && !own.has(name)) found.push(name);
    },
  });
  return found;
}

function inStyles(source) {
  const bare = source.replace(/"[^"]*"/g, '""').replace(/url\([^)]*\)/g, "");
  const properties = [...bare.matchAll(/[{;]([a-z][a-z-]*):([^;{}]*)(?=[;}])/g)];
  const selectors = [...bare.matchAll(/(?<!\\):{1,2}([a-z][a-z-]*)(?=[^;{}]*\{)/g)].map(([, name]) => name);
  const values = properties.map(([, name, value]) => [`${name}: ${value}`, name, css.properties[name]?.[value]]);
  const missing = (name) => later(css.properties[name]) && !bare.includes(`-webkit-${name}:`);
  const functions = [...bare.matchAll(/(?<![\w-])(light-dark|color-mix|oklch|oklab|lab|lch)\(/g)].map(([, name]) => `${name}()`);
  return [
    ...properties.filter(([, name]) => missing(name)).map(([, name]) => name),
    ...values.filter(([, name, entry]) => !missing(name) && later(entry)).map(([shown]) => shown),
    ...selectors.filter((name) => later(css.selectors[name])).map((name) => `:${name}`),
    ...functions,
  ];
}

const attempt = (work, source) => { try { return work(source); } catch (error) { return [error.message]; } };
const each = (sources, work) => Object.entries(sources).map(([name, source]) => [name, attempt(work, source)]);
const all = [...each(scripts, inScript), ...each(vendored, inVendored), ["styles", inStyles(styles)]];
process.stdout.write(JSON.stringify(all.flatMap(([name, found]) => [...new Set(found)].map((what) => [name, what]))));
