// What the office's stories share: a server whose clock is set by hand (FUMIN_NOW; it is stopped
// and started to go on), people who sign in again after that, and the forms of cases.
'use strict';
const fs = require('fs');
const os = require('os');
const path = require('path');
const { top, check, serve, must, PASSWORD, until } = require('../lib/fumin.js');
const { signIn } = require('./walk.js');

const DESK = { width: 1280, height: 900 }, PHONE = { width: 360, height: 740 };
const WAIT_MS = 15000;
const OWN_PASSWORD = 'four blue river stones';
const seconds = (iso) => String(Math.floor(Date.parse(iso) / 1000));
const main = (page) => page.locator('main').innerText();
const squeeze = (text) => text.replace(/\s+/g, ' ');

class Office {
  // `zone`: of the profile, as in an ISO time.
  constructor(browser, dir, name, zone) {
    Object.assign(this, { browser, dir, name, zone, pages: new Map(), passwords: new Map([['admin', PASSWORD]]) });
  }
  init(profile) {
    fs.rmSync(this.dir, { recursive: true, force: true });
    const file = path.join(os.tmpdir(), `fumin-password-${process.pid}`);
    fs.writeFileSync(file, `${PASSWORD}\n`, { mode: 0o600 });
    must(['init', this.dir, '--profile', profile, '--password-file', file], { env: this.env });
    fs.rmSync(file);
  }
  command(args) { return must([...args, '--db', this.dir], { env: this.env }); }
  // "2026-03-02 09:00": the clock stands there until the next call. Everybody signs in anew.
  async at(time) {
    await this.stop();
    this.env = { FUMIN_NOW: seconds(`${time.replace(' ', 'T')}:00${this.zone}`) };
    this.time = time;
  }
  async serve() { this.server = await serve(this.dir, { name: `e2e-${this.name}`, env: this.env }); }
  async stop() {
    for (const { context } of this.pages.values()) await context.close();
    this.pages.clear();
    if (!this.server) return;
    const end = await this.server.stop();
    check(`${this.name}: the server stops when asked`, end.code === 0, JSON.stringify(end));
    this.server = null;
  }
  // The page of a person; each has a browser of their own.
  async as(login, viewport = DESK) {
    const key = `${login} ${viewport.width}`;
    if (!this.pages.has(key))
      this.pages.set(key, await signIn(this.browser, this.server, login, this.passwords.get(login),
        { viewport, locale: 'en', acceptDownloads: true }));
    this.pages.get(key).page.setDefaultTimeout(WAIT_MS);
    return this.pages.get(key).page;
  }
  // Somebody without an account.
  async nobody(viewport = PHONE) {
    const key = `nobody ${viewport.width}`;
    if (!this.pages.has(key)) {
      const context = await this.browser.newContext({ baseURL: this.server.url, viewport, locale: 'en' });
      this.pages.set(key, { context, page: await context.newPage() });
    }
    return this.pages.get(key).page;
  }
  async shot(page, name) {
    await page.screenshot({ path: path.join(top, 'build/shots', `${this.name}-${name}.png`), fullPage: true });
  }
  // Accounts by the page for them; at the first sign-in people take passwords of their own.
  async users(list) {
    const first = [];
    for (const [login, name, role, area] of list) first.push(this.ownPassword(login, await this.user(login, name, role, area)));
    await Promise.all(first);
  }
  async user(login, name, role, area) {
    const admin = await this.as('admin');
    await admin.goto('/user/new');
    await admin.fill('[name=login]', login);
    await admin.fill('[name=name]', name);
    await admin.selectOption('[name=role]', role);
    const value = await admin.locator('[name=area] option').evaluateAll((all, a) => all.find((o) => o.textContent.trim().endsWith(a))?.value, area);
    check(`${this.name}: ${area} can be chosen for ${login}`, !!value, await main(admin));
    await admin.selectOption('[name=area]', value);
    await admin.click('main form button[type=submit]');
    return (await admin.locator('.one-time').innerText()).trim();
  }
  async ownPassword(login, first) {
    this.passwords.set(login, first);
    const own = await this.as(login);
    await own.fill('[name=old]', first);
    await own.fill('[name=new]', OWN_PASSWORD);
    await own.fill('[name=again]', OWN_PASSWORD);
    await own.click('main form button[type=submit]');
    this.passwords.set(login, OWN_PASSWORD);
  }
  // Somebody gets a duty in an organisation, found by its name.
  async duty(org, login, title, heads) {
    const admin = await this.as('admin');
    await admin.goto('/org');
    await admin.locator('tbody a[href^="/org/"]', { hasText: org }).first().click();
    await admin.locator('summary', { hasText: 'Add a person' }).click();
    await admin.fill('form[action$="/duty"] [name=login]', login);
    await admin.fill('form[action$="/duty"] [name=title]', title);
    if (heads) await admin.check('form[action$="/duty"] [name=heads]');
    await admin.click('form[action$="/duty"] button[type=submit]');
    check(`${this.name}: ${login} has a duty in ${org}`, (await main(admin)).includes(title), await main(admin));
  }
}

