"""Values that have no place in their column: what refuses them, what takes them, what a policy makes of them.

From spec/types.md, rule 1 and §1.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Refusal:
    sql: str  # an expression with its type
    forms: tuple  # that refuse it; the others take it
    words: str  # in the message, besides the column's name and its ways out
    ways_out: tuple = ("text",)  # overrides, all named in the message
    policy: str = None  # named in the message or its hint

    @property
    def type(self):
        return self.sql.rsplit("::", 1)[1]


EVERY = ("portable", "native", "csv")
PARQUET = ("portable", "native")
LIST = ("json", "text")

REFUSALS = [
    Refusal("'294276-12-31 23:59:59.999999'::timestamp", PARQUET, "294247-01-10"),
    Refusal("'294247-01-10 04:00:54.775808'::timestamp", PARQUET, "294247-01-10"),
    Refusal("'294276-12-31 23:59:59.999999+00'::timestamptz", PARQUET, "294247-01-10"),
    Refusal("'{294276-12-31}'::timestamp[]", PARQUET, "294247-01-10", LIST),
    Refusal("'24:00:00'::time", ("native",), "24:00:00"),
    Refusal("'{24:00:00}'::time[]", ("native",), "24:00:00", LIST),
    *(Refusal(f"'{sign}infinity'::{name}", EVERY, f"{sign}infinity", policy="infinity")
      for sign in ("", "-") for name in ("date", "timestamp", "timestamptz")),
    *(Refusal(f"'{{2024-01-01,infinity}}'::{name}[]", EVERY, "infinity", LIST, policy="infinity")
      for name in ("date", "timestamp", "timestamptz")),
    Refusal("'NaN'::numeric(10,2)", PARQUET, "NaN", policy="decimal_special"),
    Refusal("'NaN'::numeric(5,0)", PARQUET, "NaN", policy="decimal_special"),
    Refusal("'NaN'::numeric(38,5)", PARQUET, "NaN", policy="decimal_special"),
    Refusal("'{1.5,NaN}'::numeric(10,2)[]", PARQUET, "NaN", LIST, policy="decimal_special"),
    *(Refusal(f"{text}::{name}[]", EVERY, "dimension", LIST) for text, name in (
        ("'{{1,2},{3,4}}'", "int4"), ("'{{marker,NULL}}'", "text"), ("'{{10.0.0.1}}'", "inet"), ("'{{1.5}}'", "numeric(5,1)"),
        ("'{{{t}}}'", "bool"), ("'{{sad}}'", "mood"), ("'{{\"(1,x)\"}}'", "pair"), ("'[0:1][0:0]={{1},{2}}'", "int8"))),
]

DATE_ENDS = ("'4714-11-24 BC'", "'5874897-12-31'")
FIRST = "'4714-11-24 00:00:00 BC'"
LAST_US, LAST = "'294247-01-10 04:00:54.775807'", "'294276-12-31 23:59:59.999999'"


@dataclasses.dataclass(frozen=True)
class Policy:
    """One column of a query whose cells a policy touches."""
    sql: str  # the values' type
    values: tuple
    options: dict
    parquet: tuple  # SQL of what arrives, None for NULL
    csv: tuple = None  # as parquet
    counts: int = 0  # touched in Parquet
    csv_counts: int = None
    override: str = None


def infinite(sql, action, ends, late=None):
    """late: the last value in CSV, whose text reaches further."""
    values = ("'-infinity'", "'infinity'", "'2024-01-01'")
    csv = (ends[0], late, values[2]) if late else None
    return Policy(sql, values, {"infinity": action}, (*ends, values[2]), csv, 2)


POLICIES = [
    *(infinite(name, "null", (None, None)) for name in ("date", "timestamp", "timestamptz")),
    infinite("date", "clamp", DATE_ENDS),
    infinite("timestamp", "clamp", (FIRST, LAST_US), LAST),
    infinite("timestamptz", "clamp", (FIRST, LAST_US), LAST),
    *(Policy(name, ("'NaN'", "1.5", "'NaN'"), {"decimal_special": "null"}, (None, "1.5", None), ("'NaN'", "1.5", "'NaN'"), 2, 0)
      for name in ("numeric(9,2)", "numeric(18,2)", "numeric(38,2)")),
    Policy("numeric", ("'NaN'", "'Infinity'", "'-Infinity'", "1.50"), {"decimal_special": "null"}, (None, None, None, "1.50"), None, 3, None, "decimal(10,2)"),
    Policy("numeric", ("'NaN'", "'Infinity'", "2"), {"decimal_special": "null"}, (None, None, "2"), None, 2, None, "int32"),
    Policy("float8", ("'NaN'", "'-Infinity'", "2.5"), {"decimal_special": "null"}, (None, None, "2.5"), None, 2, None, "decimal(10,2)"),
    Policy("date", ("'infinity'", "'2024-01-01'"), {"infinity": "null"}, (None, "'2024-01-01'"), None, 1, None, "timestamp"),
    Policy("text", ("'infinity'", "'2024-01-01'"), {"infinity": "null"}, (None, "'2024-01-01'"), None, 1, None, "timestamp"),
]

# A policy touches only what has no place: these pass it by, uncounted.
UNTOUCHED = {
    "date": ("'4714-11-24 BC'", "'5874897-12-31'"), "timestamp": (FIRST, LAST_US), "numeric(10,2)": ("-99999999.99",),
    "numeric": ("'NaN'", "1.50"), "float8": ("'NaN'", "'Infinity'"), "float4": ("'-Infinity'",), "text": ("'infinity'", "'NaN'"),
    "tsrange": ("'[-infinity,infinity]'",), "interval": ("'1 day'",),
}
