// An officer writes a rule of the county's own: a mistake is shown at its place, a case that fails
// keeps it out of force, a household shows what it finds, undo goes back. First without JavaScript,
// then the result follows the typing; a village's worker reads it and cannot change it.
'use strict';
const path = require('path');
const lib = require('../lib/fumin.js');
const { signIn } = require('./walk.js');

const top = lib.top;
const check = (ok, name) => lib.check(name, Boolean(ok));

const DESK = { width: 1280, height: 900 };
const shot = (page, name) => page.screenshot({ path: path.join(top, 'build/shots', `rule-${name}.png`), fullPage: true });
const number = (text) => Number(String(text).replace(/[^\d]/g, ''));
const figure = async (page, label) =>
  number(await page.locator(`dl.figures .figure:has(dt:text-is("${label}")) dd`).first().innerText());

async function writes(page) {
  await page.goto('/rule/new');
  await page.fill('#f-rule', 'house_m2 / sise < 25');
  await page.click('button:text-is("Try")');
  const fault = await page.locator('#rule-fault').innerText();
  check(/Line 1, character 12/.test(fault) && /“size”/.test(fault), `a mistake has its place and the nearest name: ${fault}`);
  check((await page.inputValue('#f-rule')) === 'house_m2 / sise < 25', 'what was typed stays');
  await page.fill('#f-rule', 'house_m2 / size < 25');
  await page.fill('#f-cases', 'yes: size = 4; house_m2 = 99\nyes: size = 4; house_m2 = 100');
  await page.fill('#f-code', 'crowded');
  await page.fill('#f-message', 'Less than 25 square metres each');
  await page.selectOption('#f-state', 'force');
  await page.click('button:text-is("Save")');
  check(/line 2 fails/.test(await page.locator('.note.bad').first().innerText()), 'a failing case keeps a rule out of force');
  await page.fill('#f-cases', 'yes: size = 4; house_m2 = 99\nno: size = 4; house_m2 = 100');
  await page.click('button:text-is("Save")');
  check(/\/rule\/\d+$/.test(page.url()), `the rule is saved: ${page.url()}`);
  return new URL(page.url()).pathname;
}

async function finds(page, rule) {
  const yes = await figure(page, 'True');
  const areas = await page.locator('main table').first().locator('tbody tr td:nth-child(2)').allInnerTexts();
  check(yes > 0 && areas.map(number).reduce((a, b) => a + b, 0) === yes, `areas add up to ${yes}`);
  const csv = await (await page.request.get(`${rule}/file?format=csv`)).text();
  check(csv.trim().split('\n').length === yes + 1, 'the file has every household');
  const household = await page.locator('main table').last().locator('tbody a').first().getAttribute('href');
  await page.goto(household);
  check(/Less than 25 square metres each\s*the county's own check/.test(await page.locator('main').innerText()), 'the household shows it as the county\'s own');
  return yes;
}

async function changes(page, rule, yes) {
  await page.goto(`${rule}/edit`);
  await page.fill('#f-rule', 'house_m2 / size < 20');
  await page.fill('#f-cases', '');
  await page.click('button:text-is("Save")');
  check((await figure(page, 'True')) < yes, 'fewer with a stricter rule');
  await page.click('button:has-text("Undo")');
  check((await figure(page, 'True')) === yes, 'undo goes back');
  await shot(page, 'one');
}

async function follows(browser, server, password) {
  const { context, page } = await signIn(browser, server, 'county_officer', password, { viewport: DESK, locale: 'en' });
  await page.goto('/rule/new');
  await page.fill('#f-rule', 'size > 3 and hous_grade is missing');
  await page.waitForSelector('#rule-fault');
  await page.click('.go-to');
  await page.keyboard.type('house_grade');
  await page.waitForSelector('#try-result .figures');
  check((await page.inputValue('#f-rule')) === 'size > 3 and house_grade is missing', 'the mistake\'s place is selected');
  await shot(page, 'follows');
  await context.close();
}

async function storyOwnRule(browser, server, password) {
  const officer = await signIn(browser, server, 'county_officer', password, { viewport: DESK, locale: 'en', javaScriptEnabled: false });
  const rule = await writes(officer.page);
  await changes(officer.page, rule, await (async () => { const n = await finds(officer.page, rule); await officer.page.goto(rule); return n; })());
  await officer.context.close();
  await follows(browser, server, password);
  const worker = await signIn(browser, server, 'village_worker', password, { viewport: DESK, locale: 'en' });
  const seen = await worker.page.goto(rule);
  check(seen.status() === 200 && !(await worker.page.locator('text=Change').count()), 'a village reads the rule and does not change it');
  check((await worker.page.goto(`${rule}/edit`)).status() === 403, 'nor by its address');
  await worker.context.close();
}
module.exports = { storyOwnRule };
