// Zip files and workbooks made by hand, also wrong ones. Only what the tests need.
'use strict';
const fs = require('fs');
const zlib = require('zlib');

const TABLE = new Uint32Array(256).map((_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});
function crc32(bytes) {
  let c = 0xffffffff;
  for (const b of bytes) c = TABLE[(c ^ b) & 255] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

// entries: [{ name, data } or { name, packed, size, crc }]
function zip(entries) {
  const parts = [], central = [];
  let at = 0;
  for (const e of entries) {
    const name = Buffer.from(e.name);
    const packed = e.packed ?? zlib.deflateRawSync(e.data);
    const size = e.size ?? e.data.length, crc = e.crc ?? crc32(e.data);
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0); head.writeUInt16LE(20, 4); head.writeUInt16LE(8, 8);
    head.writeUInt32LE(crc, 14); head.writeUInt32LE(packed.length, 18); head.writeUInt32LE(size, 22); head.writeUInt16LE(name.length, 26);
    const row = Buffer.alloc(46);
    row.writeUInt32LE(0x02014b50, 0); row.writeUInt16LE(20, 4); row.writeUInt16LE(20, 6); row.writeUInt16LE(8, 10);
    row.writeUInt32LE(crc, 16); row.writeUInt32LE(packed.length, 20); row.writeUInt32LE(size, 24); row.writeUInt16LE(name.length, 28);
    row.writeUInt32LE(at, 42);
    parts.push(head, name, packed); central.push(row, name);
    at += head.length + name.length + packed.length;
  }
  const directory = Buffer.concat(central), end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0); end.writeUInt16LE(entries.length, 8); end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12); end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, directory, end]);
}

const xml = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
const letters = (n) => (n >= 26 ? letters(Math.floor(n / 26) - 1) : '') + String.fromCharCode(65 + (n % 26));
const sheetXml = (rows) => '<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>' +
  rows.map((row, r) => `<row r="${r + 1}">${row.map((c, i) => `<c r="${letters(i)}${r + 1}" t="inlineStr"><is><t>${xml(c)}</t></is></c>`).join('')}</row>`).join('') +
  '</sheetData></worksheet>';
// The parts of a workbook with one sheet; `sheet` is an entry without its name.
function workbook(sheet) {
  const part = (name, text) => ({ name, data: Buffer.from(text) });
  return zip([
    part('[Content_Types].xml', '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'),
    part('_rels/.rels', '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>'),
    part('xl/workbook.xml', '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="1" sheetId="1" r:id="rId1"/></sheets></workbook>'),
    part('xl/_rels/workbook.xml.rels', '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'),
    { ...sheet, name: 'xl/worksheets/sheet1.xml' },
  ]);
}
const xlsx = (rows) => workbook({ data: Buffer.from(sheetXml(rows)) });
// A sheet of `bytes` bytes that packs a thousandfold; it may say a smaller size in the directory.
function bomb(bytes, saidSize) {
  const head = Buffer.from('<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>');
  const megabyte = Buffer.alloc(1 << 20, 'a');
  // One deflate stream: each megabyte is flushed to a byte boundary, so its block may be repeated.
  const once = (b) => zlib.deflateRawSync(b, { finishFlush: zlib.constants.Z_FULL_FLUSH, level: 9 });
  const block = once(megabyte);
  const parts = [once(head)];
  for (let i = 0; i < bytes / megabyte.length; i++) parts.push(block);
  parts.push(zlib.deflateRawSync(Buffer.from('</t></is></c></row></sheetData></worksheet>')));
  return workbook({ packed: Buffer.concat(parts), size: saidSize ?? head.length + bytes, crc: 0 });
}
module.exports = { zip, workbook, xlsx, bomb, sheetXml, crc32, write: (file, bytes) => fs.writeFileSync(file, bytes) };
