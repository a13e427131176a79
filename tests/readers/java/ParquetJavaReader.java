import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;

/**
 * Every column of Parquet files as parquet-java reads them, page checksums verified, in the form of
 * tests/readers/reader_matrix.py: a line of JSON per column with the digest of its rows.
 *
 * <p>ParquetJavaReader [--column NAME | --facts] FILE… prints the rows of one column instead, or
 * what FactChecker finds wrong with statistics, indexes and filters.
 */
public final class ParquetJavaReader {
  static List<Group> readAll(
      ParquetFileReader reader, MessageType schema, FilterCompat.Filter filter, boolean isPruned)
      throws Exception {
    List<Group> rows = new ArrayList<>();
    reader.setRequestedSchema(schema);
    PageReadStore pages;
    while ((pages = isPruned ? reader.readNextFilteredRowGroup() : reader.readNextRowGroup())
        != null) {
      RecordReader<Group> records =
          new ColumnIOFactory()
              .getColumnIO(schema)
              .getRecordReader(pages, new GroupRecordConverter(schema), filter);
      for (long i = 0; i < pages.getRowCount(); i++) {
        Group row = records.read();
        if (row != null && !records.shouldSkipCurrentRecord()) {
          rows.add(row);
        }
      }
    }
    return rows;
  }

  static ParquetFileReader open(String file, FilterCompat.Filter pruneBy) throws Exception {
    return ParquetFileReader.open(new LocalInputFile(Path.of(file)), options(pruneBy));
  }

  /** The same with a footer that was read before. */
  static ParquetFileReader open(String file, ParquetMetadata footer, FilterCompat.Filter pruneBy)
      throws Exception {
    LocalInputFile input = new LocalInputFile(Path.of(file));
    return ParquetFileReader.open(input, footer, options(pruneBy), input.newStream());
  }

  private static ParquetReadOptions options(FilterCompat.Filter pruneBy) {
    return ParquetReadOptions.builder(new PlainParquetConfiguration())
        .withRecordFilter(pruneBy)
        .usePageChecksumVerification(true)
        .useStatsFilter(true)
        .useDictionaryFilter(true)
        .useColumnIndexFilter(true)
        .useBloomFilter(true)
        .build();
  }

  private static void print(String file, String only, PrintStream out) throws Exception {
    try (ParquetFileReader reader = open(file, FilterCompat.NOOP)) {
      MessageType schema = reader.getFileMetaData().getSchema();
      List<Group> rows = readAll(reader, schema, FilterCompat.NOOP, false);
      for (int column = 0; column < schema.getFieldCount(); column++) {
        String name = schema.getFieldName(column);
        if (only != null && !only.equals(name)) {
          continue;
        }
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (Group row : rows) {
          String line = Canonical.cell(row, schema.getType(column), column);
          digest.update((line + "\n").getBytes(StandardCharsets.US_ASCII));
          if (only != null) {
            out.println(line);
          }
        }
        if (only == null) {
          out.printf(
              "{\"file\":\"%s\",\"column\":\"%s\",\"rows\":%d,\"digest\":\"%s\"}%n",
              file, name, rows.size(), HexFormat.of().formatHex(digest.digest()));
        }
      }
    }
  }

  static String escape(Object message) {
    return String.valueOf(message).replace('\\', '/').replace('"', '\'').replace('\n', ' ');
  }

  public static void main(String[] args) {
    int first = 0;
    String only = null;
    boolean isFacts = false;
    if (args.length > 0 && args[0].equals("--column")) {
      only = args[1];
      first = 2;
    } else if (args.length > 0 && args[0].equals("--facts")) {
      isFacts = true;
      first = 1;
    }
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    for (int i = first; i < args.length; i++) {
      try {
        if (isFacts) {
          new FactChecker(args[i], out).check();
        } else {
          print(args[i], only, out);
        }
      } catch (Exception | Error error) {
        out.printf("{\"file\":\"%s\",\"error\":\"%s\"}%n", args[i], escape(error));
        error.printStackTrace();
      }
    }
    out.flush();
  }
}
