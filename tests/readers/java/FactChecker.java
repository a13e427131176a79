import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.filter2.predicate.FilterApi;
import org.apache.parquet.filter2.predicate.FilterPredicate;
import org.apache.parquet.filter2.predicate.Operators.Column;
import org.apache.parquet.filter2.predicate.Operators.SupportsLtGt;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.internal.column.columnindex.ColumnIndex;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveComparator;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/**
 * Do statistics and page indexes hold the values, as parquet-java sees both, and do filters that use
 * them keep every matching row? Prints a line of JSON per problem, then one with the counts of what
 * was looked at.
 */
final class FactChecker {
  private static final int PROBES = 3;

  private final String file;
  private final PrintStream out;
  private int chunkBounds;
  private int pageBounds;
  private int columnIndexes;
  private int mixedChunks;
  private int filters;
  private long pruned;
  private ParquetMetadata footer;
  private MessageType schema;
  private List<Group> rows;

  FactChecker(String file, PrintStream out) {
    this.file = file;
    this.out = out;
  }

  void check() throws Exception {
    try (ParquetFileReader reader = ParquetJavaReader.open(file, FilterCompat.NOOP)) {
      footer = reader.getFooter();
      schema = reader.getFileMetaData().getSchema();
      rows = ParquetJavaReader.readAll(reader, schema, FilterCompat.NOOP, false);
    }
    try (ParquetFileReader reader = ParquetJavaReader.open(file, FilterCompat.NOOP)) {
      int first = 0;
      for (BlockMetaData block : reader.getRowGroups()) {
        for (ColumnChunkMetaData chunk : block.getColumns()) {
          checkChunk(reader, chunk, first, (int) block.getRowCount());
        }
        first += (int) block.getRowCount();
      }
    }
    for (int field = 0; field < schema.getFieldCount(); field++) {
      if (schema.getType(field).isPrimitive()) {
        checkFilters(field);
      }
    }
    out.printf(
        "{\"file\":\"%s\",\"rows\":%d,\"chunk_bounds\":%d,\"page_bounds\":%d,\"column_indexes\":%d,"
            + "\"mixed_chunks\":%d,\"filters\":%d,\"pruned_rows\":%d}%n",
        file, rows.size(), chunkBounds, pageBounds, columnIndexes, mixedChunks, filters, pruned);
  }

  private void problem(String column, String what) {
    out.printf(
        "{\"file\":\"%s\",\"column\":\"%s\",\"problem\":\"%s\"}%n",
        file, column, ParquetJavaReader.escape(what));
  }

  /** The values of a leaf in rows [first, first + count); NULL as null. */
  private List<Object> values(String[] path, int first, int count) {
    List<Object> found = new ArrayList<>();
    int field = schema.getFieldIndex(path[0]);
    for (Group row : rows.subList(first, first + count)) {
      if (path.length == 1) {
        found.add(value(row, field));
      } else if (row.getFieldRepetitionCount(field) == 0
          || row.getGroup(field, 0).getFieldRepetitionCount(0) == 0) {
        found.add(null); // a null or empty list counts as one NULL
      } else {
        Group list = row.getGroup(field, 0);
        for (int i = 0; i < list.getFieldRepetitionCount(0); i++) {
          found.add(value(list.getGroup(0, i), 0));
        }
      }
    }
    return found;
  }

  private static Object value(Group row, int field) {
    if (row.getFieldRepetitionCount(field) == 0) {
      return null;
    }
    PrimitiveTypeName name = row.getType().getType(field).asPrimitiveType().getPrimitiveTypeName();
    return switch (name) {
      case BOOLEAN -> row.getBoolean(field, 0);
      case INT32 -> row.getInteger(field, 0);
      case INT64 -> row.getLong(field, 0);
      case FLOAT -> row.getFloat(field, 0);
      case DOUBLE -> row.getDouble(field, 0);
      default -> row.getBinary(field, 0);
    };
  }

  private static boolean isNan(Object value) {
    return value instanceof Float f && f.isNaN() || value instanceof Double d && d.isNaN();
  }

  @SuppressWarnings("unchecked")
  private void checkWithin(String column, PrimitiveType type, Object low, Object high,
      List<Object> values) {
    PrimitiveComparator<Object> order = type.comparator();
    for (Object value : values) {
      if (isNan(value)) {
        problem(column, "bounds in spite of NaN");
        return;
      }
      if (value != null && (order.compare(low, value) > 0 || order.compare(value, high) > 0)) {
        problem(column, "a value outside of its bounds");
        return;
      }
    }
  }

