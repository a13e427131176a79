"""Random values for the conversions with many branches; a fixed seed, so that a failure repeats."""

import random
import struct

import type_database

ROWS = 4000
DAY_US = 86_400_000_000


def moment(days, us):
    return f"{days} days {us} us"


def random_float(draw, code, size):
    bits = draw.getrandbits(8 * size)
    if draw.random() < 0.5:  # numbers people write
        return repr(round(draw.uniform(-10 ** draw.randrange(12), 10 ** draw.randrange(12)), draw.randrange(7)))
    value = struct.unpack(code, bits.to_bytes(size, "big"))[0]
    return repr(value) if value == value else "NaN"


def random_numeric(draw):
    digits = str(draw.getrandbits(4 * draw.randrange(1, 200)))
    at = draw.randrange(len(digits) + 1)
    return draw.choice(["", "-"]) + (digits[:at] or "0") + "." + draw.choice(["", "0", "0000", "00000"]) + (digits[at:] or "0")


def random_text(draw):
    alphabet = "aZ09 ,\"'\\\n\r\t{}[]é☃日\U0001f600\x01\x7f\u2028"
    return "".join(draw.choice(alphabet) for _ in range(draw.randrange(30)))


def random_decimal(precision, scale):
    def value(draw):
        digits = draw.randrange(10 ** draw.randrange(1, precision + 1))
        return f"{draw.choice(['', '-'])}{digits}e-{scale}"
    return value


def random_zone(draw):
    seconds = draw.choice([0, 3600, 5400, draw.randrange(57600)])
    return f"{draw.choice('+-')}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def random_clock(draw):
    us = draw.choice([draw.randrange(DAY_US), draw.randrange(86400) * 1_000_000, draw.randrange(86400_000) * 1000])
    return f"{us // 3600_000_000:02d}:{us // 60_000_000 % 60:02d}:{us / 1e6 % 60:09.6f}"


def random_interval(draw):
    months, days = (draw.choice([0, draw.randrange(-2**31, 2**31), draw.randrange(-30, 30)]) for _ in range(2))
    us = draw.choice([0, draw.randrange(-2**53, 2**53), draw.randrange(-100, 100), draw.randrange(-DAY_US, DAY_US)])
    return f"{months} mons {days} days {us} us"


def random_moment(draw):
    days = draw.choice([draw.randrange(-2451545, 106_000_000), draw.randrange(-150000, 20000)])
    return moment(days, draw.choice([0, draw.randrange(DAY_US), draw.randrange(86400) * 1_000_000]))


# name of a case of the matrix: (a text, the SQL that makes the value of it)
VALUES = {
    "int8": (lambda draw: str(draw.getrandbits(64) - 2**63 >> draw.randrange(64)), "{0}::int8"),
    "float4": (lambda draw: random_float(draw, ">f", 4), "{0}::float8::float4"),
    "float8": (lambda draw: random_float(draw, ">d", 8), "{0}::float8"),
    "numeric": (random_numeric, "{0}::numeric"),
    "numeric_9_2": (random_decimal(9, 2), "{0}::numeric(9,2)"),
    "numeric_18_6": (random_decimal(18, 6), "{0}::numeric(18,6)"),
    "numeric_38_10": (random_decimal(38, 10), "{0}::numeric(38,10)"),
    "numeric_38_38": (random_decimal(38, 38), "{0}::numeric(38,38)"),
    "date": (lambda draw: str(draw.choice([draw.randrange(-2451545, 2145031948), draw.randrange(-800000, 3000000)])), "date '2000-01-01' + {0}::int"),
    "time": (random_clock, "{0}::time"),
    "timetz": (lambda draw: random_clock(draw) + random_zone(draw), "{0}::timetz"),
    "timestamp": (random_moment, "timestamp '2000-01-01' + {0}::interval"),
    "timestamptz": (random_moment, "timestamptz '2000-01-01 00:00:00+00' + {0}::interval"),
    "interval": (random_interval, "{0}::interval"),
    "text": (random_text, "{0}"),
    "uuid": (lambda draw: f"{draw.getrandbits(128):032x}", "{0}::uuid"),
    "bytea": (lambda draw: draw.randbytes(draw.randrange(40)).hex(), "decode({0}, 'hex')"),
}
CASES = [case for case in type_database.EVERY_CASE if case.name in VALUES]
assert len(CASES) == len(VALUES)


def create(connection):
    """Table random_values(n, a column of each case)."""
    draw = random.Random(20240229)
    names = [case.name for case in CASES]
    connection.execute(f"create table random_texts (n int, {', '.join(f'{name} text' for name in names)})")
    with connection.cursor().copy("copy random_texts from stdin") as copy:
        for n in range(ROWS):
            copy.write_row([n] + [None if draw.random() < 0.1 else VALUES[name][0](draw) for name in names])
    columns = ", ".join(f"{VALUES[name][1].format(name)} as {name}" for name in names)
    connection.execute(f"create table random_values as select n, {columns} from random_texts")
