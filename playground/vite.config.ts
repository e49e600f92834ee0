// Builds the bundle that the server embeds. Every file is stored gzipped and nothing else is
// kept: the repository and the binary stay small, and the server sends the bytes as they are.

import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'fflate';
import { defineConfig, type Plugin } from 'vite';

/**
 * Replaces each built file by its gzip. A compressor in plain JavaScript gives the same bytes on
 * every machine, which Node's zlib does not promise; without a time the header is constant too.
 */
function gzipBundle(): Plugin {
  let outDir = '';
  return {
    name: 'understory:gzip-bundle',
    apply: 'build',
    configResolved(config) {
      outDir = config.build.outDir;
    },
    async closeBundle() {
      const entries = await readdir(outDir, { recursive: true, withFileTypes: true });
      for (const entry of entries) {
        if (!entry.isFile()) continue;
        const path = join(entry.parentPath, entry.name);
        await writeFile(`${path}.gz`, gzipSync(await readFile(path), { level: 9, mtime: 0 }));
        await rm(path);
      }
    },
  };
}

const server = process.env.UNDERSTORY_URL ?? 'http://127.0.0.1:8000';

export default defineConfig({
  // Relative addresses let the page be served below any path by a reverse proxy.
  base: './',
  build: {
    // The editor is one large chunk by nature.
    chunkSizeWarningLimit: 4096,
    license: { fileName: 'licenses.md' },
    // Libraries mark modules for server components, which mean nothing in a bundle for browsers.
    rolldownOptions: { checks: { moduleLevelDirective: false } },
  },
  worker: { format: 'es' },
  server: {
    fs: { allow: ['..'] },
    proxy: { '/graphql': { target: server, ws: true } },
  },
  plugins: [gzipBundle()],
});
