// Unpacks the browser beside this file. The package's own executablePath() would take any /tmp/chromium that is there.
const { createReadStream, createWriteStream } = require("node:fs");
const { createBrotliDecompress } = require("node:zlib");
const { pipeline } = require("node:stream");

const packed = createReadStream("node_modules/@sparticuz/chromium/bin/chromium.br");
pipeline(packed, createBrotliDecompress(), createWriteStream("chromium", { mode: 0o755 }), (error) => { if (error) throw error; });
