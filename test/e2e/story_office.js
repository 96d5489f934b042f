// A household falls ill, and the whole office answers: the insurer's list raises an alert, the
// village checks on a phone, the meeting votes, the notice runs out by itself, the county decides on
// frozen data, a plan is proposed with reasons and accepted with one change, three departments do
// their tasks, the household says what it got, and after its time the risk is cleared. Eight people of
// six roles and the household without an account; the auditor finds every step at the end.
'use strict';
const fs = require('fs');
const path = require('path');
const { check, until, verify } = require('../lib/fumin.js');
const { COLUMN, countyRows, csv, checkDigit } = require('../lib/data.js');
const { Office, PHONE, main, squeeze, fillMove, formOf, move, sign, stateOf, waitState, overflow, auditSteps } = require('./office.js');

const HEAD = '周桂芳', ILL = '陈文军', VILLAGE = '新坝村', TOWNSHIP = '八巴镇', OTHER_TOWNSHIP = '河口乡', COUNTY = '同德县';
const CODE = '52262901000001', COUNTY_CODE = '522629';

// ---- the county's files ----

const person = (division, day, order) => { const first = `${division}${day}${order}`; return first + checkDigit(first); };

function people(year) {
  const rows = countyRows({ seed: 33, county: COUNTY, townships: [TOWNSHIP, OTHER_TOWNSHIP], villages: 2, households: 3, size: 3 });
  const own = [[HEAD, person('522629', '19801104', '126'), '户主', '健康'], [ILL, person('522629', '19790315', '117'), '配偶', '患有大病'],
    ['陈小梅', person('522629', '20040921', '122'), '之女', '健康']];
  own.forEach(([name, identity, relation, health], i) => {
    const r = rows[i];
    r[COLUMN['户编号']] = CODE;
    r[COLUMN['人编号']] = `${CODE}0${i + 1}`;
    [r[COLUMN['姓名']], r[COLUMN['证件号码']], r[COLUMN['与户主关系']], r[COLUMN['健康状况']]] = [name, identity, relation, year < 2026 ? '健康' : health];
    r[COLUMN['脱贫属性']] = ''; r[COLUMN['贫困户属性']] = '一般农户'; r[COLUMN['主要致贫原因']] = year < 2026 ? '' : '因病';
    r[COLUMN['人均纯收入']] = year < 2026 ? '14000.00' : '15200.00';
  });
  return rows;
}
const PLACE = ['县(市、区、旗)', '乡(镇)', '行政村'];
const MORE = [...PLACE, '户编号', '人编号', '姓名', '与户主关系', '参加城乡居民基本医疗保险', '享受低保情况', '自付医疗费用'];
const HOUSEHOLDS = [...PLACE, '户编号', '户类型', '监测对象类别', '识别监测时间', '致贫返贫风险1', '房屋等级', '工资性收入', '家庭年总收入', '家庭纯收入'];

function files(dir, year, watchedSince) {
  const rows = people(year), name = (what) => path.join(dir, `${what}-${year}.csv`);
  const more = rows.map((r) => [...r.slice(0, 3), r[4], r[5], r[6], r[9], '是', '未享受', r[4] === CODE && year === 2026 ? '2400' : '300']);
  const heads = rows.filter((r) => r[9] === '户主').map((r) => {
    const own = r[4] === CODE, net = Math.round(Number(r[24]) * 3), watched = own && watchedSince;
    return [...r.slice(0, 3), r[4], own ? '普通农户' : '脱贫户', watched ? '突发严重困难户' : '未纳入监测', watched || '', watched ? '因病' : '', 'A级',
      String(Math.round(net / 2)), String(net + 3000), String(net)];
  });
  fs.writeFileSync(name('people'), csv(rows));
  fs.writeFileSync(name('more'), csv(more, MORE));
  fs.writeFileSync(name('households'), csv(heads, HOUSEHOLDS));
  return { people: name('people'), more: name('more'), households: name('households'), rows };
}

