"""Loads two servers in turn with wrk, A B A B, and gives medians and ratios: the method of every table in docs/benchmarks.md."""
import os
import re
import statistics
import subprocess
import tempfile

LOAD_CPU = "1"


class Side:
    """A server under load: a URL, what to send, and the processes that serve it."""

    def __init__(self, name, url, headers=(), script="", pids=()):
        self.name, self.url, self.headers, self.script, self.pids = name, url, list(headers), script, list(pids)


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def cpu_nanoseconds(pids):
    """Nanoseconds that the threads of the processes have run, as the scheduler counts them: fine enough for one request."""
    total = 0
    for pid in pids:
        for thread in os.listdir(f"/proc/{pid}/task"):
            total += int(open(f"/proc/{pid}/task/{thread}/schedstat").read().split()[0])
    return total


def memory(pid, name):
    """VmRSS or VmHWM of a process, in MB."""
    return int(re.search(rf"{name}:\s+(\d+)", open(f"/proc/{pid}/status").read())[1]) / 1024


def run(side, seconds, connections):
    scale = {"us": 1, "ms": 1e3, "s": 1e6}
    lines = []
    for header in side.headers:
        name, value = header.split(":", 1)
        lines.append(f'wrk.headers["{name.strip()}"]=[[{value.strip()}]]')
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write("\n".join(lines) + "\n" + side.script)
        script.flush()
        before = cpu_seconds(side.pids)
        out = subprocess.run(
            ["taskset", "-c", LOAD_CPU, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s",
             script.name, side.url],
            capture_output=True, text=True, timeout=seconds + 60).stdout
        used = cpu_seconds(side.pids) - before
    for bad in re.findall(r"Non-2xx.*|Socket errors.*", out):
        print(f"  {side.name}: {bad}")
    requests = int(re.search(r"(\d+) requests in", out)[1])
    latency = {q: float(v) * scale[u] for q, v, u in re.findall(r"(50|99)%\s+([\d.]+)(us|ms|s)", out)}
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
    return {"rate": rate, "p50": latency["50"], "p99": latency["99"], "cpu": used * 1e6 / max(requests, 1)}


def compare(a, b, rounds=3, seconds=5, connections=64):
    """Medians of both sides; `spread` is the highest over the lowest rate."""
    rows = {0: [], 1: []}
    for _ in range(rounds):
        for number, side in enumerate((a, b)):
            if side:
                rows[number].append(run(side, seconds, connections))
    result = []
    for number in (0, 1):
        if not rows[number]:
            result.append(None)
            continue
        rates = [row["rate"] for row in rows[number]]
        medians = {key: statistics.median(row[key] for row in rows[number]) for key in rows[number][0]}
        result.append(medians | {"spread": max(rates) / max(min(rates), 1e-9)})
    return result
