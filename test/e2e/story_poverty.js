// The evidence at work, as the issue says it: an officer moves the poverty line and sees the
// figures, the ranking, the map and the newly poor change; opens one of them and reads why; opens
// a check and takes its list of a village along; an analyst does the page's figures again with the
// command that the page prints. All without JavaScript; the map also without a mouse.
'use strict';
const fs = require('fs');
const path = require('path');
const { top, check, fumin } = require('../lib/fumin.js');
const { parseCsv } = require('../lib/data.js');
const { signIn } = require('./walk.js');

const DESK = { width: 1280, height: 900 };
const LINE = '6500';
const shot = (page, name) => page.screenshot({ path: path.join(top, 'build/shots', `poverty-${name}.png`), fullPage: true });
const number = (text) => Number(String(text).replace(/[^\d.+-]/g, ''));
const main = (page) => page.locator('main').innerText();
const same9 = (a, b) => Number.isFinite(a) && Number.isFinite(b) && Math.abs(a - b) <= 5e-10 * Math.max(1e-3, Math.abs(a), Math.abs(b));

const heads = (page) => page.locator('dl.figures .figure').evaluateAll((all) =>
  Object.fromEntries(all.map((f) => [f.querySelector('dt').innerText.trim(), [...f.querySelectorAll('dd')].map((d) => d.innerText.trim())])));
const ranking = (page) => page.locator('main table').first().locator('tbody tr').evaluateAll((all) =>
  all.map((r) => `${r.querySelector('th a').textContent.trim()} ${r.querySelector('td').textContent.trim()}`));
const colours = (page) => page.locator('svg.map a path').evaluateAll((all) =>
  all.map((p) => `${p.parentElement.getAttribute('aria-label')} ${p.getAttribute('class')}`).sort());
const hrefs = (page, selector) => page.locator(selector).evaluateAll((all) => all.map((a) => a.getAttribute('href')));

// A click whose page is there, whole, before anything is read from it.
const follow = (page, selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);

async function saveAs(page, link) {
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  return fs.readFileSync(await download.path(), 'utf8');
}

async function setLine(page, line) {
  await page.fill('main input[name=line]', line);
  await follow(page, 'main form.filters button[type=submit]');
}

// ---- the officer ----

async function movesTheLine(page) {
  await page.goto('/');
  await follow(page, 'nav.main a[href="/poverty"]');
  const before = { heads: await heads(page), ranking: await ranking(page) };
  await follow(page, 'main nav a[href^="/poverty/map"]');
  before.map = await colours(page);
  await page.goBack();
  await setLine(page, LINE);
  check('the address holds the line', new URL(page.url()).searchParams.get('line') === LINE, page.url());
  const after = { heads: await heads(page), ranking: await ranking(page) };
  check('a higher line has more poor', number(after.heads['Poverty rate'][0]) > number(before.heads['Poverty rate'][0]),
    JSON.stringify([before.heads, after.heads]));
  check('the ranking changes', JSON.stringify(before.ranking) !== JSON.stringify(after.ranking), after.ranking.join('\n'));
  const text = await main(page);
  check('the page says who is newly poor', /[1-9]\d* households \(\d+ people\) are newly poor/.test(text), text);
  await shot(page, '1-line');
  const links = await hrefs(page, 'main nav.tabs a, main table a[href^="/poverty?"]');
  check('every way on keeps the line', links.length > 8 && links.every((h) => h.includes(`line=${LINE}`)), links.join('\n'));
  const address = page.url();
  await follow(page, 'main nav a[href^="/poverty/map"]');
  after.map = await colours(page);
  check('the map changes', before.map.length > 3 && after.map.length === before.map.length && JSON.stringify(after.map) !== JSON.stringify(before.map),
    () => `${before.map.join('\n')}\n--\n${after.map.join('\n')}`);
  await shot(page, '2-map');
  await page.goto(address);
  check('the address gives the same figures again', JSON.stringify(await heads(page)) === JSON.stringify(after.heads), JSON.stringify(await heads(page)));
  return address;
}

