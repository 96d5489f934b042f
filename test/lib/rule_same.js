// Runs rules with web/rule.js and compares with what C computed; for src/rule/rule_same_test.c.
//   node test/lib/rule_same.js FILE
// FILE has one JSON a line: {"data":…, "day":…, "year":…} sets the rows for what follows,
// {"program":…, "want":[[…], …]} gives a program and the values of its roots. Prints for each
// difference "bad LINE ROOT ROW GOT WANT" and at the end "checked N".
'use strict';
const fs = require('fs');
const { runRule } = require('../../web/rule.js');

let rows;
let checked = 0;
const text = (value) => (value === null ? 'missing' : String(value));
fs.readFileSync(process.argv[2], 'utf8').split('\n').filter(Boolean).forEach((line, number) => {
  const one = JSON.parse(line);
  if (one.data) {
    rows = one;
    return;
  }
  const got = runRule(one.program, rows.data, { day: rows.day, year: rows.year, wholeAreas: true });
  checked += 1;
  one.want.forEach((want, root) => {
    if (want.length !== got[root].length) console.log(`bad ${number} ${root} 0 ${got[root].length} rows ${want.length} rows`);
    const row = want.findIndex((value, i) => text(value) !== text(got[root][i]));
    if (row >= 0) console.log(`bad ${number} ${root} ${row} ${text(got[root][row])} ${text(want[row])}`);
  });
});
console.log(`checked ${checked}`);
