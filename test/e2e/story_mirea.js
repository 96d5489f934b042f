// The same story in a country that does not exist, by data alone: profile/mirea has other levels, other
// words for every step, a coin of its own, rest on Friday and Saturday, no names in public and no vote.
'use strict';
const fs = require('fs');
const path = require('path');
const { top, check, until, verify } = require('../lib/fumin.js');
const { csv, parseCsv } = require('../lib/data.js');
const { Office, PHONE, main, squeeze, fillMove, formOf, move, sign, stateOf, waitState, auditSteps } = require('./office.js');

const DATA = path.join(top, 'test/data/mirea');
const HEAD = 'Tavo Relin', CODE = 'K-017';
const USERS = [['cleo', 'Cleo Varn', 'clerk', 'Sella'], ['vina', 'Vina Doss', 'visitor', 'Kivra'], ['ward', 'Odo Marr', 'ward_officer', 'Upper Sella'],
  ['pan', 'Ruta Pell', 'panel', 'Sella'], ['ins', 'Ilka Bern', 'clerk', 'Sella'], ['look', 'Noor Hale', 'looker', 'Sella']];
const seen = new Map(); // what every page said, by its address

// Reads a page and keeps it for the end: nothing of China may stand there.
async function read(page) {
  const text = squeeze(await page.evaluate(() => document.body.innerText));
  seen.set(`${seen.size} ${new URL(page.url()).pathname}`, text);
  return squeeze(await main(page));
}

async function setUp(office, s) {
  await office.at('2026-11-22 09:00');
  office.init('mirea');
  office.command(['area', 'add', '--level', 'region', '--name', 'North Mirea', '--code', '11']);
  office.command(['area', 'add', '--parent', '11', '--level', 'district', '--name', 'Sella', '--code', '1101']);
  office.command(['import', path.join(DATA, 'settlement_book.csv'), '--year', '2026']);
  await office.serve();
  await office.users(USERS.slice(0, 1));
  const page = await office.as('cleo');
  await page.goto('/compare/new');
  await page.selectOption('[name=kind]', 'insurer');
  await page.setInputFiles('[name=file]', path.join(DATA, 'insurer_list.csv'));
  await page.selectOption('[name=area]', { label: 'Sella' });
  await page.fill('[name=day]', '2026-11-20');
  await page.click('main form button[type=submit]');
  await page.waitForURL(/\/compare\/\d+/);
  await until('the list is compared', async () => { await page.reload(); return !(await page.content()).includes('role="status"'); });
  const text = await read(page);
  check('the list names the household', new RegExp(`${HEAD}.*8900`).test(text), text);
  await office.users(USERS.slice(1));
  const admin = await office.as('admin');
  await admin.goto('/org');
  await read(admin);
  await admin.click('form[action="/org/usual"] button[type=submit]');
  for (const [name, kind] of [['Mutual Health', 'insurer'], ['Good Neighbours', 'charity']]) {
    await admin.goto('/org');
    await admin.click('text=Add an organisation');
    await admin.fill('[name=name]', name);
    await admin.selectOption('[name=kind]', kind);
    await admin.click('main form button[type=submit]');
  }
  for (const [org, login] of [['Mutual Health', 'ins'], ['Good Neighbours', 'ins'], ['Support office', 'cleo']]) await office.duty(org, login, 'Clerk', true);
}

async function alerted(office, s) {
  const page = await office.as('vina', PHONE);
  const link = page.locator('main .task-title a', { hasText: 'Large bill' });
  await until('the alert comes to the settlement', async () => { await page.goto('/task'); return (await link.count()) > 0; });
  let found = '';
  for (const href of await link.evaluateAll((all) => all.map((a) => a.getAttribute('href')))) {
    await page.goto(href);
    if ((await main(page)).includes(`Household of ${HEAD}`)) { found = href; break; }
  }
  check('the alert of the household came', found !== '', await main(page));
  let text = await read(page);
  check('with its cause and help', new RegExp(`Large bill Red .*Who ${HEAD}.*Check until 2026-11-25.*Cause Treatment costs too much.*Suggested help The insurer takes over a part of the bill`).test(text), text);
  await page.locator('main input[name=outcome]').first().check();
  await page.fill('[name=words]', 'Heart operation, paid 8,900');
  await page.click('button:has-text("End the check")');
  await page.locator('main dl.facts a[href^="/tip/"]').click();
  await read(page);
  await page.click('button:has-text("Take it")');
  await page.waitForURL(/\/case\/\d+/);
  s.url = new URL(page.url()).pathname;
  text = await read(page);
  check('the case stands at its own first state', (await stateOf(page)) === 'Referral' && /Household support/.test(text) && !/Village meeting|Public notice/.test(text), text);
}