// ---- cases ----

const formOf = (page, event) => page.locator(`form[action$="/move"]:has(input[name=event][value="${event}"])`);

// Fills the form of a move; answers by the field's code.
async function fillMove(page, event, answers = {}, reason = '') {
  const form = formOf(page, event);
  await form.evaluate((f) => { f.closest('details').open = true; });
  for (const [code, value] of Object.entries(answers)) {
    const field = form.locator(`[name="x_${event}_${code}"]`).first();
    const kind = await field.evaluate((e) => (e.tagName === 'SELECT' ? 'select' : e.type));
    if (kind === 'select') await field.selectOption(/^\d+$/.test(value) ? { value } : { label: value });
    else if (kind === 'checkbox') await form.getByLabel(value, { exact: true }).check();
    else await field.fill(value);
  }
  await form.locator(`[name="reason_${event}"]`).fill(reason);
}
// Makes a move on the page of the case and gives back what the page says then.
async function move(page, caseUrl, event, answers, reason) {
  await page.goto(caseUrl);
  await fillMove(page, event, answers, reason);
  const [answer] = await Promise.all([page.waitForResponse((r) => r.request().method() === 'POST' && r.url().includes('/move')),
    formOf(page, event).locator('button[type=submit]').click()]);
  await page.waitForLoadState();
  return { status: answer.status(), text: await main(page) };
}
const stateOf = (page) => page.locator('section[aria-labelledby=next] .tag').first().innerText();
async function sign(page, caseUrl) {
  await page.goto(caseUrl);
  await page.click('main button:has-text("Sign with my name")');
}
// Waits until the case stands where the clock is to have brought it by itself.
async function waitState(page, caseUrl, state) {
  await until(`${caseUrl} comes to ${state}`, async () => { await page.goto(caseUrl); return (await stateOf(page)) === state; }, 45000)
    .catch(async (e) => { throw new Error(`${e.message}\n${await main(page)}`); });
}
const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

// The steps of the audit page, oldest first, of all its pages: [when, case, what, from → to, who, advice, reason, data].
async function auditSteps(page, from, to) {
  const steps = [];
  await page.goto(`/case/audit?from=${from}&to=${to}`);
  for (;;) {
    steps.push(...await page.locator('main tbody tr').evaluateAll((all) => all.map((r) => [...r.cells].map((c) => c.innerText.trim()))));
    const more = page.locator('main .pager a[rel=next], main .pager a:has-text("Next"), main .pager a:has-text("More")').first();
    if (!(await more.count())) return steps.reverse();
    await more.click();
    await page.waitForLoadState();
  }
}

module.exports = { Office, DESK, PHONE, main, squeeze, fillMove, formOf, move, sign, stateOf, waitState, overflow, auditSteps };
