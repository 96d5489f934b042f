// A person's first hour: a file of their own with mistakes, its findings, the refused rows
// corrected and sent again; a household found by its name in Chinese and by sound; a value traced
// to its row; a number shown for a reason, and the look recorded; the end of one's area; undo.
'use strict';
const fs = require('fs');
const path = require('path');
const { top, check, PASSWORD, verify } = require('../lib/fumin.js');
const { HEADER, COLUMN, countyRows, csv, parseCsv } = require('../lib/data.js');
const { signIn } = require('./walk.js');

const shot = (page, name) => page.screenshot({ path: path.join(top, 'build/shots', `story-${name}.png`), fullPage: true });

// The page reloads itself while the work goes on.
async function waitDone(page, tag) {
  await page.locator('main p .tag').getByText(tag, { exact: true }).first().waitFor({ timeout: 60000 });
}

async function upload(page, file) {
  await page.goto('/import');
  await page.setInputFiles('[name=file]', file);
  await page.fill('[name=year]', '2025');
  await page.selectOption('[name=mapping]', { index: 0 });
  await page.click('main form[enctype] button[type=submit]');
  await page.waitForURL(/\/import\/\d+/);
}

async function importWithMistakes(page, rows, file) {
  const bad = rows.map((r) => [...r]);
  bad[1][COLUMN['与户主关系']] = '邻居'; // no such relation
  const id = bad[5][COLUMN['证件号码']];
  bad[5][COLUMN['证件号码']] = id.slice(0, 10) + id[11] + id[10] + id.slice(12); // two digits swapped
  if (bad[5][7] === id) bad[5][7] = id.slice(0, 16) + ((Number(id[16]) + 1) % 10) + id[17];
  bad[11][COLUMN['与户主关系']] = '户主'; // a second head
  fs.writeFileSync(file, csv(bad));
  await upload(page, file);
  await waitDone(page, 'checked, not yet taken over');
  const text = await page.locator('main').innerText();
  check('the findings name the unknown relation', text.includes('邻居'), text);
  check('the findings explain the check digit', /last digit does not fit|birth date inside/.test(text), text);
  check('the findings name the second head', /second head/.test(text), text);
  check('nothing has changed yet', text.includes('Nothing has been changed yet'), text);
  await shot(page, '1-findings');
  await page.click('text=Take over the good rows');
  await waitDone(page, 'taken over');
  await shot(page, '2-taken-over');
}

async function correctAndSendAgain(page, rows, file) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('main a:has-text("CSV")')]);
  const got = parseCsv(fs.readFileSync(await download.path(), 'utf8'));
  const at = got.findIndex((r) => r.includes('姓名'));
  check('the refused rows have a column "reason"', got[at].at(-1) === 'reason', got[at].join(','));
  const refused = got.slice(at + 1).filter((r) => r.length > 5);
  check('the refused rows are those with mistakes', refused.length >= 3 && refused.length <= 8, refused.map((r) => r.join(',')).join('\n'));
  check('each says why', refused.every((r) => r.at(-1).length > 5), refused.map((r) => r.at(-1)).join('\n'));
  // The person corrects the cells in the file that came back and leaves the reasons in it.
  const right = new Map(rows.map((r) => [r[COLUMN['人编号']], r]));
  const code = got[at].indexOf('人编号');
  const corrected = refused.map((r) => [...right.get(r[code]), r.at(-1)]);
  fs.writeFileSync(file, csv(corrected, got[at]));
  await upload(page, file);
  await waitDone(page, 'checked, not yet taken over');
  check('the corrected rows have no findings', !(await page.locator('main').innerText()).includes('refused'), await page.locator('main').innerText());
  await page.click('text=Take over the good rows');
  await waitDone(page, 'taken over');
  return page.url();
}

async function find(page, words, name) {
  await page.goto('/');
  await page.fill('main input[name=q]', words);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/household\?/);
  const found = await page.locator('tbody th a').allInnerTexts();
  check(`"${words}" finds ${name}`, found.some((t) => t.includes(name)), found.join(' | '));
}

async function traceValue(page, name, fileName) {
  await page.locator(`tbody th a:has-text("${name}")`).first().click();
  await page.waitForURL(/\/household\/\d+/);
  const url = page.url();
  await shot(page, '3-household');
  await page.locator('dl.facts a[href^="/source/household/"]').first().click();
  const text = await page.locator('main').innerText();
  check('a value leads to its file and row', text.includes(fileName) && /row \d/.test(text), text);
  await shot(page, '4-source');
  return url;
}