async function awarded(office, s) {
  const page = await office.as('vina', PHONE), ward = await office.as('ward'), pan = await office.as('pan'), admin = await office.as('admin');
  let a = await move(page, s.url, 'take', {}, 'The bill is newer than the book');
  check('the visitor takes it on', a.status === 303 && (await stateOf(page)) === 'Visit', a.text);
  await sign(ward, s.url);
  a = await move(page, s.url, 'report', { visited_on: '2026-11-22', household_signed: HEAD, care_cost: '8900', words: 'Operation in October, debts since' }, 'Receipts seen');
  check('two report to the panel', a.status === 303 && (await stateOf(page)) === 'Panel', a.text);
  a = await move(pan, s.url, 'advise');
  check('the panel advises without a vote', a.status === 303 && (await stateOf(pan)) === 'Award', a.text);
  await admin.goto(s.url);
  await fillMove(admin, 'refuse', {}, 'Papers missing');
  a = await move(pan, s.url, 'grant', { main_shock: 'Illness', contact: 'Vina' });
  check('support is awarded', a.status === 303 && /Supported|Support/.test(await stateOf(pan)), a.text);
  s.state = await stateOf(pan);
  await read(pan);
  const [late] = await Promise.all([admin.waitForResponse((r) => r.request().method() === 'POST'), formOf(admin, 'refuse').locator('button[type=submit]').click()]);
  check('who was slower is told', late.status() === 409 && /Ruta Pell/.test(await main(admin)), await main(admin));
  await pan.goto(s.url);
  await pan.locator('main a:has-text("The data it was decided on")').first().click();
  let text = await read(pan);
  check('the decision is frozen', /Support Not supported The register today says: Supported/.test(text), text);
  await pan.goto(s.url);
  s.household = await pan.locator('main a[href^="/household/"]').first().getAttribute('href');
  await pan.goto(s.household);
  text = await read(pan);
  check('the household is supported', /Support Supported Supported since 2026-11 Main shock Illness/.test(text), text);
  const out = await office.nobody();
  await out.goto('/posting?county=1101');
  check('nothing is put up in public', (await out.locator('main a[href^="/posting/"]').count()) === 0 && !(await out.content()).includes('Relin'), await main(out));
  await read(out);
  await pan.goto('/posting/office');
  check('nor do officers see a posting', (await pan.locator('main tbody tr').count()) === 0, await main(pan));
  await read(pan);
}

async function planned(office, s) {
  const page = await office.as('pan');
  await page.goto(`/plan/new?household=${s.household.split('/').pop()}`);
  let text = await read(page);
  check('its own measures are proposed with reasons', /The insurer takes over a part of the bill fits Cause that it answers: Treatment costs too much; Somebody is ill for a long time. The rule fits: Paid for treatment: 8,900 coins/.test(text) &&
    /Neighbours look in fits/.test(text) && /Monthly support money does not fit The rule does not fit: Consumption per head: 15,200 coins per head; Support line: 14,000/.test(text), text);
  await page.click('button:has-text("Begin a plan with these")');
  s.plan = new URL(page.url()).pathname;
  const one = card(page, MONEY);
  await one.locator('summary', { hasText: 'Change it, or leave it out' }).click();
  await one.locator('[name=cost]').fill('4000');
  await one.locator('[name=why]').fill('Debts are 4,000');
  await one.locator('button:has-text("Take it like this")').click();
  await page.click('button:has-text("Take all as proposed")');
  await page.click('button:has-text("Approve: give the departments their tasks")');
  text = await read(page);
  check('the plan runs with one change, in coins without decimals', /running/.test(text.slice(0, 300)) && /Cost together: 12,000/.test(text) && /Debts are 4,000/.test(text), text);
  s.home = await page.locator('a:has-text("The household\'s page")').getAttribute('href');
}

// ---- three offices, the household ----

const BILL = 'The insurer takes over a part of the bill', MONEY = 'Money once, at once', NEIGHBOURS = 'Neighbours look in';
const card = (page, title) => page.locator('section.plan-card', { has: page.locator('h3', { hasText: title }) });

async function delivered(office, s) {
  await office.at('2026-12-06 10:00');
  await office.serve();
  for (const [login, title] of [['ins', BILL], ['cleo', MONEY], ['ins', NEIGHBOURS]]) {
    const page = await office.as(login);
    await page.goto('/task');
    await page.locator('main .task-title a', { hasText: title }).first().click();
    await page.click('button:has-text("Delivered")');
    check(`${login} delivers: ${title}`, /delivered, says the department/.test(await read(page)), await main(page));
  }
  const out = await office.nobody();
  await out.goto(s.home);
  for (const title of [BILL, MONEY, NEIGHBOURS])
    await out.locator('section.home-card', { has: out.locator('h2', { hasText: title }) }).locator('button:has-text("I got it")').click();
  const text = await read(out);
  check('the household confirms all of it', !/I got it/.test(text) && text.includes('4,000') && !text.includes('Relin'), text);
}

// ---- four months later ----

