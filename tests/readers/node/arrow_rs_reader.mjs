// Every column of Parquet files as arrow-rs reads them: its WebAssembly build makes Arrow data,
// whose buffers are looked at here without the conversions of the JavaScript library.
import { readFileSync } from 'node:fs'

import { tableFromIPC, Type } from 'apache-arrow'
import { readParquet } from 'parquet-wasm/node'

import { bytesText, floatText, run } from './canonical.mjs'

function integer(bytes, at, width, isSigned) {
  let value = 0n
  for (let i = width - 1; i >= 0; i--) value = value << 8n | BigInt(bytes[at + i])
  return isSigned ? BigInt.asIntN(width * 8, value) : value
}

function bytesOf(values) {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

function fixedWidth(data, width, textOf) {
  const bytes = bytesOf(data.values)
  return i => textOf(bytes, (data.offset + i) * width)
}

function variable(data) {
  const offsets = data.valueOffsets
  return i => bytesText(data.values.subarray(Number(offsets[i]), Number(offsets[i + 1])))
}

function list(data) {
  const element = reader(data.children[0])
  return i => {
    const items = []
    for (let at = data.valueOffsets[i]; at < data.valueOffsets[i + 1]; at++) items.push(element(at))
    return `[${items.join(',')}]`
  }
}

function valueReader(data) {
  const { type } = data
  const integers = (width, isSigned) =>
    fixedWidth(data, width, (bytes, at) => integer(bytes, at, width, isSigned).toString())
  switch (type.typeId) {
    case Type.Bool:
      return i => (data.values[(data.offset + i) >> 3] >> ((data.offset + i) & 7) & 1).toString()
    case Type.Int:
      return integers(type.bitWidth / 8, type.isSigned)
    case Type.Date:
      return integers(4, true)
    case Type.Time:
    case Type.Timestamp:
      return integers(8, true)
    case Type.Decimal:
      return integers(type.bitWidth / 8, true)
    case Type.Float: {
      const width = data.values.BYTES_PER_ELEMENT
      return i => floatText(data.values[i], width)
    }
    case Type.FixedSizeBinary:
      return i => bytesText(data.values.subarray(i * type.byteWidth, (i + 1) * type.byteWidth))
    case Type.Utf8:
    case Type.Binary:
    case Type.LargeUtf8:
    case Type.LargeBinary:
      return variable(data)
    case Type.List:
      return list(data)
    default:
      throw new Error(`no way to print ${type}`)
  }
}

function reader(data) {
  const read = valueReader(data)
  return i => data.getValid(i) ? read(i) : '~'
}

await run(path => {
  const table = tableFromIPC(readParquet(readFileSync(path)).intoIPCStream())
  return table.schema.fields.map(({ name }) => {
    const lines = []
    for (const data of table.getChild(name).data) {
      const read = reader(data)
      for (let i = 0; i < data.length; i++) lines.push(read(i))
    }
    return { name, lines }
  })
})