function insurerList(dir, rows) {
  const header = ['县(市、区)', '乡(镇)', '行政村', '姓名', '证件号码', '医疗总费用', '自付金额', '主要诊断', '结算日期'];
  const ill = rows.find((r) => r[6] === ILL);
  const line = (r, all, own, what) => [...r.slice(0, 3), r[6], r[7], all, own, what, '2026-02-20'];
  const file = path.join(dir, 'insurer.csv');
  fs.writeFileSync(file, csv([line(ill, '96500', '38600', '心脏病'), ['同德县', OTHER_TOWNSHIP, '', '查无此人', '', '50000', '21000', '外伤', '2026-02-11']], header));
  return file;
}

// ---- the office is set up through its pages ----

async function importFile(page, file) {
  await page.goto('/import');
  await page.setInputFiles('[name=file]', file);
  await page.fill('[name=year]', '2025');
  await page.selectOption('[name=mapping]', { index: 0 });
  await page.click('main form[enctype] button[type=submit]');
  const tag = (text) => page.locator('main p .tag').getByText(text, { exact: true }).first().waitFor({ timeout: 60000 });
  await tag('checked, not yet taken over');
  await page.click('text=Take over the good rows');
  await tag('taken over');
}

const USERS = [['chen', '陈主任', 'county_officer', COUNTY], ['lu', '陆镇长', 'township_officer', TOWNSHIP],
  ['ma', '马信息员', 'village_worker', VILLAGE], ['fang', '方医保', 'department_officer', COUNTY], ['gu', '顾民政', 'department_officer', COUNTY],
  ['hua', '华卫健', 'department_officer', COUNTY], ['sun', '孙审计', 'auditor', COUNTY]];

async function setUp(office, s) {
  const made = files(s.dir, 2025);
  await office.at('2026-03-02 09:00');
  office.init('cn');
  for (const area of [['province', '贵州省', '52'], ['prefecture', '黔东南州', '5226', '52'], ['county', COUNTY, COUNTY_CODE, '5226']])
    office.command(['area', 'add', '--level', area[0], '--name', area[1], '--code', area[2], ...(area[3] ? ['--parent', area[3]] : [])]);
  await office.serve();
  const admin = await office.as('admin');
  office.command(['import', files(s.dir, 2024).people, '--year', '2024', '--mapping', 'national_person']);
  await importFile(admin, made.people);
  office.command(['import', made.more, '--year', '2025', '--mapping', 'person_info']);
  office.command(['import', made.households, '--year', '2025', '--mapping', 'household_info']);
  await office.users(USERS.slice(0, 1));
  s.rows = made.rows;
}

async function peopleAndOffices(office) {
  await office.users(USERS.slice(1));
  const admin = await office.as('admin');
  await admin.goto('/org');
  check('a county without organisations is offered the usual ones', /Begin with the usual ones/.test(await main(admin)), await main(admin));
  await admin.click('form[action="/org/usual"] button[type=submit]');
  for (const [org, login, title] of [['Medical security', 'fang', '待遇保障股长'], ['Civil affairs', 'gu', '社会救助股长'], ['Health', 'hua', '医政股长']])
    await office.duty(org, login, title, true);
}

// ---- the list and the alert ----

async function sendsTheList(office, s) {
  const page = await office.as('chen');
  await page.goto('/compare/new');
  await page.selectOption('[name=kind]', 'medical_cost');
  await page.setInputFiles('[name=file]', insurerList(s.dir, s.rows));
  await page.selectOption('[name=area]', { label: COUNTY });
  await page.fill('[name=day]', '2026-03-01');
  await page.click('main form button[type=submit]');
  await page.waitForURL(/\/compare\/\d+/);
  await until('the list is compared', async () => { await page.reload(); return !(await page.content()).includes('role="status"'); });
  const text = squeeze(await main(page));
  check('the finding names the person, the costs and the rule', new RegExp(`${ILL}.*96500 · 38600 · 心脏病`).test(text) && /High own cost of treatment, and the household is not watched/.test(text), text);
  check('a stranger raises nothing', !text.includes('查无此人'), text);
}

