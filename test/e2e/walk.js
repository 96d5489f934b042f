// Every role looks at every page it can reach, at two sizes and in two languages.
'use strict';
const fs = require('fs');
const path = require('path');
const { top, check, Client } = require('../lib/fumin.js');
const axeSource = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const SIZES = { phone: { width: 360, height: 740 }, desk: { width: 1280, height: 900 } };
const PAGE_BYTES_MAX = 15 * 1024;
// Pages that were light before the evidence came must stay so; those of the evidence are printed.
const EVIDENCE = /^(poverty|public|microdata|check|compare|rule)/;
const ROLES = ['county_admin', 'county_officer', 'township_officer', 'village_worker', 'department_officer', 'analyst', 'auditor'];

// All English texts of the program that have a Chinese: none may stand alone on a Chinese page.
function englishTexts() {
  const found = new Set();
  for (const file of fs.readdirSync(path.join(top, 'po/zh_CN.d'))) {
    const text = fs.readFileSync(path.join(top, 'po/zh_CN.d', file), 'utf8');
    for (const m of text.matchAll(/^msgid "((?:[^"\\]|\\.)+)"\nmsgstr "((?:[^"\\]|\\.)+)"/gm))
      if (/[a-z]{2}/.test(m[1]) && m[1] !== m[2]) found.add(m[1].replace(/\\"/g, '"'));
  }
  return [...found];
}

// In the page: visible texts (and what screen readers say) that nobody marked as not to be translated.
function readTexts() {
  const out = [];
  const skip = (e) => e.closest('[translate=no], code, pre, script, style, [lang=en], .one-time');
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    if (text && !skip(walker.currentNode.parentElement)) out.push(text);
  }
  for (const e of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]'))
    for (const a of ['aria-label', 'title', 'placeholder', 'alt'])
      if (e.getAttribute(a) && !skip(e)) out.push(e.getAttribute(a));
  return out;
}

const overflow = () => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide <= 0) return '';
  const limit = document.documentElement.clientWidth;
  const who = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > limit + 1 && !e.closest('.table-wrap'));
  return `${wide} px too wide: ${who.slice(0, 3).map((e) => e.outerHTML.slice(0, 120)).join(' | ')}`;
};

// The upper two screens of a page.
async function shoot(page, name, viewport) {
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.screenshot({ path: path.join(top, 'build/shots', `${name}.png`), fullPage: true,
    clip: { x: 0, y: 0, width: viewport.width, height: Math.min(height, 2 * viewport.height) } });
}

async function signIn(browser, server, login, password, options) {
  const context = await browser.newContext({ baseURL: server.url, ...options });
  const page = await context.newPage();
  await page.goto('/sign-in');
  await page.fill('[name=login]', login);
  await page.fill('[name=password]', password);
  await page.click('main button[type=submit]');
  return { context, page };
}

const first = async (page, selector) => page.locator(selector).first().getAttribute('href', { timeout: 1000 }).catch(() => null);

// The pages this person can reach: the navigation, and one of each kind behind it.
async function findPages(page) {
  const pages = new Map([['home', '/'], ['account', '/account'], ['password', '/account/password'], ['help', '/help'], ['not-found', '/nothing-here']]);
  await page.goto('/');
  for (const a of await page.locator('nav.main a').all()) {
    const href = await a.getAttribute('href');
    if (href !== '/') pages.set(href.slice(1), href);
  }
  const behind = async (name, from, selector) => {
    if (!pages.has(from)) return;
    await page.goto(pages.get(from));
    const href = await first(page, selector);
    if (href) pages.set(name, href);
  };
  await behind('household-one', 'household', 'tbody th a[href^="/household/"]');
  await behind('person', 'household-one', 'a[href^="/person/"]:not([href*="reveal"])');
  await behind('source', 'household-one', 'a[href^="/source/"]');
  await behind('reveal', 'household-one', 'a[href*="/reveal/"]');
  await behind('area-one', 'area', 'tbody th a[href^="/area/"]');
  await behind('import-one', 'import', 'tbody th a[href^="/import/"]');
  await behind('user-one', 'user', 'tbody th a[href^="/user/"]');
  await behind('indicator', 'codebook', 'tbody th a[href^="/codebook/"]');
  if (pages.has('user')) { pages.set('user-new', '/user/new'); pages.set('user-events', '/user/events'); }
  if (pages.has('household')) {
    pages.set('household-none', '/household?q=zzzzzz');
    pages.set('household-found', `/household?q=${encodeURIComponent('王')}`);
  }
  return pages;
}