async function graduates(office, s) {
  await office.at('2027-03-01 09:00');
  const rows = parseCsv(fs.readFileSync(path.join(DATA, 'settlement_book.csv'), 'utf8')), header = rows[0];
  const own = rows.slice(1).filter((r) => r.includes(CODE));
  for (const r of own)
    for (const [name, value] of [['Support', 'Supported'], ['Supported since', '2026-11'], ['Main shock', 'illness'], ['Paid for treatment', '1200'], ['Last visited on', '2027-03-01']])
      r[header.indexOf(name)] = value;
  const file = path.join(s.dir, 'book-2027.csv');
  fs.writeFileSync(file, csv(own, header));
  office.command(['import', file, '--year', '2027']);
  await office.serve();
  const page = await office.as('vina', PHONE), pan = await office.as('pan');
  let a = await move(page, s.url, 'looked_in', { visited_on: '2027-03-01', words: 'Works again' });
  check('the visit is written down', a.status === 303, a.text);
  await page.goto(s.household);
  await page.click('button:has-text("Graduation")');
  await page.waitForURL(/\/case\/\d+/);
  s.exit = new URL(page.url()).pathname;
  await read(page);
  a = await move(page, s.exit, 'propose');
  check('after three months graduation can be proposed', a.status === 303 && (await stateOf(page)) === 'Visit', a.text);
  await sign(await office.as('ward'), s.exit);
  a = await move(page, s.exit, 'report', { visited_on: '2027-03-01', household_signed: HEAD, words: 'Bills are paid, both earn' });
  check('two report', a.status === 303 && (await stateOf(page)) === 'Panel', a.text);
  a = await move(pan, s.exit, 'graduate', { way: 'By help' });
  check('the panel decides', a.status === 303 && (await stateOf(pan)) === 'Graduated', a.text);
  // A state holds for a day after a visit; then the first case follows by itself.
  await office.at('2027-03-03 09:00');
  await office.serve();
  const later = await office.as('pan');
  await waitState(later, s.url, 'Graduated');
  await later.goto(s.household);
  const text = await read(later);
  check('the household has graduated', /Support Graduated/.test(text) && /Graduated yes/.test(text) && /Way out By help/.test(text), text);
}

async function audited(office, s) {
  const page = await office.as('look');
  const steps = await auditSteps(page, '2026-11-01', '2027-03-31');
  await read(page);
  const told = steps.map((x) => x.join(' | ')).join('\n');
  for (const [what, way, who] of [['Opened', '→ Referral', 'Vina Doss'], ['Take on', 'Referral → Visit', 'Vina Doss'], ['Report to the panel', 'Visit → Panel', 'Vina Doss'],
    ['Advise to award', 'Panel → Award', 'Ruta Pell'], ['Award support', `Award → ${s.state}`, 'Ruta Pell'], ['Looked in', `${s.state} → ${s.state}`, 'Vina Doss'],
    ['Opened', '→ Proposal', 'Vina Doss'], ['Propose', 'Proposal → Visit', 'Vina Doss'], ['Report to the panel', 'Visit → Panel', 'Vina Doss'],
    ['Graduate', 'Panel → Graduated', 'Ruta Pell'], ['Graduated', `${s.state} → Graduated`, 'the system']])
    check(`the auditor finds: ${what}, ${way}`, steps.some((x) => x[2] === what && x[3] === way && x[4] === who), told);
  // Other pages of the office, for their words.
  for (const [login, href] of [['vina', '/'], ['vina', '/case'], ['vina', '/tip'], ['vina', '/grievance'], ['pan', '/alert'], ['pan', '/alert/rules'], ['pan', '/plan'], ['cleo', '/resource'],
    ['pan', '/meeting'], ['pan', '/codebook'], ['nobody', '/report'], ['nobody', '/report/status'], ['nobody', '/posting']]) {
    const p = login === 'nobody' ? await office.nobody() : await office.as(login);
    const answer = await p.goto(href);
    check(`${login} opens ${href}`, answer.status() === 200, answer.status());
    await read(p);
  }
  const vina = await office.as('vina');
  await vina.goto('/case');
  const tabs = await vina.locator('main nav.tabs a').allInnerTexts();
  check('the office has no tab for votes and notices that never come', tabs.join(' ') === 'Cases Tips Grievances', tabs.join(' '));
  for (const [where, text] of seen) {
    const han = text.replace('中文', '').match(/.{0,30}[\u3400-\u9fff\u3000-\u303f\uff00-\uffef]+.{0,30}/u);
    check(`${where}: no Chinese`, !han, han?.[0]);
    const word = text.match(/.{0,40}(\bChina\b|¥|\byuan\b|\bCNY\b).{0,40}/i);
    check(`${where}: nothing of China`, !word, word?.[0]);
  }
  await office.stop();
  verify('after the story of Mirea', office.dir);
}

const STEPS = [setUp, alerted, awarded, planned, delivered, graduates, audited];
const make = (browser, dir) => new Office(browser, path.join(dir, 'mirea'), 'mirea', '+03:30');
async function storyMirea(browser, dir) {
  fs.mkdirSync(dir, { recursive: true });
  const office = make(browser, dir), s = { dir };
  try {
    for (const step of STEPS) await step(office, s);
  } finally {
    await office.stop();
  }
}
module.exports = { storyMirea, STEPS, make };
