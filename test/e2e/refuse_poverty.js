// What the evidence refuses: broken input is a sentence and never a number; each sees only their
// own area; what is published tells about nobody. Without a browser: only status and words count.
'use strict';
const fs = require('fs');
const os = require('os');
const path = require('path');
const { execFileSync } = require('child_process');
const { check, Client } = require('../lib/fumin.js');
const { parseCsv } = require('../lib/data.js');
const { PUBLISHED_LINE } = require('./prepare.js');

const words = (a) => a.text.replace(/[\s\S]*<main/, '<').replace(/<\/main>[\s\S]*/, '').replace(/<(script|style)[\s\S]*?<\/\1>/g, '')
  .replace(/<[^>]+>/g, ' ').replace(/&#39;|&quot;/g, '"').replace(/\s+/g, ' ');
const zeros = 'w_food=0&w_clothes=0&w_schooling=0&w_medical=0&w_housing=0&w_water=0';

// Address, status, what the sentence must say.
const WRONG = [
  ['/poverty?line=0', 400, /above zero/],
  ['/poverty?line=abc', 400, /“abc” is not a poverty line/],
  ['/poverty?line=-5', 400, /above zero/],
  ['/poverty?line=1e308', 400, /line is that high/],
  ['/poverty?line=nan', 400, /not a poverty line/],
  ['/poverty?line=60%25mode', 400, /60%median/],
  ['/poverty?line=0%25median', 400, /above zero/],
  ['/poverty?year=1800', 400, /no sheets of the year “1800”.*2023, 2024, 2025/],
  ['/poverty?area=abc', 400, /not a number/],
  ['/poverty?area=99', 404, /no such area/],
  ['/poverty?welfare=nosuch', 400, /“nosuch” cannot be chosen.*net_income_per_head/],
  ['/poverty?group=nosuch', 400, /“nosuch” cannot be chosen/],
  ['/poverty?unit=x', 400, /“unit” in the address/],
  [`/poverty?${Array.from({ length: 70 }, (_, i) => `w_${i}=1`).join('&')}`, 400, /too much at once/],
  ['/poverty/dimensions?k=0', 400, /k lies above 0 and at most at 1/],
  ['/poverty/dimensions?k=2', 400, /k lies above 0 and at most at 1/],
  ['/poverty/dimensions?k=1/0', 400, /k lies above 0/],
  [`/poverty/dimensions?${zeros}`, 400, /All weights are zero/],
  ['/poverty/dimensions?w_food=-1', 400, /whole number from 0/],
  ['/poverty/dimensions?w_nosuch=1', 400, /no deprivation “nosuch”/],
  ['/poverty/dimensions?index=nosuch', 400, /no index “nosuch”.*two_three/],
  ['/poverty/dimensions/households?k=0', 400, /k lies above 0/],
  ['/poverty/map?line=0', 400, /above zero/],
  ['/poverty/map?figure=nosuch', 400, /no such figure/],
  ['/poverty/map?area=99', 404, /no such area/],
  ['/poverty/causes?line=abc', 400, /not a poverty line/],
  ['/poverty/change?year=2024&from_year=2024', 400, /choose an earlier one/],
  ['/poverty/change?from_year=1800', 400, /no sheets of the year “1800”/],
  ['/poverty/capability?year=1800', 400, /no sheets of the year “1800”/],
  ['/poverty/households?line=0', 400, /above zero/],
  ['/poverty/households?line=9000&from_line=0', 400, /above zero/],
  ['/poverty/rows?line=0', 400, /above zero/],
  ['/poverty/publish?line=0', 400, /above zero/],
  ['/poverty?line=0&format=csv', 400, /above zero/],
  ['/poverty/dimensions?k=0&format=json', 400, /k lies above 0/],
  ['/public/99', 404, /nothing at this address|no page at this address/],
  ['/microdata/99', 404, /nothing at this address|no page at this address/],
  ['/check/99999', 404, /no such check/],
  ['/check?area=99', 404, /no such area/],
  ['/check?year=1800', 400, /year should be a number such as/],
  ['/check/1302/file?format=exe', 400, /csv, xlsx or json/],
  ['/compare/99', 404, /no such list/],
];

async function brokenInput(officer) {
  for (const [address, status, sentence] of WRONG) {
    const a = await officer.get(address), text = words(a), name = address.slice(0, 60);
    check(`${name}: ${status} and a sentence`, a.status === status && sentence.test(text), `${a.status} ${text.slice(0, 600)}`);
    check(`${name}: never a number`, !/class="figures"|<td class="num|<path class="map-|<svg class="chart/.test(a.text) &&
      /text\/html/.test(a.headers['content-type']), a.text.slice(0, 300));
  }
  // Two years that are one: what needs two is refused, with a sentence.
  const a = await officer.get('/poverty/inequality?year=2025&from_year=2025');
  check('growth between a year and itself is refused', a.status === 200 && /class="note"/.test(a.text) && !/growth_|Growth part/.test(a.text), words(a).slice(-1500));
}

const headOf = (a) => /<dl class="figures">[\s\S]*?<\/dl>/.exec(a.text)?.[0].replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
const areasOf = (a, page) => [...a.text.matchAll(new RegExp(`<th scope="row"[^>]*><a href="${page}\\?[^"]*area=(\\d+)[^"]*">([^<]+)<`, 'g'))].map((m) => ({ id: m[1], name: m[2].trim() }));

// Pages that show what lies in an area.
const PAGES = ['/poverty', '/poverty/inequality', '/poverty/dimensions', '/poverty/map', '/poverty/causes', '/poverty/change', '/poverty/capability',
  '/poverty/households', '/poverty/dimensions/households', '/poverty/rows', '/check', '/check/1302', '/check/1302/file'];

async function ownAreasOnly(server, password, officer) {
  const county = await officer.get('/poverty');
  const townships = areasOf(county, '/poverty'), own = townships.find((t) => t.name === '云禾镇'), other = townships.find((t) => t.name !== '云禾镇');
  const township = await new Client(server).signIn('township_officer', password);
  const mine = await township.get('/poverty');
  const seen = await officer.get(`/poverty?area=${own.id}`);
  check('a township officer sees their township, as the county sees it', mine.status === 200 && !!headOf(mine) && headOf(mine) === headOf(seen), `${headOf(mine)}\n${headOf(seen)}`);
  check('and not the county', headOf(mine) !== headOf(county) && !words(mine).includes(other.name), words(mine).slice(0, 800));
  const countyId = /\/check\?area=(\d+)[^>]*>示范县/.exec((await officer.get('/check')).text)[1];
  for (const page of PAGES)
    for (const [what, id] of [['another township', other.id], ['the county', countyId]]) {
      const a = await township.get(`${page}?area=${id}`);
      // Checks show of a wider area what lies in the own part.
      const narrowed = page.startsWith('/check') && what === 'the county' && a.status === 200 && !a.text.includes(other.name);
      check(`a township officer gets nothing of ${what} at ${page}`, a.status === 404 || a.status === 403 || narrowed, `${a.status} ${words(a).slice(0, 400)}`);
    }
  const rows = parseCsv((await township.get('/poverty/rows')).text);
  const at = rows[0].indexOf('village');
  check('the rows of a township officer are the township', rows.length > 5 && rows.slice(1).every((r) => r[at].startsWith('云禾镇')), rows.slice(0, 5).join('\n'));
  const worker = await new Client(server).signIn('village_worker', password);
  const village = await worker.get('/poverty');
  check('a village worker sees one village', village.status === 200 && words(village).includes('Poverty in 李坡村'), words(village).slice(0, 600));
  for (const page of ['/poverty', '/poverty/map', '/poverty/households', '/poverty/dimensions'])
    check(`a village worker gets nothing of the township at ${page}`, (await worker.get(`${page}?area=${own.id}`)).status === 404);
  for (const [who, client, pages] of [['a village worker', worker, ['/poverty/publish', '/poverty/rows', '/microdata/new', '/compare']],
    ['a township officer', township, ['/poverty/publish', '/microdata/new', '/compare']]])
    for (const page of pages) {
      const a = await client.get(page);
      check(`${who} has no right to ${page}`, a.status === 403 && /the right .* is missing/.test(words(a)), `${a.status} ${words(a).slice(0, 300)}`);
    }
  const nobody = new Client(server);
  for (const page of [...PAGES, '/poverty/publish', '/microdata', '/compare']) {
    const a = await nobody.get(page);
    check(`without an account ${page} leads to the sign-in`, a.status === 303 && /^\/sign-in/.test(a.location) && a.bytes.length === 0, `${a.status} ${a.location}`);
  }
  check('an analyst may not publish', (await (await new Client(server).signIn('analyst', password)).get(`/poverty/publish?line=${PUBLISHED_LINE}`)).status === 403);
}

// ---- what everybody reads ----

// All household numbers and people's names of the demo.
function personal(demo) {
  const found = new Set();
  for (const file of fs.readdirSync(`${demo}.files`).filter((f) => /^people-\d+-utf8\.csv$/.test(f))) {
    const rows = parseCsv(fs.readFileSync(path.join(`${demo}.files`, file), 'utf8'));
    const at = rows.findIndex((r) => r.includes('姓名'));
    for (const name of ['姓名', '户编号', '人编号', '证件号码', '联系电话']) {
      const c = rows[at].indexOf(name);
      for (const r of rows.slice(at + 1)) if (r[c]?.length > 1) found.add(r[c]);
    }
  }
  return [...found];
}

async function crawl(nobody) {
  const seen = new Map(), queue = ['/public'];
  while (queue.length && seen.size < 100) {
    const url = queue.shift();
    if (seen.has(url)) continue;
    const a = await nobody.get(url);
    seen.set(url, a);
    if (/text\/html/.test(a.headers['content-type']))
      for (const m of a.text.matchAll(/(?:href|action|src)="([^"#]+)"/g)) {
        const to = m[1].replace(/&amp;/g, '&').startsWith('?') ? url.split('?')[0] + m[1].replace(/&amp;/g, '&') : m[1].replace(/&amp;/g, '&');
        if (to.startsWith('/') && !seen.has(to)) queue.push(to);
      }
  }
  return seen;
}

function workbookText(bytes) {
  const file = path.join(os.tmpdir(), `fumin-public-${process.pid}.xlsx`);
  fs.writeFileSync(file, bytes);
  const text = execFileSync('unzip', ['-p', file], { encoding: 'utf8' });
  fs.rmSync(file);
  return text;
}

// The published table in each form as rows [area, households, people, poor, share].
function tables(answers) {
  const cells = (html) => html.replace(/<span class="also">[\s\S]*?<\/span>/g, '').replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ').trim();
  const html = [...answers.html.text.matchAll(/<tr>\s*(<th scope="row"[\s\S]*?)<\/tr>/g)]
    .map((m) => m[1].split(/<\/t[hd]>/).slice(0, 5).map(cells));
  const shared = [...answers.book.matchAll(/<si><t[^>]*>([\s\S]*?)<\/t><\/si>/g)].map((m) => m[1]);
  const sheet = [...answers.book.matchAll(/<row [\s\S]*?<\/row>/g)].map((m) => [...m[0].matchAll(/<c [^>]*?(t="s")?[^>]*>(?:<is><t[^>]*>|<v>)([^<]*)/g)]
    .map((c) => (c[1] ? shared[Number(c[2])] : c[2])));
  return { html, csv: parseCsv(answers.csv.text).slice(1), json: JSON.parse(answers.json.text).map((r) => Object.values(r)),
    xlsx: sheet.filter((r) => r.length === 5 && r[0] !== 'Area') };
}

async function hiddenCells(nobody, officer, published) {
  const at = `/public/${published}`;
  const answers = { html: await nobody.get(at), csv: await nobody.get(`${at}?format=csv`), json: await nobody.get(`${at}?format=json`) };
  answers.book = workbookText((await nobody.get(`${at}?format=xlsx`)).bytes);
  const truth = JSON.parse((await officer.get(`/poverty?line=${PUBLISHED_LINE}&format=json`)).text);
  const of = (name, m) => truth.find((r) => r.measure === m && r.by === 'area' && r.value === name);
  const names = [...new Set(truth.filter((r) => r.by === 'area').map((r) => r.value))];
  const small = (name) => of(name, 'poor').rows < 10 || of(name, 'weight').rows - of(name, 'poor').rows < 10;
  check('the demo has townships with fewer than ten poor households, and others', names.some(small) && !names.every(small), names.join(' '));
  for (const [format, rows] of Object.entries(tables(answers))) {
    check(`${format}: the whole area and all townships`, rows.length === names.length + 1, JSON.stringify(rows));
    const parts = rows.filter((r) => names.includes(r[0])), hidden = parts.filter((r) => r[3] === 'hidden');
    for (const r of parts) {
      if (small(r[0])) check(`${format}: ${r[0]} with few households is hidden`, r[3] === 'hidden' && r[4] === 'hidden', r.join(' | '));
      if (r[3] !== 'hidden') check(`${format}: ${r[0]} is the figure of the office`, Number(r[3]) === of(r[0], 'poor').estimate, r.join(' | '));
    }
    // What the whole leaves for the hidden ones must not be few households either.
    check(`${format}: hidden cells cannot be computed from the others`, hidden.length !== 1 &&
      hidden.reduce((n, r) => n + of(r[0], 'poor').rows, 0) >= 10 && hidden.length >= 2, JSON.stringify(hidden));
  }
}

async function publicPages(server, officer, published, demo) {
  const nobody = new Client(server);
  const all = personal(demo), seen = await crawl(nobody);
  check('the figure published is found from the list', seen.has(`/public/${published}`), [...seen.keys()].join('\n'));
  for (const [url, a] of seen) {
    if (!/^\/(public|$)/.test(url)) {
      check(`${url.split('?')[0]}: a way out of the public pages shows no figures`, [200, 302, 303, 403, 404].includes(a.status) && !/\/household\/\d|\/person\/\d/.test(a.text), a.status);
      continue;
    }
    const text = /xlsx/.test(url) ? workbookText(a.bytes) : a.text;
    const found = all.filter((p) => text.includes(p));
    check(`${url}: names no person and no household`, found.length === 0, found.slice(0, 5).join(' '));
    check(`${url}: leads to nobody`, !/(household|person|reveal|source)\/\d|[?&](area|id)=/.test(text), text.slice(0, 500));
  }
  await hiddenCells(new Client(server), officer, published);
}

async function refusePoverty(server, password, demo, published) {
  const officer = await new Client(server).signIn('county_officer', password);
  await brokenInput(officer);
  await ownAreasOnly(server, password, officer);
  await publicPages(server, officer, published, demo);
}
module.exports = { refusePoverty };
