// The rule language on the phone: runs what rule_json() of src/rule/rule_json.c made of rules.
// Gives the same answers as src/rule/run.c (src/rule/rule_same_test.c compares them).
//
//   runRule(program, data, { day, year, wholeAreas })
//
// program  the JSON, parsed: its form is described in rule_json.c
// data     { area: [ROW], household: [ROW], person: [ROW] }; a level may be left out, a single
//          ROW may stand without brackets. For one household: its area, itself, its people.
//   ROW    { parent: 0, values: { 'house_m2': 8050, 'income.wages': [1200000, null], … } }
//          parent: the place of its household (of a person) or area (of a household), from 0;
//          0 when left out. values: what is known, by the program's names. A list holds this
//          year's, last year's, … Each is null (missing) or an integer (number, BigInt or text
//          of digits): decimals scaled (80.50 with 2 decimals is 8050), money in its smallest
//          unit, codes, sets of codes as bits, days since 1970-01-01, months as
//          year * 12 + month - 1, booleans 0 and 1 (or false and true).
//          Thresholds stand at any level: a row's own, else its parent's.
// day, year     today (days since 1970-01-01) and the year of the data
// wholeAreas    true: every household of the areas is in data. Without it, what is counted or
//               summed over the households of an area is missing, never a part of it.
//
// Returns, root by root, a list with one value per row of the root's level: BigInt, or null
// where it is missing; 1n and 0n are true and false.
'use strict';

const RULE_MAX = 9223372036854775807n; // the range of C's int64_t, less its missing value
const RULE_LEVELS = ['area', 'household', 'person'];

const ruleFit = (n) => (n > RULE_MAX || n < -RULE_MAX ? null : n);
const ruleAbs = (n) => (n < 0n ? -n : n);
const rulePower = (k) => 10n ** k;
const ruleBool = (truth) => (truth ? 1n : 0n);

// n / d, halves away from zero.
function ruleDivide(n, d) {
  const rest = n % d;
  const quotient = n / d;
  if (2n * ruleAbs(rest) < ruleAbs(d)) return quotient;
  return (n < 0n) === (d < 0n) ? quotient + 1n : quotient - 1n;
}

// A day since 1970-01-01 as [year, month from 1, day]. Source: Hinnant, civil_from_days. Days
// beyond two million years are held at that.
const ruleHeld = (n, most) => (n > most ? most : n < -most ? -most : n);
function ruleDate(day) {
  const z = ruleHeld(day, 700000000n) + 719468n;
  const era = (z >= 0n ? z : z - 146096n) / 146097n;
  const ofEra = z - era * 146097n;
  const year = (ofEra - ofEra / 1460n + ofEra / 36524n - ofEra / 146096n) / 365n;
  const ofYear = ofEra - (365n * year + year / 4n - year / 100n);
  const m = (5n * ofYear + 2n) / 153n;
  const month = m < 10n ? m + 3n : m - 9n;
  return [year + era * 400n + ruleBool(month <= 2n), month, ofYear - (153n * m + 2n) / 5n + 1n];
}
function ruleDay(year, month, day) {
  const y = month <= 2n ? year - 1n : year;
  const era = (y >= 0n ? y : y - 399n) / 400n;
  const ofEra = y - era * 400n;
  const ofYear = (153n * (month > 2n ? month - 3n : month + 9n) + 2n) / 5n + day - 1n;
  return era * 146097n + ofEra * 365n + ofEra / 4n - ofEra / 100n + ofYear - 719468n;
}
// Today, `back` years earlier: 29 February becomes 28 February where there is none.
function ruleToday(today, back) {
  const [year, month, day] = ruleDate(today);
  const there = ruleDay(year - back, month, day);
  return ruleDate(there)[1] === month ? there : there - 1n;
}
// Full months from date x to date y; counted backwards when y is before x.
function ruleMonths([y1, m1, d1], [y2, m2, d2]) {
  const months = (y2 - y1) * 12n + m2 - m1;
  const before = months < 0n || (months === 0n && d2 < d1);
  if (before) return months + ruleBool(d2 > d1);
  return months - ruleBool(d2 < d1);
}
// The first day of a month (year * 12 + month - 1) as a date.
function ruleFirst(month) {
  const m = ruleHeld(month, 24000000n);
  const year = (m >= 0n ? m : m - 11n) / 12n;
  return [year, m - year * 12n + 1n, 1n];
}

// Instructions that make a value of those of a, b in the same row; never called with a missing.
const RULE_PLAIN = {
  neg: (a) => -a,
  abs: (a) => ruleAbs(a),
  up: (a, b, k) => ruleFit(a * rulePower(k)),
  round: (a, b, k) => ruleDivide(a, rulePower(k)),
  not: (a) => 1n - a,
  has_any: (a, b, k) => ruleBool((a & k) !== 0n),
  has_all: (a, b, k) => ruleBool((a & k) === k),
  month_of: (a) => { const [year, month] = ruleDate(a); return year * 12n + month - 1n; },
  add: (a, b) => ruleFit(a + b),
  sub: (a, b) => ruleFit(a - b),
  mul: (a, b) => ruleFit(a * b),
  div: (a, b, k) => (b === 0n ? null : ruleFit(ruleDivide(a * rulePower(k), b))),
  min: (a, b) => (a < b ? a : b),
  max: (a, b) => (a > b ? a : b),
  eq: (a, b) => ruleBool(a === b),
  ne: (a, b) => ruleBool(a !== b),
  lt: (a, b) => ruleBool(a < b),
  le: (a, b) => ruleBool(a <= b),
  years: (a, b) => ruleMonths(ruleDate(a), ruleDate(b)) / 12n,
  months: (a, b, k) =>
    ruleMonths(k & 1n ? ruleFirst(a) : ruleDate(a), k & 2n ? ruleFirst(b) : ruleDate(b)),
};

