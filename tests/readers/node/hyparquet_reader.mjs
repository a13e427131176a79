// Every column of Parquet files as hyparquet reads them. Decimals come back as doubles: those
// columns are printed as numbers.
import { readFileSync } from 'node:fs'

import { parquetMetadata, parquetRead } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'

import { bytesText, cellText, floatText, run } from './canonical.mjs'

// The stored numbers, because a JavaScript Date keeps milliseconds.
const parsers = {
  timestampFromMicroseconds: micros => micros,
  dateFromDays: days => days,
  jsonFromBytes: bytes => bytes,
  uuidFromBytes: bytes => bytes,
}

function leafOf(schema, index) {
  while (schema[index].num_children) index++
  return schema[index]
}

function subtreeEnd(schema, index) {
  let end = index + 1
  for (let child = 0; child < (schema[index].num_children ?? 0); child++) end = subtreeEnd(schema, end)
  return end
}

function textOfLeaf(leaf) {
  if (leaf.type === 'FLOAT') return value => floatText(value, 4)
  if (leaf.type === 'DOUBLE') return value => floatText(value, 8)
  if (leaf.type === 'BOOLEAN') return value => value ? '1' : '0'
  if (leaf.type.endsWith('BYTE_ARRAY')) return bytesText
  return String
}

await run(async path => {
  const bytes = readFileSync(path)
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  const metadata = parquetMetadata(file)
  let rows
  await parquetRead({
    file, metadata, compressors, parsers, utf8: false, rowFormat: 'object', onComplete: all => { rows = all },
  })
  const columns = []
  for (let i = 1; i < metadata.schema.length; i = subtreeEnd(metadata.schema, i)) {
    const { name } = metadata.schema[i]
    const leaf = leafOf(metadata.schema, i)
    const values = rows.map(row => row[name])
    if (leaf.converted_type === 'DECIMAL') {
      columns.push({ name, numbers: values.map(value => value ?? null) })
      continue
    }
    const textOf = textOfLeaf(leaf)
    columns.push({ name, lines: values.map(value => cellText(value, textOf)) })
  }
  return columns
})