// The pages of the evidence, with what `made` (prepare.js) put there.
async function findEvidence(page, pages, made) {
  const line = 'line=9000';
  for (const [name, href] of [
    ['poverty-moved', `/poverty?${line}&group=household_type`], ['poverty-inequality', `/poverty/inequality?${line}`],
    ['poverty-dimensions', '/poverty/dimensions'], ['poverty-dimensions-moved', '/poverty/dimensions?index=rural_life&k=1/4&group=size'],
    ['poverty-map', `/poverty/map?${line}`], ['poverty-map-m0', '/poverty/map?figure=m0&index=rural_life'],
    ['poverty-causes', '/poverty/causes'], ['poverty-change', `/poverty/change?${line}`], ['poverty-capability', '/poverty/capability'],
    ['poverty-households', `/poverty/households?${line}&from_line=national_line`],
    ['poverty-dimensions-households', '/poverty/dimensions/households?index=rural_life'], ['poverty-publish', `/poverty/publish?${line}`],
    ['public', '/public'], ['public-one', `/public/${made.published}`], ['microdata', '/microdata'], ['microdata-new', '/microdata/new'],
    ['microdata-one', `/microdata/${made.asked}`], ['check-all', '/check?all=1'], ['check-run', '/check/run'],
    ['compare-new', '/compare/new'], ['compare-one', `/compare/${made.compared}`], ['compare-mine', '/compare/mine'],
    ['compare-review', `/compare/${made.compared}/review`],
    ['rule-new', '/rule/new'], ['rule-profile', '/rule/profile'], ['rule-one', `/rule/${made.rule}`]]) pages.set(name, href);
  const behind = async (name, from, selector) => {
    await page.goto(pages.get(from) ?? '/');
    const href = await first(page, selector);
    if (href) pages.set(name, href);
    else check(`there is a way from ${from} to ${name}`, false, page.url());
  };
  await behind('poverty-map-township', 'poverty-map', 'main tbody th a[href^="/poverty/map"]');
  await behind('poverty-map-village', 'poverty-map-township', 'main tbody th a[href^="/poverty/map"]');
  await behind('poverty-township', 'poverty', 'main tbody th a[href^="/poverty?"]');
  await behind('check-one', 'check', 'main tbody th a[href^="/check/"]');
  await behind('check-print', 'check-one', 'main a[href*="/print"]');
  await behind('poverty-household', 'poverty-households', 'main tbody th a[href^="/household/"]');
  await behind('rule-change', 'rule-one', 'main a[href^="/rule/"][href*="/edit"], main a[href^="/rule/new?"]');
}

// The pages of the office behind those in the navigation: the lists, one of each kind, the forms.
async function findOffice(page, pages) {
  for (const href of ['/tip', '/tip/new', '/tip/poster', '/assembly', '/posting/office', '/grievance', '/grievance/new', '/case/audit',
    '/plan/items', '/vacancy', '/vacancy/new', '/loan', '/offer', '/offer/new', '/alert/rules', '/disaster', '/disaster/new', '/task/new',
    '/helper', '/meeting', '/meeting/new', '/resource', '/resource/new', '/paper', '/paper/new', '/org/new', '/notice', '/report'])
    pages.set(href.slice(1).replace(/\//g, '-'), href);
  for (const [name, from] of [['task-one', 'task'], ['alert-one', 'alert'], ['alert-rule', 'alert-rules'], ['case-one', 'case'], ['tip-one', 'tip'],
    ['assembly-one', 'assembly'], ['posting-one', 'posting-office'], ['grievance-one', 'grievance'], ['plan-one', 'plan'], ['vacancy-one', 'vacancy'],
    ['loan-one', 'loan'], ['offer-one', 'offer'], ['disaster-one', 'disaster'], ['org-one', 'org'], ['meeting-one', 'meeting'],
    ['resource-one', 'resource'], ['paper-one', 'paper']]) {
    await page.goto(pages.get(from));
    const at = pages.get(from).split('/')[1];
    const href = await page.locator(`main a[href^="/${at}/"]`).evaluateAll((all) =>
      all.map((a) => a.getAttribute('href')).find((h) => /^\/[a-z]+\/(rules\/)?([0-9]+|[A-Za-z0-9_-]{12,})$/.test(h)) ?? null);
    if (href) pages.set(name, href);
    else check(`there is a way from ${from} to ${name}`, false, page.url());
  }
}

async function judge(page, name, role, size, lang, english) {
  const label = `${role}, ${name}, ${size}, ${lang}`;
  const wide = await page.evaluate(overflow);
  check(`${label}: no sideways scrolling`, wide === '', wide);
  check(`${label}: one h1, a title, a language`, await page.evaluate((l) => document.querySelectorAll('h1').length === 1 &&
    document.title.length > 8 && document.documentElement.lang === l, lang));
  if (lang !== 'zh-CN') return;
  const texts = await page.evaluate(readTexts);
  const left = texts.filter((t) => english.has(t) || /\b[a-z]{2,} [a-z]{2,} [a-z]{2,}\b/.test(t));
  check(`${label}: no English left`, left.length === 0, left.slice(0, 8).join(' | '));
}

async function axe(page, label) {
  await page.evaluate(axeSource);
  const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa'], resultTypes: ['violations'] }));
  check(`${label}: axe finds nothing`, found.violations.length === 0,
    () => found.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 160)} (${n.any[0]?.message ?? ''})`).join(' | ')}`).join('\n'));
}

