import java.math.BigInteger;
import java.util.HexFormat;
import java.util.StringJoiner;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;

/** Values as text, see tests/readers/reader_matrix.py. */
final class Canonical {
  static String cell(Group row, Type type, int field) {
    if (row.getFieldRepetitionCount(field) == 0) {
      return "~";
    }
    if (type.isPrimitive()) {
      return value(row, type.asPrimitiveType(), field, 0);
    }
    // A list: optional group c (LIST) { repeated group list { optional T element } }
    Group list = row.getGroup(field, 0);
    Type element = type.asGroupType().getType("list").asGroupType().getType("element");
    StringJoiner items = new StringJoiner(",", "[", "]");
    for (int i = 0; i < list.getFieldRepetitionCount(0); i++) {
      items.add(cell(list.getGroup(0, i), element, 0));
    }
    return items.toString();
  }

  private static String value(Group row, PrimitiveType type, int field, int index) {
    LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
    boolean isUnsigned = logical instanceof IntLogicalTypeAnnotation i && !i.isSigned();
    switch (type.getPrimitiveTypeName()) {
      case BOOLEAN:
        return row.getBoolean(field, index) ? "1" : "0";
      case INT32:
        int small = row.getInteger(field, index);
        return isUnsigned ? Integer.toUnsignedString(small) : Integer.toString(small);
      case INT64:
        long large = row.getLong(field, index);
        return isUnsigned ? Long.toUnsignedString(large) : Long.toString(large);
      case FLOAT:
        float single = row.getFloat(field, index);
        return Float.isNaN(single)
            ? "nan"
            : String.format("%08x", Integer.reverseBytes(Float.floatToRawIntBits(single)));
      case DOUBLE:
        double number = row.getDouble(field, index);
        return Double.isNaN(number)
            ? "nan"
            : String.format("%016x", Long.reverseBytes(Double.doubleToRawLongBits(number)));
      default:
        Binary bytes = row.getBinary(field, index);
        return logical instanceof DecimalLogicalTypeAnnotation
            ? new BigInteger(bytes.getBytes()).toString()
            : HexFormat.of().formatHex(bytes.getBytes());
    }
  }
}