// How many the page says are newly poor, and their list page by page.
async function newlyPoor(page, address) {
  await page.goto(address);
  const said = number(/(\d[\d,]*) households \([\d,]+ people\) are newly poor/.exec(await main(page))?.[1]);
  await page.click('main a:has-text("See these households")');
  const listed = await page.locator('tbody tr').count() < said ? [] : null;
  const first = await page.locator('tbody tr').evaluateAll((all) => all.map((r) =>
    ({ href: r.querySelector('th a').getAttribute('href'), cells: [...r.querySelectorAll('td')].map((c) => c.innerText.trim()) })));
  let count = first.length;
  while (listed && await page.locator('a[rel=next]').count()) {
    await page.click('a[rel=next]');
    count += await page.locator('tbody tr').count();
  }
  check('the list holds as many households as are newly poor', count === said, `${count} listed, ${said} said`);
  return { said, first };
}

async function readsWhy(page, list) {
  for (const row of list.slice(0, 20)) {
    await page.goto(row.href);
    if (await page.locator('main a[href^="/check/"]').count()) break;
  }
  const text = await main(page), url = page.url();
  const row = list.find((r) => url.endsWith(r.href));
  const money = (words) => number(new RegExp(`${words}[^\\n]*[\\t\\n ]([+-]?[\\d,]+)\\s*(?:\\n|$)`).exec(text)?.[1]);
  const income = money('^Net income per head \\(|\\nNet income per head \\(');
  check('the household shows the income of the list', row.cells.some((c) => number(c) === income), `${income}: ${JSON.stringify(row)}\n${text}`);
  check('and its distance to the national line', money('Distance to: National') === income - 4000, `${money('Distance to: National')} ${income}`);
  check('and its place in the village', /\d+% of the people of \S+ have less/.test(text), text);
  check('and its deprivations, over the years', /Two assurances, three guarantees and water[\s\S]*Not enough food[\s\S]*Poor by this index/.test(text), text);
  check('and the checks that fire, with their values', /What the checks find/.test(text) && await page.locator('a[href^="/check/"]').count() > 0, text);
  const card = await page.locator('main a[href^="/check/"]').first().evaluate((a) => (a.closest('section, li, .card') ?? a.parentElement.parentElement).innerText);
  check('a check says which values made it fire', card.split('\n').length >= 2 && /\d|yes|no|[A-Z]/.test(card.replace(/^.*\n/, '')), card);
  await shot(page, '3-household');
  return page.locator('main a[href^="/check/"]').first().getAttribute('href');
}

// Follows the first area of the table "By area" that has findings, until there is none below.
async function downToVillage(page) {
  for (let depth = 0; depth < 4; depth++) {
    const crumbs = await page.locator('main ol.crumbs').first().locator('li').allInnerTexts();
    const level = crumbs.findIndex((c) => c.includes('示范县'));
    if (crumbs.length - level === 3) return crumbs.at(-1).trim();
    const rows = await page.locator('main table tbody tr').evaluateAll((all) => all.map((r) =>
      ({ href: r.querySelector('th a')?.getAttribute('href') ?? '', count: Number(r.querySelector('td')?.textContent.replace(/\D/g, '') || 0) })));
    const next = rows.find((r) => r.href.startsWith('/check/') && r.count > 0);
    if (!next) return null;
    await page.goto(next.href);
  }
  return null;
}

