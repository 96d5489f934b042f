// The market on a phone without JavaScript: a guest finds walnuts by two characters and a chicken by pinyin,
// buys for cash on delivery and by bank transfer, the county packs by real weight, sends and hands over, the buyer
// sees it, and everything agrees at the end. Then every page of it is judged at two sizes in two languages.
'use strict';
const fs = require('fs');
const { check, must, fumin, serve } = require('../lib/fumin.js');
const { signIn, judge, axe, englishTexts } = require('./walk.js');

const SIZES = { phone: { width: 360, height: 740 }, desk: { width: 1280, height: 900 } };
const text = (page) => page.locator('main').innerText();

async function order(page, base, search, name, choice, quantity, zone, pay) {
  await page.goto(`${base}/`);
  await page.fill('#window-q', search);
  await page.click('.window-search button');
  check(`“${search}” finds ${name}`, (await text(page)).includes(name));
  await page.click(`a.goods-name:has-text("${name}")`);
  const one = page.locator('li.buy', { hasText: choice });
  await one.locator('input[name=quantity]').fill(quantity);
  await one.locator('button').click();
  check(`${name} is in the basket`, (await text(page)).includes(name));
  await page.click('main a.button[href="/checkout"]');
  await page.fill('[name=name]', '王芳');
  await page.fill('[name=phone]', '13900001234');
  await page.fill('[name=address]', '某街 5 号');
  await page.check(`[name=zone][value=${zone}]`);
  await page.locator('input[name=provider]').nth(pay).check();
  await page.click('main form button[type=submit]');
  const shown = await text(page);
  check('the second page shows what will be paid', /¥ [\d.]+/.test(shown), shown);
  await page.locator('main form button[type=submit]').first().click();
  check('the order has an address of its own', /\/order\/[0-9a-f]{48}$/.test(page.url()), page.url());
  return page.url();
}

async function hand(page, base, shopName) {
  await page.goto(`${base}/sell/order`);
  await page.click(`main a:has-text("${shopName}")`);
  await page.locator('main table a').first().click();
  await page.locator('main form[action$="/pack"] input[inputmode]').fill('1.85');
  for (const step of ['pack', 'ship', 'deliver']) {
    await page.locator(`main form[action$="/${step}"] button`).click();
    check(`${step} is done`, (await text(page)).includes('Saved.'), await text(page));
  }
}

async function pages(browser, server, base, orders) {
  const english = new Set(englishTexts());
  for (const [size, viewport] of Object.entries(SIZES))
    for (const lang of ['en', 'zh-CN']) {
      const context = await browser.newContext({ baseURL: base, viewport, locale: lang });
      const page = await context.newPage();
      await page.goto('/');
      const goods = await page.locator('a.goods-name').first().getAttribute('href');
      const list = { window: '/', search: '/goods?q=he&kind=walnut', none: '/goods?q=zzzz', product: goods, shop: '/shop/shitou', basket: '/basket',
        checkout: '/checkout', order: new URL(orders[0]).pathname, 'sign-in': '/sign-in', gone: '/goods/1', 'no-order': '/order/00' };
      for (const [name, path] of Object.entries(list)) {
        await page.goto(path);
        await judge(page, `market-${name}`, 'nobody', size, lang, english);
        await axe(page, `market, ${name}, ${size}, ${lang}`);
      }
      await context.close();
    }
}

async function storyMarket(browser, dir) {
  must(['demo', dir, '--households', '300'], { timeout: 300000 });
  const password = /password (\S+):/.exec(fs.readFileSync(`${dir}.accounts.txt`, 'utf8'))[1];
  const server = await serve(dir, { name: 'e2e-market', market: true });
  const base = server.marketUrl;
  const guest = await browser.newContext({ viewport: SIZES.phone, locale: 'en', javaScriptEnabled: false });
  const page = await guest.newPage();
  const chicken = await order(page, base, 'tuji', '散养土鸡', '整只', '2', 'county', 1);
  const walnuts = await order(page, base, '核桃', '薄皮核桃', '散装', '2.5', 'province', 0);
  check('a transfer says what to write on it', /Reference|reference/.test(await text(page)), await text(page));
  const officer = await signIn(browser, server, 'county_admin', password, { viewport: SIZES.phone, locale: 'en', javaScriptEnabled: false });
  await officer.page.goto('/market');
  await officer.page.click('main form button');
  check('the county enters the market', officer.page.url().startsWith(base), officer.page.url());
  await hand(officer.page, base, '石头寨土货');
  await page.goto(chicken);
  const seen = await text(page);
  check('the buyer sees that it came, and its real weight', seen.includes('1.85 kg'), seen);
  await page.goto(`${base}/sell/order`);
  check('a guest does not see orders', !(await page.content()).includes('王芳') && page.url().includes('/sign-in'), page.url());
  await pages(browser, server, base, [chicken, walnuts]);
  await page.goto(walnuts);
  await page.locator('form[action$="/cancel"] button').first().click();
  check('an order not packed can be cancelled', /ancelled/.test(await text(page)), await text(page));
  await officer.context.close();
  await guest.close();
  const verified = fumin(['verify', '--db', dir]);
  check('stock, orders and ledger agree', verified.code === 0, verified.out);
  check('the market stops when asked', (await server.stop()).code === 0);
}
module.exports = { storyMarket };
