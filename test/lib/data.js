// Made-up people in the layout of the national person export (26 columns), for tests. Seeded: the
// same numbers give the same file. Identity numbers are sound in form (check digit, date) but of
// divisions that do not exist (999xxx would be fillers, so 52262x with streets of our own).
'use strict';

const HEADER = ['县(市、区、旗)', '乡(镇)', '行政村', '自然村', '户编号', '人编号', '姓名', '证件号码',
  '人数', '与户主关系', '民族', '文化程度', '在校生状况', '健康状况', '劳动技能', '务工状况',
  '务工时间(月)', '参加大病医疗', '脱贫属性', '贫困户属性', '主要致贫原因', '危房户', '饮水安全',
  '饮水困难', '人均纯收入', '联系电话'];
const COLUMN = Object.fromEntries(HEADER.map((name, i) => [name, i]));
const SURNAMES = '王李张刘陈杨赵黄周吴徐孙马朱胡';
const GIVEN = ['秀英', '建国', '桂花', '志强', '小梅', '文军', '玉兰', '德福', '春燕', '大山', '美玲', '永贵'];

// xorshift32: small, seeded, the same everywhere.
function random(seed) {
  let x = seed | 0 || 1;
  return (n) => {
    x ^= x << 13; x ^= x >>> 17; x ^= x << 5;
    return (x >>> 0) % n;
  };
}

// GB 11643: weights 7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2, remainders to 1 0 X 9 8 7 6 5 4 3 2.
function checkDigit(first17) {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((s, w, i) => s + w * Number(first17[i]), 0);
  return '10X98765432'[sum % 11];
}

// The n-th identity number of a division, man (odd) or woman (even).
function identity(division, n, male) {
  const year = 1950 + (n * 7) % 60, month = 1 + (n * 5) % 12, day = 1 + (n * 11) % 28;
  const two = (v) => String(v).padStart(2, '0');
  const order = ((Math.floor(n / 60) * 2) % 998) + (male ? 1 : 2);
  const first = `${division}${year}${two(month)}${two(day)}${String(order).padStart(3, '0')}`;
  return first + checkDigit(first);
}

// Rows of a county. options: county, division (6 digits), townships (names), villages (per township), households (per
// village), size (people a household), seed, mark (put into each head's name).
function countyRows(options) {
  const o = { county: '同德县', division: '522629', townships: ['八巴镇', '河口乡'], villages: 2,
    households: 3, size: 3, seed: 1, mark: '', ...options };
  const r = random(o.seed * 2654435761);
  const rows = [];
  let h = 0, n = o.seed * 1000;
  o.townships.forEach((township, t) => {
    for (let v = 0; v < o.villages; v++) {
      for (let i = 0; i < o.households; i++, h++) {
        const code = `${o.division}${String(t + 1).padStart(2, '0')}${String(h + 1).padStart(6, '0')}`;
        const surname = SURNAMES[r(SURNAMES.length)];
        const income = (4000 + r(15000)) + r(100) / 100;
        for (let p = 0; p < o.size; p++, n++) {
          const male = p % 2 === 0;
          const relation = ['户主', '配偶', '之子', '之女', '之孙子', '之孙女'][Math.min(p, 5)];
          const row = new Array(26).fill('');
          row[0] = o.county; row[1] = township; row[2] = `${'新大高平清长石龙'[v % 8]}${v >= 8 ? v : ''}坝村`;
          row[4] = code; row[5] = `${code}${String(p + 1).padStart(2, '0')}`;
          row[6] = (p === 0 ? o.mark : '') + surname + GIVEN[r(GIVEN.length)];
          row[7] = identity(o.division, n, p < 2 ? male : p % 2 === 0);
          row[8] = String(o.size); row[9] = relation; row[10] = '汉族';
          row[11] = p < 2 ? '初中' : '小学'; row[13] = '健康'; row[14] = '普通劳动力';
          row[17] = '是'; row[18] = '已脱贫'; row[19] = '一般脱贫户'; row[20] = '因病';
          row[21] = '否'; row[22] = '是'; row[23] = '否'; row[24] = income.toFixed(2);
          row[25] = p === 0 ? `139${String(10000000 + n).slice(-8)}` : '';
          rows.push(row);
        }
      }
    }
  });
  return rows;
}

const cell = (value) => (/[",\r\n]/.test(value) ? `"${value.replace(/"/g, '""')}"` : value);
const csv = (rows, header = HEADER) =>
  '\ufeff' + [header, ...rows].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';

// Reads CSV (as the program writes it) into rows of cells.
function parseCsv(text) {
  const rows = [];
  let row = [], value = '', quoted = false;
  const s = text.replace(/^\ufeff/, '');
  for (let i = 0; i < s.length; i++) {
    const c = s[i];
    if (quoted) {
      if (c === '"' && s[i + 1] === '"') { value += '"'; i++; } else if (c === '"') quoted = false; else value += c;
    } else if (c === '"') quoted = true;
    else if (c === ',') { row.push(value); value = ''; }
    else if (c === '\n') { row.push(value); rows.push(row); row = []; value = ''; }
    else if (c !== '\r') value += c;
  }
  if (value || row.length) { row.push(value); rows.push(row); }
  return rows;
}

module.exports = { HEADER, COLUMN, random, checkDigit, identity, countyRows, csv, parseCsv };