// On the phone: my tasks, the alert, what the rule read; then who is ill, in words.
async function checksTheAlert(office, s) {
  const page = await office.as('ma', PHONE);
  const link = page.locator('main .task-title a', { hasText: 'High cost of treatment' });
  await until('the alert comes to the village', async () => { await page.goto('/task'); return link.count(); });
  check('my tasks say why and until when', /until 2026-03-05 .* Visit: who is ill, what does it cost, who cares\?/.test(squeeze(await main(page))), await main(page));
  await link.first().click();
  let text = squeeze(await main(page));
  check('the alert names the household, the cause and the help', new RegExp(`Household of ${HEAD} .*${VILLAGE}.*Check until 2026-03-05.*Cause Heavy cost of illness.*Suggested help Relief of the cost of illness`).test(text), text);
  check('and who is ill', new RegExp(`Who ${ILL}`).test(text), text);
  check('and what it rests on', /What the rule read High cost of treatment High own cost of treatment, and the household is not watched/.test(text), text);
  check('the page fits the phone', (await overflow(page)) <= 0);
  await office.shot(page, '1-alert');
  await page.click('button:has-text("I look after it")');
  check('one sees that somebody looks after it', /being checked/.test(await main(page)), await main(page));
  await page.locator('label', { hasText: 'hand it on to the village' }).click();
  await page.fill('[name=words]', '丈夫心脏手术，自付三万八，借了债');
  await page.click('button:has-text("End the check")');
  text = squeeze(await main(page));
  check('the check was in time and its result is handed on', /In trouble: handed on When 2026-03-02.* Handed on Tip for the village/.test(text), text);
  await page.click('text=Tip for the village');
  await page.click('button:has-text("Take it")');
  await page.waitForURL(/\/case\/\d+/);
  s.url = new URL(page.url()).pathname;
}

// ---- the case ----

async function homeCheck(office, s) {
  const page = await office.as('ma', PHONE);
  await page.goto(s.url);
  check('the case fits the phone', (await overflow(page)) <= 0, await overflow(page));
  let a = await move(page, s.url, 'accept', {}, '');
  check('who does otherwise than the rules advise says why', a.status === 400 && /reason/i.test(a.text), `${a.status} ${a.text}`);
  a = await move(page, s.url, 'accept', {}, '登记信息还没有反映住院费用，先入户');
  check('with a reason the tip is taken on', a.status === 303 && (await stateOf(page)) === 'Home check', `${a.status} ${a.text}`);
  check('one officer alone cannot go on', /Two officers sign/.test(a.text) && !(await formOf(page, 'confirm').count()), a.text);
}

const FOUND = { visited_on: '2026-03-02', household_signed: HEAD, main_reason: 'Illness', rigid_expense: '31500', words: '丈夫2月心脏手术，自付三万八，借款两万，妻子照料无法务工' };

async function twoSign(office, s) {
  const township = await office.as('lu'), page = await office.as('ma', PHONE), chen = await office.as('chen');
  await sign(township, s.url);
  check('the second officer signs', /Signed so far: 陆镇长/.test(squeeze(await main(township))), await main(township));
  let a = await move(page, s.url, 'confirm', FOUND, '费用票据属实，登记信息未更新');
  a = await move(chen, s.url, 'matches', { result: 'Nothing against it' });
  check('departments found nothing against it', a.status === 303 && (await stateOf(chen)) === 'Village meeting', a.text);
}

// ---- the meeting ----

async function planMeeting(page, day) {
  await page.goto('/assembly/new');
  for (const [name, value] of Object.entries({ date: day, time: '09:30', place: '村委会会议室', chair: '周支书', recorder: '马信息员', entitled: '30' })) await page.fill(`[name=${name}]`, value);
  await page.click('main form[action="/assembly/new"] button[type=submit]');
  await page.waitForURL(/\/assembly\/\d+/);
  await page.click('button:has-text("Put on the list")');
  await page.fill('form[action$="/set"] [name=present]', '26');
  await page.fill('form[action$="/set"] [name=minutes]', '逐户介绍情况，代表提问，举手表决。');
  await page.click('form[action$="/set"] button[type=submit]');
  return new URL(page.url()).pathname;
}
async function vote(page, meeting, agree, disagree, abstain) {
  await page.goto(meeting);
  await page.fill('[name^=agree_]', agree);
  await page.fill('[name^=disagree_]', disagree);
  await page.fill('[name^=abstain_]', abstain);
  await page.locator('form[action$="/votes"] .actions button').click();
  return squeeze(await main(page));
}