async function reveal(page, household, identity) {
  await page.goto(household);
  check('the number is masked on the page', !(await page.content()).includes(identity));
  await page.locator('a[href*="/reveal/identity"]').first().click();
  await page.click('main button:has-text("Show the value")');
  check('without a reason nothing is shown', !(await page.content()).includes(identity));
  await page.locator('input[name=reason]').first().check();
  await page.click('main button:has-text("Show the value")');
  await page.locator('.one-time').waitFor();
  check('the number is shown for a reason', (await page.locator('.one-time').innerText()).trim() === identity);
  check('the number is not in the address', !page.url().includes(identity));
  await shot(page, '5-revealed');
  await page.goto(household);
  await page.locator('tbody th a[href^="/person/"]').first().click();
  const text = await page.locator('main').innerText();
  check('the look is in the list', text.includes('Who looked at masked values') && text.includes('a visit or a call to the family') &&
    /Identity number\s+a visit/.test(text), text);
  await page.goto(`${page.url().split('?')[0]}?lang=zh-CN`);
  check('also in Chinese', /证件号码\s+走访或电话联系家庭/.test(await page.locator('main').innerText()), await page.locator('main').innerText());
  await page.goto(`${page.url().split('?')[0]}?lang=en`);
  await shot(page, '6-looks');
}

async function addOfficer(page, browser, server) {
  await page.goto('/user/new');
  await page.fill('[name=login]', 'officer');
  await page.fill('[name=name]', '李干事');
  await page.selectOption('[name=role]', 'township_officer');
  const area = await page.locator('[name=area] option').evaluateAll((all) => all.find((o) => o.textContent.includes('八巴镇'))?.value);
  check('the areas to choose from hold the new township', !!area);
  if (!area) return null;
  await page.selectOption('[name=area]', area);
  await page.click('main form button[type=submit]');
  const first = (await page.locator('.one-time').innerText()).trim();
  const { context, page: own } = await signIn(browser, server, 'officer', first, { viewport: { width: 360, height: 740 } });
  check('the first password must be changed', own.url().includes('/account/password'), own.url());
  await own.fill('[name=old]', first);
  await own.fill('[name=new]', 'four blue river stones');
  await own.fill('[name=again]', 'four blue river stones');
  await own.click('main form button[type=submit]');
  await own.goto('/household');
  check('the officer sees households', (await own.locator('tbody tr').count()) > 0);
  return { context, own };
}

async function refusedOutside(own, otherHousehold, otherName) {
  const answer = await own.goto(otherHousehold);
  const text = await own.locator('main').innerText();
  check('outside the own area there is nothing', answer.status() === 404 && !text.includes(otherName), `${answer.status()} ${text}`);
  check('and the page says why', /outside the areas you look after|not in your areas/.test(text), text);
  await own.goto(`/household?q=${encodeURIComponent(otherName)}`);
  check('searching does not find it either', (await own.locator('tbody a').count()) === 0);
  await shot(own, '7-refused');
}

async function takeBack(page, importUrl) {
  await page.goto(importUrl);
  await page.click('text=Take this import back');
  await waitDone(page, 'taken back');
  await shot(page, '8-taken-back');
}

async function story(browser, server, db) {
  const dir = path.dirname(db);
  const rows = countyRows({ seed: 21, townships: ['八巴镇', '河口乡'], villages: 2, households: 2, size: 2 });
  rows[0][COLUMN['姓名']] = '赵桂花';
  rows.at(-2)[COLUMN['姓名']] = '钱多福';
  const { context, page } = await signIn(browser, server, 'admin', PASSWORD, { viewport: { width: 1280, height: 900 }, acceptDownloads: true, locale: 'en' });
  await shot(page, '0-empty');
  await importWithMistakes(page, rows, path.join(dir, 'mine.csv'));
  const second = await correctAndSendAgain(page, rows, path.join(dir, 'corrected.csv'));
  await find(page, '赵桂花', '赵桂花');
  for (const words of ['zhaoguihua', 'zhao guihua', 'Zhao']) await find(page, words, '赵桂花');
  await find(page, rows[0][COLUMN['户编号']], '赵桂花');
  await find(page, rows[0][COLUMN['证件号码']], '赵桂花');
  check('no personal number stays in an address of the list', !(await page.locator('main').innerHTML()).includes(`=${rows[0][7]}"`));
  await find(page, '桂花', '赵桂花');
  const household = await traceValue(page, '赵桂花', 'mine.csv');
  await reveal(page, household, rows[0][COLUMN['证件号码']]);
  await find(page, '钱多福', '钱多福');
  const other = await page.locator('tbody th a').first().getAttribute('href');
  const officer = await addOfficer(page, browser, server);
  if (officer) {
    await refusedOutside(officer.own, other, '钱多福');
    await officer.context.close();
  }
  await takeBack(page, second);
  await page.goto('/household');
  await shot(page, '9-after-undo');
  await context.close();
  verify('after the story', db);
}
module.exports = { story };
