// The browser suite: Chromium through playwright-core, pages judged by axe-core.
//   node test/e2e/run.js [walk|story|keyboard|poverty|rule|refuse|office|mirea|market]...      (default: all)
// walk: every role, every page, phone and desk size, English and Chinese, without JavaScript;
// story: a person's first hour; keyboard: without a mouse; poverty: an officer and an analyst with
// the evidence; rule: a county's own rule; refuse: what the evidence refuses; office: a household falls
// ill and the whole office answers; mirea: the same in a country that does not exist, by data alone;
// market: a guest buys, a shop packs and hands over, without JavaScript on a phone.
// Screenshots go to build/shots.
// Ends with one line "N passed, N failed".
'use strict';
const fs = require('fs');
const path = require('path');
const { chromium } = require('playwright-core');
const { top, check, main, must, init, serve, freshDir } = require('../lib/fumin.js');
const { walk } = require('./walk.js');
const { story } = require('./story.js');
const { keyboard } = require('./keyboard.js');
const { prepare } = require('./prepare.js');
const { storyPoverty } = require('./story_poverty.js');
const { storyOwnRule } = require('./story_own_rule.js');
const { refusePoverty } = require('./refuse_poverty.js');
const { storyOffice } = require('./story_office.js');
const { storyMirea } = require('./story_mirea.js');
const { storyMarket } = require('./story_market.js');

const ARGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

async function run() {
  const parts = process.argv.slice(2);
  const wants = (part) => parts.length === 0 || parts.includes(part);
  const dir = freshDir('e2e');
  fs.mkdirSync(path.join(top, 'build/shots'), { recursive: true });
  // A container's /dev/shm may be too small for a browser.
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: [...ARGS, '--disable-dev-shm-usage'] });
  try {
    if (['walk', 'keyboard', 'poverty', 'rule', 'refuse'].some(wants)) {
      const demo = path.join(dir, 'demo');
      must(['demo', demo, '--households', '300'], { timeout: 300000 });
      const server = await serve(demo, { name: 'e2e-demo' });
      const password = /password (\S+):/.exec(fs.readFileSync(`${demo}.accounts.txt`, 'utf8'))[1];
      if (wants('keyboard')) await keyboard(browser, server, password);
      if (wants('poverty')) await storyPoverty(browser, server, password, dir);
      const made = await prepare(server, password, demo);
      if (wants('refuse')) await refusePoverty(server, password, demo, made.published);
      if (wants('walk')) await walk(browser, server, password, made);
      if (wants('rule')) await storyOwnRule(browser, server, password);
      const end = await server.stop();
      check('the demo server stops when asked', end.code === 0, JSON.stringify(end));
    }
    if (wants('story')) {
      const own = path.join(dir, 'own');
      init(own);
      const server = await serve(own, { name: 'e2e-own' });
      await story(browser, server, own);
      const end = await server.stop();
      check('the server stops when asked', end.code === 0, JSON.stringify(end));
    }
    if (wants('office')) await storyOffice(browser, path.join(dir, 'office'));
    if (wants('market')) await storyMarket(browser, path.join(dir, 'market'));
    if (wants('mirea')) await storyMirea(browser, path.join(dir, 'mirea'));
  } finally {
    await browser.close();
  }
}
main(run);