async function meets(office, s) {
  const page = await office.as('ma');
  const meeting = await planMeeting(page, '2026-03-02');
  let text = await vote(page, meeting, '24', '2', '1');
  check('more hands than people are refused', /27 hands were counted, but only 26 people are here/.test(text) && /no votes yet/.test(text), text);
  text = await vote(page, meeting, '23', '2', '1');
  check('23 of 26 are enough', /passed/.test(text), text);
  await page.goto(`${meeting}/show`);
  text = squeeze(await main(page));
  check('the wall shows the votes and no whole name', /周\*\* .* For 23 Against 2 Abstained 1/.test(text) && !text.includes(HEAD), text);
  await office.shot(page, '2-wall');
  await page.goto(meeting);
  await page.click('button:has-text("Close and carry out the votes")');
  const pdf = await page.request.get(`${meeting}/minutes.pdf`);
  check('the minutes are a PDF', pdf.status() === 200 && (await pdf.body()).subarray(0, 5).toString() === '%PDF-', pdf.status());
  await page.goto(s.url);
  check('the case is on notice', (await stateOf(page)) === 'Public notice', await main(page));
}

// ---- the public notice ----

async function noticed(office, s) {
  const page = await office.as('ma'), out = await office.nobody();
  await page.goto(s.url);
  const posting = await page.locator('main a[href*="/posting/"]').first().getAttribute('href');
  await out.goto(`/posting?county=${COUNTY_CODE}`);
  check('the list of the county leads to the notice', (await out.locator(`main a[href="${posting}"]`).count()) === 1, await out.content());
  const answer = await out.goto(posting);
  const text = squeeze(await main(out)), all = await out.content();
  check('the notice shows a first character and no more', text.includes('周**') && ![HEAD, ILL, CODE, '198011', '139'].some((x) => all.includes(x)), text);
  check('it says until when, and how to object', /On notice from 2026-03-02 to 2026-03-0\d/.test(text) && /What you object to/.test(text) && (await out.locator('form[action$="/object"]').count()) === 1, text);
  check('no search engine keeps it', /noindex/.test(answer.headers()['x-robots-tag'] ?? '') || /name="robots" content="noindex/.test(all), all.slice(0, 600));
  check('the notice fits the phone', (await overflow(out)) <= 0);
  await office.shot(out, '3-notice');
  await page.goto(s.url);
  const text2 = squeeze(await main(page));
  check('nobody hurries a notice', /Not before 2026-03-0[78]/.test(text2), text2);
  s.posting = posting;
}

// ---- the county decides ----

const DECISION = { class: 'Sudden severe difficulty', main_cause: 'Illness', risk: 'Illness', contact: '马信息员' };

async function decided(office, s) {
  await office.at('2026-03-09 09:00');
  await office.serve();
  const township = await office.as('lu'), chen = await office.as('chen'), he = await office.as('admin'), out = await office.nobody();
  await waitState(township, s.url, 'Review by the township');
  check('the notice is over by itself and gone', (await out.goto(s.posting)).status() === 404, await main(out));
  let text = squeeze(await main(township));
  check('now the rules see the cost', /Heavy unavoidable cost: yes/.test(text), text);
  let a = await move(township, s.url, 'pass', {});
  check('the township sends it on without a reason, as the rules advise', a.status === 303, a.text);
  await he.goto(s.url);
  await fillMove(he, 'refuse', {}, '材料不全');
  a = await move(chen, s.url, 'recognise', DECISION);
  check('the county recognises', a.status === 303 && (await stateOf(chen)) === 'Watched', a.text);
  const [late] = await Promise.all([he.waitForResponse((r) => r.request().method() === 'POST'), formOf(he, 'refuse').locator('button[type=submit]').click()]);
  await he.waitForLoadState();
  text = squeeze(await main(he));
  check('who decides on an old page is told who was quicker and what was decided', late.status() === 409 && /陈主任/.test(text) && /Watched/.test(text), `${late.status()} ${text.slice(0, 900)}`);
  await chen.goto(s.url);
  await chen.locator('main a:has-text("The data it was decided on")').first().click();
  text = squeeze(await main(chen));
  check('the frozen data keep what was, and mark what the register says today', /Monitoring class Not monitored The register today says: Sudden severe difficulty/.test(text) &&
    /Unavoidable expense 31,500.00 yuan/.test(text) && /Decided by 陈主任, 2026-03-09/.test(text), text);
  check('with the rules as they were', /Recognised: to be watched holds .*Heavy unavoidable cost: yes/.test(text), text);
  await office.shot(chen, '4-frozen');
  await chen.goto(s.url);
  s.household = await chen.locator('main a[href^="/household/"]').first().getAttribute('href');
  await chen.goto(s.household);
  const value = chen.locator('dl.facts dt:text-is("Monitoring class") + dd:has(a[href^="/source/"])').first();
  check('the household has its class', /Sudden severe difficulty/.test(await value.innerText()), await main(chen));
  await value.locator('a').click();
  text = squeeze(await main(chen));
  check('and the value leads to who decided and to the frozen document', /Monitoring class: Not monitored → Sudden severe difficulty/.test(text) && /陈主任 · decision-\d+-\d+\.json/.test(text), text);
}

// ---- the plan ----

// The departments' answer after the visit: the illness stands in the register now.
function illnessKnown(office, s) {
  const file = path.join(s.dir, 'people-ill.csv');
  fs.writeFileSync(file, csv(people(2025).map((r) => (r[6] === ILL ? Object.assign(r, { [COLUMN['健康状况']]: '患有大病' }) : r))));
  office.command(['import', file, '--year', '2025', '--mapping', 'national_person']);
}

const card = (page, title) => page.locator('section.plan-card', { has: page.locator('h3', { hasText: title }) });
const CHANGED = 'Relief of the cost of illness', CARE = 'Treated as a serious illness', EMERGENCY = 'Relief in an emergency', INSURED = 'Insurance against becoming poor again';

async function plans(office, s) {
  const page = await office.as('ma', PHONE), chen = await office.as('chen');
  illnessKnown(office, s);
  await page.goto('/task');
  await page.locator('main .task-title a', { hasText: 'Make a help plan' }).click();
  check('the task of the plan leads to the proposal', /Propose help: Household of/.test(await main(page)), await main(page));
  await page.click('text=Record a need first');
  await page.locator('main select').first().selectOption({ label: 'Cost of treatment' });
  await page.locator('label', { hasText: 'At once' }).click();
  await page.fill('[name=amount]', '20000');
  await page.fill('[name=words]', '欠医院两万');
  await page.click('form[action$="/need"] button[type=submit]');
  check('the need stands on the household in its words', /Cost of treatment “欠医院两万” At once ¥ 20,000.00 open/.test(squeeze(await main(page))), await main(page));
  await chen.goto(`/plan/new?household=${s.household.split('/').pop()}`);
  let text = squeeze(await main(chen));
  check('a measure is proposed with need, cause, rule, doubt and evidence', new RegExp(`${CHANGED} fits The household needs: Cost of treatment \\(At once, ¥ 20,000.00\\)\\. Cause that it answers: Illness is a cause or risk; Heavy unavoidable cost\\. ` +
    'The rule fits: .*How sure: \\d+ of 100').test(text), text);
  check('and others are not, with the reason', /Not proposed, and why .*Whether the rule fits is not known/.test(text), text);
  await chen.click('button:has-text("Begin a plan with these")');
  for (const title of [CHANGED, CARE, EMERGENCY, INSURED]) check(`the plan has ${title}`, (await card(chen, title).count()) === 1, await main(chen));
  s.plan = new URL(chen.url()).pathname;
  const one = card(chen, CHANGED);
  await one.locator('summary', { hasText: 'Change it, or leave it out' }).click();
  await one.locator('[name=cost]').fill('8000');
  await one.locator('button:has-text("Take it like this")').click();
  check('a change needs its reason', /Say why|why/i.test(await main(chen)) && /proposed/.test(await card(chen, CHANGED).innerText()), await main(chen));
  await card(chen, CHANGED).locator('summary', { hasText: 'Change it, or leave it out' }).click();
  await card(chen, CHANGED).locator('[name=cost]').fill('8000');
  await card(chen, CHANGED).locator('[name=why]').fill('欠费两万，按八千元上限救助');
  await card(chen, CHANGED).locator('button:has-text("Take it like this")').click();
  text = squeeze(await card(chen, CHANGED).innerText());
  check('it is taken with the change', /agreed/.test(text) && /changed/.test(text) && text.includes('8,000.00') && text.includes('按八千元上限'), text);
  await chen.click('button:has-text("Take all as proposed")');
  await chen.click('button:has-text("Approve: give the departments their tasks")');
  text = squeeze(await main(chen));
  check('the plan runs', /running/.test(text.slice(0, 300)), text);
  await page.goto('/task');
  check('the task to make a plan is done', !(await main(page)).includes('Make a help plan'), await main(page));
  s.home = await chen.locator('a:has-text("The household\'s page")').getAttribute('href');
  const pdf = await chen.request.get(`${s.plan}/file`);
  check('the plan is a printed page', pdf.status() === 200 && (await pdf.body()).subarray(0, 5).toString() === '%PDF-', pdf.status());
  await office.shot(chen, '5-plan');
}

// ---- three departments and the village ----

async function deliver(office, login, title, paid, file) {
  const page = await office.as(login);
  await page.goto('/task');
  await page.locator('main .task-title a', { hasText: title }).first().click();
  await page.locator('button:has-text("We have begun")').click();
  await page.fill('[name=day]', '2026-03-20');
  await page.fill('[name=paid]', paid);
  if (file) await page.setInputFiles('[name=file]', file);
  await page.click('button:has-text("Delivered")');
  const text = squeeze(await main(page));
  check(`${login} delivers ${title}`, /delivered, says the department/.test(text) && text.includes('Delivered 2026-03-20'), text);
}

async function departments(office, s) {
  await office.at('2026-03-20 10:00');
  await office.serve();
  const proof = path.join(s.dir, 'receipt.png');
  fs.writeFileSync(proof, Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64'));
  await deliver(office, 'fang', CHANGED, '8000', proof);
  await deliver(office, 'hua', CARE, '300');
  await deliver(office, 'gu', EMERGENCY, '3000');
  await deliver(office, 'gu', 'Allowance for one member', '4800');
  await deliver(office, 'hua', 'Family doctor', '120');
  await deliver(office, 'fang', INSURED, '100');
}

// ---- the household, without an account ----

const homeCard = (page, title) => page.locator('section.home-card', { has: page.locator('h2', { hasText: title }) });
async function got(page, title) {
  await homeCard(page, title).locator('button:has-text("I got it")').click();
  check(`the household got ${title}`, !(await homeCard(page, title).locator('button:has-text("I got it")').count()), await main(page));
}

async function household(office, s) {
  const page = await office.nobody();
  await page.goto(s.home);
  let text = squeeze(await main(page));
  check('the household sees what came, how much, until when and whom to ask', /Relief of the cost of illness ¥ 8,000.00 .*Did you get it\? Until: 2026-04-07 Ask: Medical security/.test(text), text);
  check('and nobody\'s name', ![HEAD, ILL, CODE].some((x) => text.includes(x)), text);
  check('its page fits the phone', (await overflow(page)) <= 0);
  await office.shot(page, '6-home');
  for (const title of [CHANGED, CARE, INSURED, 'Allowance for one member', 'Family doctor']) await got(page, title);
  const one = homeCard(page, EMERGENCY);
  await one.locator('summary', { hasText: 'This did not happen' }).click();
  await one.locator('[name=words]').fill('钱没有到账');
  await one.locator('button:has-text("This did not happen")').click();
  const gu = await office.as('gu');
  await gu.goto('/task');
  await gu.locator('main .task-title a', { hasText: EMERGENCY }).first().click();
  text = squeeze(await main(gu));
  check('what did not happen goes back to the department with the words', /钱没有到账|says it did not happen|did not happen/.test(text) && (await gu.locator('button:has-text("Delivered")').count()) === 1, text);
  await gu.click('button:has-text("Delivered")');
  await page.goto(s.home);
  await got(page, EMERGENCY);
  const chen = await office.as('chen');
  await chen.goto(s.plan);
  check('the plan is finished', /Help plan: Household of \S+ finished/.test(squeeze(await main(chen))), await main(chen));
  const ma = await office.as('ma', PHONE);
  await ma.goto(s.household);
  check('before its time no end of the risk is offered', !(await ma.locator('button:has-text("Clearing a risk")').count()));
}

// ---- watching, and the end of the risk ----

async function openExit(page, s) {
  await page.goto(s.household);
  await page.click('button:has-text("Clearing a risk")');
  await page.waitForURL(/\/case\/\d+/);
  return new URL(page.url()).pathname;
}

async function risen(office, s) {
  await office.at('2026-10-12 09:00');
  const made = files(s.dir, 2026, '2026-03');
  for (const [file, mapping] of [[made.people, 'national_person'], [made.more, 'person_info'], [made.households, 'household_info']])
    office.command(['import', file, '--year', '2026', '--mapping', mapping]);
  await office.serve();
  const page = await office.as('ma', PHONE);
  await page.goto('/task');
  check('what was not done for months stands late', /late since 2026-04-08/.test(squeeze(await main(page))), await main(page));
  let a = await move(page, s.url, 'monthly', { visited_on: '2026-10-12', words: '病情稳定，妻子在村里打工' });
  check('the visit is written down', a.status === 303 && /病情稳定/.test(a.text), a.text);
  s.exit = await openExit(page, s);
  a = await move(page, s.exit, 'nominate');
  check('after its time it is nominated', a.status === 303 && (await stateOf(page)) === 'Home check', a.text);
  await sign(await office.as('lu'), s.exit);
  a = await move(page, s.exit, 'confirm', { visited_on: '2026-10-12', household_signed: HEAD, risk_gone: 'Yes', cost_settled: 'Yes', words: '收入稳定，医疗支出可控，本人同意' });
  check('two officers confirm what the rules say too', a.status === 303 && (await stateOf(page)) === 'Village meeting', a.text);
  const desk = await office.as('ma');
  const meeting = await planMeeting(desk, '2026-10-12');
  await vote(desk, meeting, '25', '0', '1');
  await desk.click('button:has-text("Close and carry out the votes")');
  await desk.goto(s.exit);
  check('the second notice hangs', (await stateOf(desk)) === 'Public notice', await main(desk));
}

async function clears(office, s) {
  await office.at('2026-10-21 09:00');
  await office.serve();
  const township = await office.as('lu'), chen = await office.as('chen');
  await waitState(township, s.exit, 'Review by the township');
  let a = await move(township, s.exit, 'pass');
  check('the township agrees', a.status === 303, a.text);
  await chen.goto(s.exit);
  check('the rule that must hold is shown with its parts', /Cleared holds must hold/.test(squeeze(await main(chen))), await main(chen));
  a = await move(chen, s.exit, 'clear', { way: 'Cleared by help' });
  check('the county clears the risk', a.status === 303 && (await stateOf(chen)) === 'Risk cleared', a.text);
  await waitState(chen, s.url, 'Risk cleared');
  await chen.goto(s.household);
  const text = squeeze(await main(chen));
  check('the household shows it', /Risk cleared yes How the risk was cleared Cleared by help/.test(text) && /Recognising a household to be watched Risk cleared/.test(text) && /Clearing a risk Risk cleared/.test(text), text);
  await office.shot(chen, '7-cleared');
}

// ---- the auditor ----

// Case, what, from → to, who, advice, whether data were frozen; in the order of time.
const EXPECTED = [
  ['Recognising', 'Opened', '→ Tip', '马信息员', '', false],
  ['Recognising', 'Take on', 'Tip → Home check', '马信息员', 'not followed', false],
  ['Recognising', 'In trouble: goes on', 'Home check → Comparison with departments', '马信息员', 'not followed', true],
  ['Recognising', 'Goes on', 'Comparison with departments → Village meeting', '陈主任', '', false],
  ['Recognising', 'The meeting agreed', 'Village meeting → Public notice', '马信息员', '', false],
  ['Recognising', 'The time of notice is over', 'Public notice → Review by the township', 'the system', '', false],
  ['Recognising', 'Goes to the county', 'Review by the township → Decision of the county', '陆镇长', 'followed', false],
  ['Recognising', 'Recognised: to be watched', 'Decision of the county → Watched', '陈主任', 'followed', true],
  ['Recognising', 'The deadline passed', 'Watched → Watched', 'the system', '', false],
  ['Recognising', 'Monthly check', 'Watched → Watched', '马信息员', '', true],
  ['Clearing', 'Opened', '→ Nominated', '马信息员', '', false],
  ['Clearing', 'Nominate', 'Nominated → Home check', '马信息员', 'followed', false],
  ['Clearing', 'The risk is gone: goes on', 'Home check → Village meeting', '马信息员', 'followed', true],
  ['Clearing', 'The meeting agreed', 'Village meeting → Public notice', '马信息员', '', false],
  ['Clearing', 'The time of notice is over', 'Public notice → Review by the township', 'the system', '', false],
  ['Clearing', 'Goes to the county', 'Review by the township → Decision of the county', '陆镇长', 'followed', false],
  ['Clearing', 'Cleared', 'Decision of the county → Risk cleared', '陈主任', 'followed', true],
  ['Recognising', 'The risk was cleared', 'Watched → Risk cleared', 'the system', 'followed', false]];

async function audits(office, s) {
  const page = await office.as('sun');
  const steps = await auditSteps(page, '2026-03-01', '2026-10-31');
  const told = steps.map((x) => x.join(' | ')).join('\n');
  check('the auditor finds as many steps as were made', steps.length === EXPECTED.length, told);
  for (const [which, what, way, who, advice, frozen] of EXPECTED)
    check(`the auditor finds: ${which}, ${what}, ${who}`, steps.filter((x) => x[1].startsWith(which) && x[1].includes(HEAD) && x[2] === what && x[3] === way &&
      x[4] === who && x[5] === advice && (x[7] === 'frozen data') === frozen).length === 1, told);
  const in_order = EXPECTED.map(([which, what]) => steps.findIndex((x) => x[1].startsWith(which) && x[2] === what));
  check('in the order of time', in_order.slice(0, 10).every((n, i) => i === 0 || n > in_order[i - 1]), told);
  check('a vote stands there with its numbers', /23 for it, 2 against, 1 abstained; 26 of 30 present/.test(told) && /25 for it, 0 against, 1 abstained/.test(told), told);
  check('and a reason for every step that the rules did not advise', steps.filter((x) => x[5] === 'not followed').every((x) => x[6].length > 5), told);
  await office.shot(page, '8-audit');
  await page.goto('/case/audit?from=2026-03-01&to=2026-10-31&other=1');
  check('those that did otherwise than the rules can be listed alone', (await page.locator('main tbody tr').count()) === 2, await main(page));
  const frozen = page.locator('main tbody a:has-text("frozen data")').first();
  await frozen.click();
  check('and lead to the data of then', /The data a decision was taken on/.test(await main(page)) && page.url().includes('/decision/'), page.url());
  const refused = await page.goto(`${s.household}/need`);
  check('the auditor looks only', refused.status() === 403, refused.status());
  await office.stop();
  verify('after the story of the office', office.dir);
}

const STEPS = [setUp, sendsTheList, peopleAndOffices, checksTheAlert, homeCheck, twoSign, meets, noticed, decided, plans, departments, household, risen, clears, audits];

const make = (browser, dir) => new Office(browser, path.join(dir, 'county'), 'office', '+08:00');
async function storyOffice(browser, dir) {
  fs.mkdirSync(dir, { recursive: true });
  const office = make(browser, dir), s = { dir };
  try {
    for (const step of STEPS) await step(office, s);
  } finally {
    await office.stop();
  }
}
module.exports = { storyOffice, STEPS, make };
