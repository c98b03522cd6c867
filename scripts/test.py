"""Runs the suites, two at a time, and ends with a line for each. Fails if one fails or ran nothing.

python scripts/test.py [SUITE...]
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / ".cache" / "test"
PYTHON = str(ROOT / ".venv" / "bin" / "python")


@dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass
class Suite:
    name: str
    command: list[str]
    count: Callable[[Path], Counts]
    report: str
    cwd: Path = ROOT
    alone: bool = False  # measures time or drives a browser: a neighbour would disturb it
    environment: dict[str, str] = field(default_factory=dict)


def from_junit(path: Path) -> Counts:
    """pytest's and GoogleTest's report."""
    counts = Counts()
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            counts.failed += 1
        elif case.find("skipped") is not None or case.get("status") == "notrun":
            counts.skipped += 1
        else:
            counts.passed += 1
    return counts


def from_vitest(path: Path) -> Counts:
    report = json.loads(path.read_text())
    # A file that cannot be loaded has no tests: it counts as one that failed.
    broken = sum(each["status"] == "failed" and not each["assertionResults"] for each in report["testResults"])
    skipped = report["numPendingTests"] + report.get("numTodoTests", 0)
    return Counts(report["numPassedTests"], report["numFailedTests"] + broken, skipped)


def from_gtest(path: Path) -> Counts:
    """The reports of the GoogleTest binaries, a file each: CTest itself counts binaries."""
    counts = Counts()
    for report in sorted(path.glob("*.xml")):
        each = from_junit(report)
        counts.passed += each.passed
        counts.failed += each.failed
        counts.skipped += each.skipped
    return counts


def pytest(name: str, *options: str, alone: bool = False) -> Suite:
    report = f"{name}.xml"
    command = [PYTHON, "-m", "pytest", "-q", f"tests/{name}", f"--junitxml={REPORTS / report}", *options]
    return Suite(name, command, from_junit, report, alone=alone)


def vitest(name: str, script: str, alone: bool = False) -> Suite:
    report = f"{name}.json"
    reporters = ["--reporter=default", "--reporter=json", f"--outputFile.json={REPORTS / report}"]
    path = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return Suite(
        name,
        ["npm", "run", "--silent", script, "--", *reporters],
        from_vitest,
        report,
        cwd=ROOT / "widgets",
        alone=alone,
        environment={"PATH": path},
    )


def ctest(name: str) -> Suite:
    command = ["ctest", "--test-dir", "build", "-j2", "--output-on-failure", "--no-tests=error", "--timeout", "300"]
    return Suite(name, command, from_gtest, name, environment={"GTEST_OUTPUT": f"xml:{REPORTS / name}/"})


# The long ones first: the last to end decides how long it takes.
SUITES = [
    pytest("kernel"),
    ctest("core"),
    pytest("python"),
    pytest("notebooks"),
    vitest("widgets", "test"),
    vitest("browser", "test:browser", alone=True),
]


@dataclass
class Outcome:
    suite: Suite
    counts: Counts
    seconds: float
    trouble: str = ""


def run(suite: Suite) -> Outcome:
    log = REPORTS / f"{suite.name}.log"
    report = REPORTS / suite.report
    if report.is_dir():
        shutil.rmtree(report)
    report.unlink(missing_ok=True)
    print(f"{suite.name}: started", flush=True)
    begin = time.monotonic()
    with log.open("wb") as out:
        environment = {**os.environ, **suite.environment}
        status = subprocess.run(
            suite.command, cwd=suite.cwd, env=environment, stdout=out, stderr=subprocess.STDOUT, check=False
        ).returncode
    seconds = time.monotonic() - begin
    try:
        counts = suite.count(report)
    except (OSError, ValueError, KeyError, ElementTree.ParseError) as error:
        counts = Counts()
        trouble = f"left no report ({error})"
    else:
        trouble = f"exit status {status}" if status else ""
        if counts.passed + counts.failed == 0:
            trouble = "ran nothing"
    if trouble or counts.failed:
        print(f"\n{suite.name}: the end of {log.relative_to(ROOT)}:")
        print("\n".join(log.read_text(errors="replace").splitlines()[-60:]), flush=True)
    return Outcome(suite, counts, seconds, trouble)


def main(names: list[str]) -> int:
    known = {suite.name for suite in SUITES}
    if unknown := set(names) - known:
        print(f"No suite {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}.", file=sys.stderr)
        return 2
    chosen = [suite for suite in SUITES if not names or suite.name in names]
    REPORTS.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(run, (suite for suite in chosen if not suite.alone)))
    outcomes += [run(suite) for suite in chosen if suite.alone]

    print()
    for each in outcomes:
        counts = each.counts
        skipped = f"  {counts.skipped} skipped" if counts.skipped else ""
        trouble = f"  {each.trouble}" if each.trouble else ""
        print(
            f"{each.suite.name:<10} {counts.passed:>5} passed  {counts.failed:>3} failed"
            f"  {each.seconds:>6.1f} s{skipped}{trouble}"
        )
    passed = sum(each.counts.passed for each in outcomes)
    # A suite that broke without a failing test is a failure too.
    failed = sum(each.counts.failed or bool(each.trouble) for each in outcomes)
    print(f"\n{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
