// Without a mouse: the Tab key reaches what a person needs, and one sees where one is.
'use strict';
const { check } = require('../lib/fumin.js');
const { signIn } = require('./walk.js');

async function focused(page) {
  return page.evaluate(() => {
    const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
    return { tag: e.tagName, href: e.getAttribute('href'), name: e.getAttribute('name'), text: e.textContent.trim(),
      visible: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 && r.width > 0 && r.right > 0 && r.bottom > 0 };
  });
}

async function tabs(page, count) {
  const seen = [];
  for (let i = 0; i < count; i++) {
    await page.keyboard.press('Tab');
    seen.push(await focused(page));
  }
  return seen;
}

async function keyboard(browser, server, password) {
  // Signing in by keyboard alone.
  const context = await browser.newContext({ baseURL: server.url, viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.goto('/sign-in');
  let seen = await tabs(page, 12);
  const steps = seen.findIndex((f) => f.name === 'login');
  check('Tab reaches the user name', steps >= 0, JSON.stringify(seen));
  check('the first Tab offers the way to the content', seen[0].href === '#main', JSON.stringify(seen[0]));
  await page.goto('/sign-in');
  await page.focus('[name=login]');
  await page.keyboard.type('county_admin');
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await page.waitForURL((u) => !u.pathname.includes('sign-in'));
  check('signs in by keyboard', true);

  await page.goto('/');
  // What is not of every day stands under "More": Tab and Enter open it.
  await page.locator('nav.main summary').focus();
  await page.keyboard.press('Enter');
  check('Enter opens the rest of the navigation', await page.locator('nav.main .more a').first().isVisible());
  await page.locator('a.skip').focus();
  const links = await page.locator('nav.main a').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
  seen = await tabs(page, links.length + 14);
  for (const href of links)
    check(`Tab reaches ${href}`, seen.some((f) => f.tag === 'A' && f.href === href), JSON.stringify(seen.map((f) => f.href)));
  for (const f of seen.filter((x) => x.tag !== 'BODY' && x.tag !== 'HTML'))
    check(`one sees the focus on ${f.tag} ${f.href ?? f.name ?? f.text.slice(0, 20)}`, f.visible, JSON.stringify(f));

  // Finding a household: type, Enter, Tab to the first, Enter.
  await page.focus('main input[name=q]');
  await page.keyboard.type('王');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/household\?/);
  let found = false;
  for (let i = 0; i < 40 && !found; i++) {
    await page.keyboard.press('Tab');
    found = /^\/household\/\d+$/.test((await focused(page)).href ?? '');
  }
  check('Tab reaches the first household found', found);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/household\/\d+/);
  check('Enter opens it', true);
  await context.close();
}
module.exports = { keyboard };
