"""Adds up JUnit reports and prints "N passed, N failed".

Usage: sum_reports.py FAILED_STEPS REPORT.xml…

A step that failed although its report shows no failure (it did not build, say) counts as one failure, so that the sum is
never better than the exit status.
"""

import sys
import xml.etree.ElementTree as xml


def count(path: str) -> tuple[int, int, int]:
    """Tests, failures and skipped ones of one report."""
    tests = failures = skipped = 0
    for case in xml.parse(path).iter("testcase"):
        tests += 1
        failures += case.find("failure") is not None or case.find("error") is not None
        skipped += case.find("skipped") is not None
    return tests, failures, skipped


def main() -> int:
    steps, paths = int(sys.argv[1]), sys.argv[2:]
    passed = failed = 0
    for path in paths:
        try:
            tests, failures, skipped = count(path)
        except (OSError, xml.ParseError) as problem:
            print(f"{path}: {problem}")
            failed += 1
            continue
        print(f"{path}: {tests - failures - skipped} passed, {failures} failed, {skipped} skipped")
        passed += tests - failures - skipped
        failed += failures
    if steps and not failed:
        failed = steps
    if passed == 0:
        failed = max(failed, 1)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or steps else 0


if __name__ == "__main__":
    sys.exit(main())