async function exportsCheck(page, checkHref) {
  const checkNumber = /\/check\/(\d+)/.exec(checkHref)[1];
  await page.goto(checkHref);
  check('the check opened from a household says what to do', (await main(page)).includes('What to do:'));
  await page.locator('main ol.crumbs a:has-text("示范县")').first().click();
  const village = await downToVillage(page);
  if (!check('a check leads from the county to a village', !!village, () => page.url())) return;
  const said = number((await heads(page)).Households?.[0]);
  const listed = await page.locator('main tbody tr').filter({ has: page.locator('a[href^="/household/"]') }).allInnerTexts();
  await shot(page, '4-check-village');
  const rows = parseCsv(await saveAs(page, page.locator('main a[href*="format=csv"]').first()));
  const at = (name) => rows[0].indexOf(name);
  check('the list of the village has as many rows as the page says', rows.length - 1 === said && said === listed.length && said > 0,
    `${rows.length - 1} in the file, ${said} said, ${listed.length} listed`);
  check('each row names the check, the village and what the register says', rows.slice(1).every((r) =>
    r[at('Check')] === checkNumber && village.startsWith(r[at('Village')]) && r[at('What the register says')].length > 3), rows.map((r) => r.join(' | ')).join('\n'));
  check('the households of the file are those of the page', rows.slice(1).every((r) =>
    listed.some((t) => t.includes(r[at('Household number')]) || t.includes(r[at('Household')]))), () => `${rows.join('\n')}\n${listed.join('\n')}`);
  check('there is room for what was found', at('What was found') === rows[0].length - 1, rows[0].join(','));
  await page.click('main a[href*="/print"]');
  const sheet = await main(page);
  check('the sheet to print has them too', rows.slice(1).every((r) => sheet.includes(r[at('Household number')])), sheet);
  await shot(page, '5-sheet');
}

// ---- the analyst ----

// The command under "How was this computed?" (opened by byPage), on the rows that the page gives.
async function byCommand(page, dir, what) {
  const printed = (await page.locator('details.how code').filter({ hasText: /^fumin / }).innerText()).trim();
  const file = path.join(dir, `${what}-rows.csv`);
  const rows = await saveAs(page, page.locator('details.how a[href^="/poverty/rows"]'));
  fs.writeFileSync(file, rows);
  const words = printed.split(/\s+/);
  check(`${what}: the page prints a command on its rows`, words[0] === 'fumin' && words[2] === 'rows.csv', printed);
  const ran = fumin([...words.slice(1).map((w) => (w === 'rows.csv' ? file : w)), '--format', 'json'], { cwd: dir });
  if (!check(`${what}: the command runs`, ran.code === 0, `${printed}\n${ran.err}`)) return { all: [], command: printed, rows };
  return { all: JSON.parse(ran.out).filter((r) => Object.keys(r.by).length === 0), command: printed, rows };
}

async function byPage(page) {
  await page.click('details.how > summary');
  const text = await saveAs(page, page.locator('details.how a[href*="format=json"]'));
  return JSON.parse(text).filter((r) => r.by === null || (typeof r.by === 'object' && Object.keys(r.by).length === 0));
}

function compare(what, measures, mine, command) {
  for (const m of measures) {
    const a = mine.find((r) => r.measure === m), b = command.find((r) => r.measure === m);
    check(`${what}: ${m} of page and command agree to 9 digits`, !!a && !!b && same9(a.estimate, b.estimate) && a.rows === b.rows,
      JSON.stringify([a, b]));
  }
}

async function analystMoney(page, dir) {
  for (const [what, address] of [['people', `/poverty?line=${LINE}`], ['households', `/poverty?line=60%25median&unit=household&poor=at`]]) {
    await page.goto(address);
    const mine = await byPage(page);
    const shown = number((await heads(page))['Poverty rate'][0]);
    const { all, rows } = await byCommand(page, dir, what);
    compare(what, ['fgt0', 'fgt1', 'fgt2'], mine, all);
    check(`${what}: the page shows that rate`, Math.abs(100 * (all.find((r) => r.measure === 'fgt0')?.estimate) - shown) <= 0.0500001, shown);
    check(`${what}: the saved rows name nobody`, !/\d{10}|\d{17}[\dX]/.test(rows) && !rows.split('\n')[0].includes('name'), rows.slice(0, 400));
  }
  await page.goto(`/poverty/inequality?line=${LINE}`);
  const mine = await byPage(page);
  const { all } = await byCommand(page, dir, 'inequality');
  compare('inequality', ['gini', 'ge0', 'ge1', 'ge2', 'atkinson05', 'atkinson1', 'atkinson2', 'watts', 'sst'], mine, all);
}

