// What a reader saw, in the form of tests/readers/reader_matrix.py: per column a line per row, "~"
// for NULL, digits for numbers (decimals unscaled), hex digits for bytes and for the bits of floats,
// "nan" for any NaN, "[a,~,b]" for a list.
import { createHash } from 'node:crypto'

export function floatText(value, bytes) {
  if (Number.isNaN(value)) return 'nan'
  const bits = Buffer.alloc(bytes)
  if (bytes === 4) bits.writeFloatLE(value)
  else bits.writeDoubleLE(value)
  return bits.toString('hex')
}

export function bytesText(value) {
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('hex')
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')
}

// value → text, for one value or a list of them.
export function cellText(value, textOf) {
  if (value === null || value === undefined) return '~'
  if (Array.isArray(value)) return `[${value.map(item => cellText(item, textOf)).join(',')}]`
  return textOf(value)
}

// Prints a column: its digest, or its lines when they were asked for.
export function printColumn(file, column, lines, isWhole) {
  if (isWhole) {
    for (const line of lines) console.log(line)
    return
  }
  const hash = createHash('sha256')
  for (const line of lines) hash.update(line + '\n')
  console.log(JSON.stringify({ file, column, rows: lines.length, digest: hash.digest('hex') }))
}

// [--column NAME] FILE…: calls read(file) → iterable of {name, lines} or {name, numbers}.
export async function run(read) {
  const files = process.argv.slice(2)
  const only = files[0] === '--column' ? files.splice(0, 2)[1] : undefined
  for (const file of files) {
    try {
      for (const { name, lines, numbers } of await read(file)) {
        if (only !== undefined && name !== only) continue
        if (numbers) console.log(JSON.stringify({ file, column: name, rows: numbers.length, numbers }))
        else printColumn(file, name, lines, only !== undefined)
      }
    } catch (error) {
      console.log(JSON.stringify({ file, error: String(error.stack ?? error).slice(0, 600) }))
    }
  }
}