async function walkRole(browser, server, role, password, english, made) {
  const plain = await signIn(browser, server, role, password, { javaScriptEnabled: false, viewport: SIZES.desk });
  check(`${role}: signs in without JavaScript`, !plain.page.url().includes('sign-in'), plain.page.url());
  const pages = await findPages(plain.page);
  if (role === 'county_admin') await findEvidence(plain.page, pages, made);
  if (role === 'county_admin') await findOffice(plain.page, pages);
  const busy = await signIn(browser, server, role, password, { viewport: SIZES.phone });
  const noise = [];
  busy.page.on('console', (m) => m.type() === 'error' && !m.location().url.endsWith('/nothing-here') && noise.push(`${m.location().url}: ${m.text()}`));
  busy.page.on('pageerror', (e) => noise.push(`${busy.page.url()}: ${e}`));
  for (const [lang, tag] of [['en', 'en'], ['zh-CN', 'zh-CN']]) {
    await plain.page.goto(`/?lang=${tag}`);
    await busy.page.goto(`/?lang=${tag}`);
    for (const [name, href] of pages) {
      for (const [size, viewport] of Object.entries(SIZES)) {
        await plain.page.setViewportSize(viewport);
        const answer = await plain.page.goto(href);
        check(`${role}, ${name}: opens`, answer.status() === (name === 'not-found' ? 404 : 200), `${href} ${answer.status()}`);
        await judge(plain.page, name, role, size, lang, english);
        if (role === 'county_admin' || (role === 'village_worker' && name === 'home'))
          await shoot(plain.page, `${role === 'county_admin' ? '' : `${role}-`}${name}-${size}-${lang}`, viewport);
      }
      if (role === 'county_admin' || role === 'analyst' || role === 'village_worker') {
        await busy.page.setViewportSize(lang === 'en' ? SIZES.phone : SIZES.desk);
        await busy.page.goto(href);
        await axe(busy.page, `${role}, ${name}, ${lang}`);
      }
    }
  }
  check(`${role}: the browser's console stays empty`, noise.length === 0, noise.join('\n'));
  await plain.context.close();
  await busy.context.close();
  return pages;
}

// What goes over the line for a page, without the style sheet.
async function weigh(server, login, password, pages) {
  const client = await new Client(server).signIn(login, password);
  client.headers['Accept-Encoding'] = 'gzip';
  for (const [name, href] of pages)
    for (const lang of ['en', 'zh-CN']) {
      const a = await client.get(href + (href.includes('?') ? '&' : '?') + `lang=${lang}`);
      if (EVIDENCE.test(name)) {
        if (a.bytes.length > PAGE_BYTES_MAX) console.log(`heavy: ${name}, ${lang}: ${a.bytes.length} bytes over the line`);
        continue;
      }
      check(`${name}, ${lang}: at most 15 KB over the line`, a.bytes.length <= PAGE_BYTES_MAX, `${a.bytes.length} bytes, ${a.headers['content-encoding']}`);
    }
}

async function walkSignedOut(browser, server, english, made) {
  for (const [lang, tag] of [['en', 'en'], ['zh-CN', 'zh-CN']])
    for (const [size, viewport] of Object.entries(SIZES)) {
      const context = await browser.newContext({ baseURL: server.url, viewport });
      const page = await context.newPage();
      for (const [name, href] of [['sign-in', '/sign-in'], ['recover', '/recover'], ['help-out', '/help'],
        ['public-out', '/public'], ['public-one-out', `/public/${made.published}`]]) {
        await page.goto(`${href}?lang=${tag}`);
        await judge(page, name, 'nobody', size, lang, english);
        await axe(page, `nobody, ${name}, ${size}, ${lang}`);
        await shoot(page, `${name}-${size}-${lang}`, viewport);
      }
      await context.close();
    }
}

async function walk(browser, server, password, made) {
  const english = new Set(englishTexts());
  await walkSignedOut(browser, server, english, made);
  for (const role of ROLES) {
    const pages = await walkRole(browser, server, role, password, english, made);
    if (role === 'county_admin') await weigh(server, role, password, pages);
  }
}
module.exports = { walk, signIn, judge, axe, shoot, englishTexts };