// Three-valued logic, and what looks at a missing value.
const ruleAnd = (a, b) => (a === 0n || b === 0n ? 0n : a === null || b === null ? null : 1n);
const ruleOr = (a, b) => (a === 1n || b === 1n ? 1n : a === null || b === null ? null : 0n);
const ruleNot = (a) => (a === null ? null : 1n - a);
const RULE_LOOKING = {
  and: ruleAnd,
  or: ruleOr,
  missing: (a) => ruleBool(a === null),
  if: (a, b, c) => (a === null ? null : a === 1n ? b : c),
  first: (a, b) => (a === null ? b : a),
};

// Folds: children are [value, condition], the condition 1n where there is none.
const ruleKnown = (children) =>
  children.filter(([value, chosen]) => chosen === 1n && value !== null).map(([value]) => value);
const RULE_FOLDS = {
  count: (children) => BigInt(children.filter(([, chosen]) => chosen === 1n).length),
  sum: (children) => {
    const known = ruleKnown(children);
    if (known.length === 0 && children.some(([, chosen]) => chosen === 1n)) return null;
    return ruleFit(known.reduce((all, value) => all + value, 0n));
  },
  least: (children) => ruleKnown(children).reduce((m, v) => (m === null || v < m ? v : m), null),
  most: (children) => ruleKnown(children).reduce((m, v) => (m === null || v > m ? v : m), null),
  any: (children) => children.reduce((all, [, chosen]) => ruleOr(all, chosen), 0n),
  all: (children) =>
    children.reduce((all, [value, chosen]) => ruleAnd(all, ruleOr(ruleNot(chosen), value)), 1n),
};

function ruleRows(data, level) {
  const rows = data[RULE_LEVELS[level]];
  return Array.isArray(rows) ? rows : rows ? [rows] : [];
}

// What a row of a level knows of a name, `back` years earlier.
function ruleLoad(rows, level, row, name, back) {
  let at = level;
  let r = row;
  const up = () => { r = rows[at][r].parent || 0; at -= 1; };
  while (at > RULE_LEVELS.indexOf(name.level)) up();
  const has = () => rows[at][r] && Object.prototype.hasOwnProperty.call(rows[at][r].values, name.name);
  while (name.table === 'threshold' && at > 0 && !has()) up();
  if (!has()) return null;
  const value = rows[at][r].values[name.name];
  const one = Array.isArray(value) ? value[back] : back === 0 ? value : null;
  return one === null || one === undefined ? null : BigInt(one);
}

function runRule(program, data, { day, year, wholeAreas = false }) {
  if (program.version !== 1) throw new Error(`rules of version ${program.version} are not known`);
  const rows = [0, 1, 2].map((level) => ruleRows(data, level));
  const children = rows.map((own, level) => own.map(() => []));
  for (const level of [1, 2])
    rows[level].forEach((row, i) => (children[level - 1][row.parent || 0] || []).push(i));
  const sets = program.sets.map((set) => new Set(set.map(BigInt)));
  const lanes = [];
  const lane = (at, row) => (at < 0 ? null : lanes[at][row]);

  // One function per instruction: from a row's place to its value.
  function instruction([op, level, a = -1, b = -1, c = -1, k = 0, back = 0]) {
    const big = k === null ? null : BigInt(k);
    if (op === 'const') return () => big;
    if (op === 'load') return (row) => ruleLoad(rows, level, row, program.names[k], back);
    if (op === 'today') return () => ruleToday(BigInt(day), BigInt(back));
    if (op === 'year') return () => BigInt(year - back);
    if (op === 'in') return (row) => (lane(a, row) === null ? null : ruleBool(sets[k].has(lane(a, row))));
    if (op === 'spread') return (row) => lane(a, rows[level][row].parent || 0);
    if (RULE_LOOKING[op]) return (row) => RULE_LOOKING[op](lane(a, row), lane(b, row), lane(c, row));
    if (RULE_PLAIN[op])
      return (row) => {
        const x = lane(a, row);
        const y = lane(b, row);
        return x === null || (b >= 0 && y === null) ? null : RULE_PLAIN[op](x, y, big);
      };
    if (!RULE_FOLDS[op]) throw new Error(`the instruction ${op} is not known`);
    if (level === 0 && !wholeAreas) return () => null;
    return (row) =>
      RULE_FOLDS[op](children[level][row].map((i) => [lane(a, i), b < 0 ? 1n : lane(b, i)]));
  }
  for (const one of program.code) {
    const value = instruction(one);
    lanes.push(rows[one[1]].map((_, row) => value(row)));
  }
  return program.roots.map((root) => lanes[root.at]);
}

if (typeof module !== 'undefined') module.exports = { runRule };