async function analystDimensions(page, dir) {
  await page.goto('/poverty/dimensions?index=rural_life');
  const before = await byPage(page);
  const own = await byCommand(page, dir, 'index');
  compare('index', ['m0', 'h', 'a'], before, own.all);
  await page.locator('main details:has(#s-k) > summary').click();
  const weights = page.locator('main input[name^="w_"]');
  const names = await weights.evaluateAll((all) => all.map((i) => i.name));
  await weights.first().fill(String(Number(await weights.first().inputValue()) * 4));
  await page.fill('#s-k', '1/4');
  await page.click('main button:has-text("Compute anew")');
  const url = new URL(page.url());
  check('the address holds the moved weight and k', url.searchParams.get(names[0]) !== null && url.searchParams.get('k') === '1/4', page.url());
  const after = await byPage(page);
  const moved = await byCommand(page, dir, 'moved index');
  compare('moved index', ['m0', 'h', 'a'], after, moved.all);
  const m0 = (rows) => rows.find((r) => r.measure === 'm0')?.estimate;
  check('a moved weight moves M0 on the page and by command', m0(before) !== m0(after) && m0(own.all) !== m0(moved.all), [m0(before), m0(after)].join(' '));
  check('the command says the moved weights', moved.command !== own.command && moved.command.includes('--k 1/4'), moved.command);
  await shot(page, '6-dimensions');
}

// ---- without a mouse ----

async function mapByKeyboard(page) {
  await page.goto(`/poverty/map?line=${LINE}`);
  const at = () => page.evaluate(() => {
    const e = document.activeElement, s = getComputedStyle(e), inside = e.querySelector('path');
    return { map: !!e.closest('svg.map'), label: e.getAttribute('aria-label'), href: e.getAttribute('href'),
      seen: (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2) || (!!inside && parseFloat(getComputedStyle(inside).strokeWidth) >= 2) };
  });
  for (const level of ['township', 'village']) {
    let f, steps = 0;
    await page.evaluate(() => document.activeElement.blur());
    do { await page.keyboard.press('Tab'); f = await at(); } while (!f.map && ++steps < 60);
    check(`Tab reaches the map's first ${level}`, f.map && /^.+: \d/.test(f.label ?? '') && f.href.startsWith('/poverty/map?'), JSON.stringify(f));
    check(`one sees the focus on a ${level} of the map`, f.seen, JSON.stringify(f));
    await page.keyboard.press('Enter');
    await page.waitForURL((u) => u.search.includes('area='));
    check(`Enter goes down to it, with the line`, page.url().includes(`line=${LINE}`) && (await page.locator('h1').innerText()).length > 3, page.url());
    await page.waitForLoadState();
  }
  await page.goto(`/poverty/map?line=${LINE}`);
  let left = 0;
  await page.locator('svg.map a').first().focus();
  for (; left < 60 && (await at()).map; left++) await page.keyboard.press('Tab');
  check('Tab leaves the map again', left < 60, `${left} stops`);
}

async function storyPoverty(browser, server, password, dir) {
  const officer = await signIn(browser, server, 'county_officer', password,
    { viewport: DESK, javaScriptEnabled: false, acceptDownloads: true, locale: 'en' });
  const address = await movesTheLine(officer.page);
  const { said, first } = await newlyPoor(officer.page, address);
  const higher = await newlyPoor(officer.page, address.replace(`line=${LINE}`, 'line=7500'));
  check('a higher line has more newly poor', higher.said > said, `${said} ${higher.said}`);
  const checkHref = await readsWhy(officer.page, first);
  await exportsCheck(officer.page, checkHref);
  await officer.context.close();
  const analyst = await signIn(browser, server, 'analyst', password,
    { viewport: DESK, javaScriptEnabled: false, acceptDownloads: true, locale: 'en' });
  await analystMoney(analyst.page, dir);
  await analystDimensions(analyst.page, dir);
  await mapByKeyboard(analyst.page);
  await analyst.context.close();
}
module.exports = { storyPoverty };
