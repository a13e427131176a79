"""Runs rows of the acceptance plan and prints one line each: PASS|FAIL|SKIP id fact."""

import argparse
import datetime
import json
import pathlib
import platform
import signal
import sys
import time
import traceback

from uat import registry, world


class TooLong(AssertionError):
    pass


def on_alarm(_signal, _frame):
    raise TooLong("the row took longer than its limit")


def short(error):
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) < 300 else text[:297] + "..."


def run_row(function, prefix=""):
    """(result, fact, seconds) of one row in a place of its own."""
    place = world.Place(prefix + function.identifier)
    began = time.monotonic()
    signal.alarm(function.limit_s)
    try:
        result, fact = "PASS", function(place)
    except registry.Skip as reason:
        result, fact = "SKIP", str(reason)
    except Exception as error:  # a broken row is a failed row, whatever broke it
        what = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
        result, fact = "FAIL", what + short(error)
        place.note(traceback.format_exc())
    except BaseException:
        place.close(keep=True)
        raise
    finally:
        signal.alarm(0)
    place.close(keep=result == "FAIL" and not prefix)
    return result, fact or "", time.monotonic() - began


def arguments():
    parser = argparse.ArgumentParser(prog="dev/uat.sh", description="The acceptance plan, or some of its rows.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help="ids (R3 Q6) or suites (E); all without")
    parser.add_argument("--list", action="store_true", help="print the rows and end")
    parser.add_argument("--json", type=pathlib.Path, default=world.FOLDER / "uat.json", metavar="FILE", help="default: %(default)s")
    parser.add_argument("--text", type=pathlib.Path, default=world.FOLDER / "uat.txt", metavar="FILE", help="default: %(default)s")
    return parser.parse_args()


def main():
    options = arguments()
    rows = registry.select(options.rows)
    if options.list:
        for function in rows:
            print(f"{function.identifier:7}{function.title}")
        return 0
    signal.signal(signal.SIGALRM, on_alarm)
    world.FOLDER.mkdir(parents=True, exist_ok=True)
    began, results, lines = datetime.datetime.now(datetime.timezone.utc), [], []
    try:
        for function in rows:
            result, fact, seconds = run_row(function)
            results.append({"id": function.identifier, "title": function.title, "result": result, "fact": fact, "seconds": round(seconds, 2)})
            lines.append(f"{result} {function.identifier} {fact}")
            print(lines[-1], flush=True)
    finally:
        world.stop_services()
    tally = {word: sum(row["result"] == word for row in results) for word in ("PASS", "FAIL", "SKIP")}
    seconds = round(sum(row["seconds"] for row in results), 1)
    lines.append(f"{tally['PASS']} PASS, {tally['FAIL']} FAIL, {tally['SKIP']} SKIP in {seconds:.0f} s")
    print(lines[-1])
    options.text.write_text("\n".join(lines) + "\n")
    document = {"version": 1, "started_at": began.isoformat(timespec="seconds"), "seconds": seconds, "machine": platform.platform(),
                "counts": {word.lower(): number for word, number in tally.items()}, "rows": results}
    options.json.write_text(json.dumps(document, indent=1) + "\n")
    return 1 if tally["FAIL"] else 0


if __name__ == "__main__":
    sys.exit(main())
