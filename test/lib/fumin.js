// What the program's tests in JavaScript share: running it, talking to its server, counting.
// FUMIN_BIN: the program (default build/asan/fumin). Output of servers goes to build/log.
'use strict';
const fs = require('fs');
const http = require('http');
const os = require('os');
const path = require('path');
const { spawn, spawnSync } = require('child_process');

const top = path.resolve(__dirname, '../..');
const bin = path.resolve(top, process.env.FUMIN_BIN || 'build/asan/fumin');
const logDir = path.join(top, 'build/log');
fs.mkdirSync(logDir, { recursive: true });
const env = {
  ...process.env, LANG: 'C.UTF-8', FUMIN_LOG: process.env.FUMIN_LOG || '',
  ASAN_OPTIONS: process.env.ASAN_OPTIONS || 'detect_leaks=1:abort_on_error=0:allocator_may_return_null=1',
  UBSAN_OPTIONS: process.env.UBSAN_OPTIONS || 'print_stacktrace=1',
};
delete env.FUMIN_FAULT;
const PASSWORD = 'seven green hills';

let passed = 0, failed = 0;
const failures = [];
// One statement that must hold. `detail` (a value or a function) is shown when it does not.
function check(name, ok, detail) {
  if (ok) { passed++; return true; }
  failed++;
  const text = typeof detail === 'function' ? detail() : detail;
  failures.push(name);
  console.error(`FAILED: ${name}${text === undefined ? '' : `\n    ${String(text).slice(0, 3000).replace(/\n/g, '\n    ')}`}`);
  return false;
}
function finish() {
  if (failures.length > 10) console.error(`Failed in all:\n  ${failures.join('\n  ')}`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}
// Runs an async main and ends with the sum line, also after an exception.
function main(run) {
  run().then(finish, (e) => { check('the test runs to its end', false, e.stack || e); finish(); });
}

// A sanitizer's report, a crash or an assertion in a program's output.
const crashed = (r) => r.signal !== null && r.signal !== undefined ||
  /ERROR: \w+Sanitizer|runtime error:|Assertion .* failed|SUMMARY: /.test(r.err);

// Runs one command to its end: { code, signal, out, err, ms }.
function fumin(args, options = {}) {
  const started = Date.now();
  const r = spawnSync(bin, args, { env: { ...env, ...options.env }, input: options.input ?? '', timeout: options.timeout ?? 120000,
    maxBuffer: 256 * 1024 * 1024, cwd: options.cwd ?? top, encoding: 'utf8', killSignal: 'SIGKILL' });
  const result = { code: r.status, signal: r.signal, out: r.stdout, err: r.stderr, ms: Date.now() - started };
  fs.appendFileSync(path.join(logDir, 'commands.log'), `$ fumin ${args.join(' ')}\n${result.err}`);
  return result;
}
function must(args, options) {
  const r = fumin(args, options);
  if (r.code !== 0) throw new Error(`fumin ${args.join(' ')}: exit ${r.code} ${r.signal || ''}\n${r.out}\n${r.err}`);
  return r;
}

// A fresh folder under build/.
function freshDir(name) {
  const dir = path.join(top, 'build', name);
  fs.rmSync(dir, { recursive: true, force: true });
  fs.mkdirSync(dir, { recursive: true });
  return dir;
}
// A new database in `dir` with the administrator "admin" (PASSWORD).
function init(dir, extra = []) {
  fs.rmSync(dir, { recursive: true, force: true });
  for (const key of ["", "-market"]) fs.rmSync(`${dir}${key}.key`, { force: true });
  fs.mkdirSync(path.dirname(dir), { recursive: true });
  const file = path.join(os.tmpdir(), `fumin-password-${process.pid}`);
  fs.writeFileSync(file, `${PASSWORD}\n`, { mode: 0o600 });
  const r = must(['init', dir, '--profile', 'cn', '--password-file', file, ...extra]);
  fs.rmSync(file);
  return r;
}

// Starts `fumin serve`; resolves when it answers. { url, port, child, stop(), kill(), exited }; with
// options.market also the market beside it: { marketUrl, marketPort }.
function serve(dir, options = {}) {
  const log = fs.openSync(path.join(logDir, `${options.name || 'server'}.log`), 'a');
  const child = spawn(options.bin || bin, ['serve', '--db', dir, '--listen', '127.0.0.1:0', ...(options.market ? [] : ['--market', 'off'])],
    { env: { ...env, ...options.env }, stdio: ['ignore', 'pipe', log], cwd: top });
  fs.closeSync(log);
  const exited = new Promise((done) => child.on('exit', (code, signal) => done({ code, signal })));
  return new Promise((done, bad) => {
    let text = '';
    const timer = setTimeout(() => bad(new Error('the server did not start in 60 s')), 60000);
    exited.then((e) => { clearTimeout(timer); bad(new Error(`the server ended: ${JSON.stringify(e)}`)); });
    child.stdout.on('data', (data) => {
      text += data;
      const found = /^(https?:\/\/[^\s/]+:(\d+))\/?$/m.exec(text);
      const market = /^Market: (http:\/\/[^\s/]+:(\d+))\/?$/m.exec(text);
      if (!found || (options.market && !market)) return;
      clearTimeout(timer);
      done({
        url: found[1], port: Number(found[2]), child, exited, marketUrl: market?.[1], marketPort: Number(market?.[2]),
        kill: async () => { child.kill('SIGKILL'); return exited; },
        stop: async () => { child.kill('SIGTERM'); return exited; },
      });
    });
  });
}

// A client with cookies, one person's browser without the browser.
class Client {
  constructor(server, address) {
    this.server = server;
    this.cookies = {};
    this.headers = { 'Accept-Language': 'en' };
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
    this.address = address;
  }
  request(method, url, body, type) {
    return new Promise((done, bad) => {
      const headers = { ...this.headers, Cookie: Object.entries(this.cookies).map(([k, v]) => `${k}=${v}`).join('; ') };
      if (body !== undefined) { headers['Content-Type'] = type; headers['Content-Length'] = Buffer.byteLength(body); }
      const q = http.request({ host: '127.0.0.1', port: this.server.port, path: url, method, headers, agent: this.agent,
        localAddress: this.address }, (a) => {
        const parts = [];
        for (const line of a.headers['set-cookie'] || []) {
          const [pair] = line.split(';');
          const at = pair.indexOf('=');
          this.cookies[pair.slice(0, at)] = pair.slice(at + 1);
        }
        a.on('data', (d) => parts.push(d));
        a.on('error', bad);
        a.on('end', () => {
          const bytes = Buffer.concat(parts);
          const text = bytes.toString('utf8');
          const found = /name="csrf" value="([0-9a-f]+)"/.exec(text);
          if (found) this.csrf = found[1];
          done({ status: a.statusCode, headers: a.headers, bytes, text, location: a.headers.location });
        });
      });
      q.on('error', bad);
      q.setTimeout(60000, () => q.destroy(new Error('no answer in 60 s')));
      if (body !== undefined) q.write(body);
      q.end();
    });
  }
  get(url) { return this.request('GET', url); }
  post(url, fields = {}) {
    const form = new URLSearchParams({ csrf: this.csrf ?? '', ...fields });
    return this.request('POST', url, form.toString(), 'application/x-www-form-urlencoded');
  }
  upload(url, fields, name, bytes) {
    const mark = '----fumin-test-boundary';
    const parts = [];
    for (const [k, v] of Object.entries({ csrf: this.csrf ?? '', ...fields }))
      parts.push(Buffer.from(`--${mark}\r\nContent-Disposition: form-data; name="${k}"\r\n\r\n${v}\r\n`));
    parts.push(Buffer.from(`--${mark}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n` +
      'Content-Type: application/octet-stream\r\n\r\n'), Buffer.from(bytes), Buffer.from(`\r\n--${mark}--\r\n`));
    return this.request('POST', url, Buffer.concat(parts), `multipart/form-data; boundary=${mark}`);
  }
  async signIn(login, password) {
    await this.get('/sign-in');
    const a = await this.post('/sign-in', { login, password });
    if (a.status !== 303) throw new Error(`sign-in of ${login}: ${a.status} ${a.text.slice(0, 2000)}`);
    const page = await this.get('/account');
    if (page.status !== 200) throw new Error(`account of ${login}: ${page.status} ${page.location}`);
    return this;
  }
}

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
// Waits until `probe` gives something true; throws after `ms`.
async function until(what, probe, ms = 60000) {
  const end = Date.now() + ms;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error(`${what}: not within ${ms} ms`);
    await sleep(50);
  }
}
// fumin verify: exit 0, else its output.
function verify(name, dir, options = {}) {
  const r = fumin(['verify', '--db', dir], options);
  return check(`${name}: fumin verify finds nothing`, r.code === 0, () => `exit ${r.code} ${r.signal || ''}\n${r.out}\n${r.err}`);
}

module.exports = { top, bin, logDir, env, PASSWORD, check, main, finish, crashed, fumin, must, freshDir, init, serve, Client, sleep, until, verify };
