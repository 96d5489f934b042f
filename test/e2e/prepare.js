// What the pages of the evidence need beside the demo county: a figure published for everybody, a
// research file asked for, a department's list compared, a rule of the county. Through the same forms as people use.
'use strict';
const fs = require('fs');
const { Client, until } = require('../lib/fumin.js');
const { csv, parseCsv } = require('../lib/data.js');

// At this line every township of the demo has poor households, and some have fewer than ten.
const PUBLISHED_LINE = '9000';

const option = (page, name) => new RegExp(`<select[^>]*name="${name}"[\\s\\S]*?<option value="(\\d+)"`).exec(page.text)[1];
const numberOf = (answer, what) => {
  const found = new RegExp(`^${what}/(\\d+)`).exec(answer.location ?? '');
  if (!found) throw new Error(`${what}: ${answer.status} ${answer.text.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ').slice(0, 1500)}`);
  return found[1];
};

async function publish(admin) {
  await admin.get(`/poverty/publish?line=${PUBLISHED_LINE}`);
  return numberOf(await admin.post('/poverty/publish', { line: PUBLISHED_LINE, title: '2025年低收入人口' }), '/public');
}

async function askForFile(analyst) {
  const form = await analyst.get('/microdata/new');
  const fields = { purpose: '研究收入离标准有多远', area: option(form, 'area'), year: option(form, 'year'),
    v_household_type: '1', v_net_income_per_head: '1' };
  return numberOf(await analyst.post('/microdata/new', fields), '/microdata');
}

// A list of vehicles: every fourth person of the demo, one of them with another name, one unknown.
async function compareList(admin, demo) {
  const all = parseCsv(fs.readFileSync(`${demo}.files/people-2025-utf8.csv`, 'utf8'));
  const at = all.findIndex((r) => r.includes('姓名'));
  const name = all[at].indexOf('姓名'), identity = all[at].indexOf('证件号码');
  const village = all[at].indexOf('行政村'), township = all[at].indexOf('乡(镇)');
  const rows = all.slice(at + 1).filter((r, i) => i % 4 === 0 && r[identity]?.length === 18)
    .map((r, i) => [r[name], i === 2 ? `${r[identity].slice(0, 14)}****` : r[identity], r[township], r[village], `黔A${10000 + i}`]);
  for (let i = 0; i < 3; i++) rows.push([rows[i][0], '', rows[i][2], '', `黔B${10000 + i}`]); // who that is a person decides
  rows.push(['无此人', '', rows[0][2], rows[0][3], '黔A99999']);
  const form = await admin.get('/compare/new');
  const answer = await admin.upload('/compare/new', { kind: 'vehicle', area: option(form, 'area'), day: '2025-12-31',
    owner: option(form, 'owner'), deadline: '' }, 'vehicles.csv', csv(rows, ['姓名', '证件号码', '乡镇', '村', '号牌号码']));
  const id = numberOf(answer, '/compare');
  await until('the list is compared', async () => !(await admin.get(`/compare/${id}`)).text.includes('role="status"'));
  return id;
}

async function writeRule(admin) {
  const form = await admin.get('/rule/new');
  const county = /name="county" value="(\d+)"/.exec(form.text)[1];
  return numberOf(await admin.post('/rule/save', { id: '0', version: '0', county, subject: 'household', kind: 'check', severity: 'note', state: 'draft',
    rule: 'size >= 5 and house_m2 / size < 30', cases: 'yes: house_m2 = 100; size = 5\nno: house_m2 = 100; size = 2', area: county, year: '2025',
    code: 'tight_house', message: '五口以上之家住房偏小', hint: '入户看看', note: '' }), '/rule');
}

async function prepare(server, password, demo) {
  const admin = await new Client(server).signIn('county_admin', password);
  const analyst = await new Client(server).signIn('analyst', password);
  return { published: await publish(admin), asked: await askForFile(analyst), compared: await compareList(admin, demo), rule: await writeRule(admin) };
}
module.exports = { prepare, PUBLISHED_LINE };