  private void checkChunk(ParquetFileReader reader, ColumnChunkMetaData chunk, int first, int count)
      throws Exception {
    String column = chunk.getPath().toDotString();
    List<Object> values = values(chunk.getPath().toArray(), first, count);
    Statistics<?> statistics = chunk.getStatistics();
    long nulls = values.stream().filter(v -> v == null).count();
    if (statistics == null || !statistics.isNumNullsSet() || statistics.getNumNulls() != nulls) {
      problem(column, "null_count");
      return;
    }
    if (statistics.hasNonNullValue()) {
      chunkBounds++;
      checkWithin(column, chunk.getPrimitiveType(), statistics.genericGetMin(),
          statistics.genericGetMax(), values);
    }
    if (chunk.getEncodingStats() != null
        && chunk.getEncodingStats().hasDictionaryPages()
        && chunk.getEncodingStats().hasNonDictionaryEncodedPages()) {
      mixedChunks++;
    }
    checkPages(reader, chunk, column, first, count);
  }

  private void checkPages(ParquetFileReader reader, ColumnChunkMetaData chunk, String column,
      int first, int count) throws Exception {
    OffsetIndex offsets = reader.readOffsetIndex(chunk);
    if (offsets == null) {
      problem(column, "no offset index");
      return;
    }
    ColumnIndex index = reader.readColumnIndex(chunk);
    if (index == null) {
      return;
    }
    columnIndexes++;
    PrimitiveType type = chunk.getPrimitiveType();
    for (int page = 0; page < offsets.getPageCount(); page++) {
      int start = (int) offsets.getFirstRowIndex(page);
      int end = page + 1 < offsets.getPageCount() ? (int) offsets.getFirstRowIndex(page + 1) : count;
      List<Object> values = values(chunk.getPath().toArray(), first + start, end - start);
      long nulls = values.stream().filter(v -> v == null).count();
      if (index.getNullCounts() != null && index.getNullCounts().get(page) != nulls) {
        problem(column, "null_count of page " + page);
      }
      if (index.getNullPages().get(page) != (nulls == values.size())) {
        problem(column, "null_pages of page " + page);
      } else if (!index.getNullPages().get(page)) {
        pageBounds++;
        checkWithin(column, type, bound(index.getMinValues().get(page), type),
            bound(index.getMaxValues().get(page), type), values);
      }
    }
  }

  /** A PLAIN bound, little-endian, as the value it stands for. */
  private static Object bound(java.nio.ByteBuffer bytes, PrimitiveType type) {
    java.nio.ByteBuffer view = bytes.duplicate().order(java.nio.ByteOrder.LITTLE_ENDIAN);
    return switch (type.getPrimitiveTypeName()) {
      case BOOLEAN -> view.get(view.position()) != 0;
      case INT32 -> view.getInt(view.position());
      case INT64 -> view.getLong(view.position());
      case FLOAT -> view.getFloat(view.position());
      case DOUBLE -> view.getDouble(view.position());
      default -> Binary.fromConstantByteBuffer(view);
    };
  }

  /** Counts rows that match with every kind of pruning on, and without. */
  private void checkFilters(int field) throws Exception {
    Type type = schema.getType(field);
    MessageType column = new MessageType("schema", type);
    List<Object> values = values(new String[] {type.getName()}, 0, rows.size());
    for (int probe = 0; probe <= PROBES; probe++) {
      Object value = probe == PROBES ? null : values.get(values.size() / PROBES * probe);
      for (FilterPredicate filter : predicates(type, value)) {
        filters++;
        FilterCompat.Filter compat = FilterCompat.get(filter);
        long want;
        long kept;
        try (ParquetFileReader reader = ParquetJavaReader.open(file, footer, FilterCompat.NOOP)) {
          want = ParquetJavaReader.readAll(reader, column, compat, false).size();
        }
        try (ParquetFileReader reader = ParquetJavaReader.open(file, footer, compat)) {
          kept = ParquetJavaReader.readAll(reader, column, compat, true).size();
          pruned += rows.size() - reader.getFilteredRecordCount();
        }
        if (want != kept) {
          problem(type.getName(), kept + " rows instead of " + want + " for " + filter);
        }
      }
    }
  }

  private static <T extends Comparable<T>, C extends Column<T> & SupportsLtGt>
      List<FilterPredicate> ordered(C column, T value) {
    return value == null
        ? List.of(FilterApi.eq(column, null), FilterApi.notEq(column, null))
        : List.of(FilterApi.eq(column, value), FilterApi.notEq(column, value),
            FilterApi.lt(column, value), FilterApi.gtEq(column, value));
  }

  private static List<FilterPredicate> predicates(Type type, Object value) {
    String name = type.getName();
    if (isNan(value)) {
      return List.of(); // parquet-java has its own idea of NaN in a predicate
    }
    return switch (type.asPrimitiveType().getPrimitiveTypeName()) {
      case BOOLEAN -> List.of(FilterApi.eq(FilterApi.booleanColumn(name), (Boolean) value));
      case INT32 -> ordered(FilterApi.intColumn(name), (Integer) value);
      case INT64 -> ordered(FilterApi.longColumn(name), (Long) value);
      case FLOAT -> ordered(FilterApi.floatColumn(name), (Float) value);
      case DOUBLE -> ordered(FilterApi.doubleColumn(name), (Double) value);
      default -> ordered(FilterApi.binaryColumn(name), (Binary) value);
    };
  }
}
