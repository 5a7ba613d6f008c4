// SPDX-License-Identifier: Apache-2.0
// What page.mjs and measure.mjs share: the server, and Debian's chromium through playwright-core,
// which is looked for where tools/fetch-playwright leaves it. Without either they skip (77).
import {spawn} from 'node:child_process';
import {existsSync} from 'node:fs';
import {createRequire} from 'node:module';
import {homedir} from 'node:os';
import {join} from 'node:path';

const cache = process.env.LIMNER_CACHE ||
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'limner');

function skip(why) {
  console.log(`skipped: ${why}`);
  process.exit(77);
}

export function startServer(exe, ...options) {
  const child = spawn(exe, ['serve', '--port', '0', ...options],
    {stdio: ['ignore', 'ignore', 'pipe']});
  const ended = new Promise(resolve => child.on('exit', resolve));
  return new Promise((resolve, reject) => {
    let text = '';
    child.stderr.on('data', data => {
      text += data;
      const url = text.match(/open (\S+)/);
      if (url) resolve({url: url[1], stop: () => { child.kill('SIGTERM'); return ended; }});
    });
    child.on('exit', status => reject(new Error(`the server ends with ${status}: ${text}`)));
  });
}

export async function startBrowser() {
  const chromium = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync);
  const modules = [cache, process.cwd()].map(d => join(d, 'node_modules', 'playwright-core'))
    .find(existsSync);
  if (!chromium) skip('no chromium');
  if (!modules) skip('no playwright-core; tools/fetch-playwright gets it');
  const playwright = createRequire(import.meta.url)(modules);
  return playwright.chromium.launch({executablePath: chromium, args: ['--no-sandbox',
    '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']});
}

export const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
