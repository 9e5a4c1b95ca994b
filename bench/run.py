#!/usr/bin/env python3
"""Measures orgd against what any reader can install, and prints each figure as a ratio. `run.py --help` lists the choices.

Needs wrk, nginx and taskset (Debian: wrk nginx-light util-linux), a C compiler with libsqlite3-dev for the SQLite figures, and
a release build. Servers run on the first CPU with one loop, the load on the second; nothing leaves the loopback interface.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import tempfile

import agents as agents_module
import load
import probes
import scripts
import seed
import servers
import signin

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
PARTS = ["health", "read", "list", "create", "verify", "gate", "agents", "memory", "start", "scale", "primitives"]


def header(title, columns):
    print(f"\n### {title}\n\n| {' | '.join(columns)} |\n|---|{'---:|' * (len(columns) - 1)}", flush=True)


def row(*cells):
    print(f"| {' | '.join(str(cell) for cell in cells)} |", flush=True)


def row_pair(title, other, pair):
    """One comparison: rates, their ratio, CPU per request, and the 99th percentile with its share of the other's."""
    a, b = pair
    spread = f"{a['spread']:.2f}"
    if not b:
        row(title, f"{a['rate']:,.0f}", "", "", f"{a['cpu']:.1f}", f"{a['p99'] / 1000:.2f}", "", spread)
        return
    row(
        f"{title} / {other}", f"{a['rate']:,.0f}", f"{b['rate']:,.0f}", f"**{a['rate'] / b['rate']:.2f}**",
        f"{a['cpu']:.1f} / {b['cpu']:.1f}", f"{a['p99'] / 1000:.2f} / {b['p99'] / 1000:.2f}",
        f"{a['p99'] / b['p99']:.2f}", f"{spread} / {b['spread']:.2f}")


COLUMNS = ["request", "orgd/s", "other/s", "ratio", "CPU µs", "p99 ms", "p99 share", "spread"]


def rates(options, parts):
    auth = [f"Authorization: Bearer {servers.TOKEN}"]

    def compare(a, b, connections=64):
        return load.compare(a, b, options.rounds, options.seconds, connections)

    header("Rates", COLUMNS)
    with servers.Orgd(options.orgd) as orgd:
        accounts = 600 if "create" in parts else 20
        world = seed.seed(orgd.port, servers.TOKEN, accounts)
        apps = f"/client/v4/accounts/{world.account}/access/apps"
        peer = servers.Peer(options.peer) if options.peer else None
        if peer:
            peer.start()

        def ours(path, script="", headers=()):
            return load.Side("orgd", orgd.url(path), headers, script, [orgd.pid])

        def theirs(path, script=""):
            return load.Side("peer", peer.url(path), [], script, [peer.pid]) if peer else None

        base = f"/accounts/{servers.Peer.account}/access/apps"
        if "health" in parts:
            row_pair("health", "peer constant JSON", compare(ours("/healthz"), theirs("/json")))
            with servers.Nginx() as nginx:
                side = load.Side("nginx", nginx.url("/"), pids=[nginx.pid])
                row_pair("health", "nginx return 200", compare(ours("/healthz"), side))
        if "read" in parts:
            row_pair("read one app", "peer", compare(
                ours(f"{apps}/{world.apps[7]}", headers=auth), theirs(f"{base}/{servers.Peer.app(7)}")))
        if "list" in parts:
            row_pair("list 50 apps", "peer", compare(
                ours(f"{apps}?per_page=50", headers=auth), theirs(f"{base}?per_page=50")))
        if "create" in parts:
            body = '{"type":"self_hosted","name":"Customer Portal","domain":"portal.example.com/admin","session_duration":"24h"}'
            for connections in (64, 1):
                row_pair(f"create, durable, {connections} connections", "peer", compare(
                    ours(apps, scripts.create(world.accounts[2:]), auth), theirs(base, scripts.post(body)), connections))
        row("resident after all that, MB", f"{load.memory(orgd.pid, 'VmHWM'):.1f}",
            f"{load.memory(peer.pid, 'VmHWM'):.1f}" if peer else "", "", "", "", "", "")
        if peer:
            peer.stop()
            shutil.rmtree(peer.folder, ignore_errors=True)


def verify(options):
    import tokens

    def compare(a, b):
        return load.compare(a, b, options.rounds, options.seconds)

    header("Token verification", COLUMNS)
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        keys = tokens.Keys(folder)
        with servers.Orgd(options.orgd, ["--allowed-networks", "127.0.0.0/8"]) as orgd:
            account = seed.trust(orgd.port, servers.TOKEN, keys.url)
            path = f"/client/v4/accounts/{account}/access/tokens/validate"
            auth = [f"Authorization: Bearer {servers.TOKEN}"]
            peer = servers.Peer(options.peer, {"RS256_PUB": keys.files["rs"], "ES256_PUB": keys.files["es"]})
            if options.peer:
                peer.start()
            for algorithm in ("RS256", "ES256"):
                one = keys.sign(algorithm, "one")
                seed.check_token(orgd.port, servers.TOKEN, account, one)
                many = keys.many(algorithm, options.tokens, os.path.join(folder, algorithm))
                fresh = load.Side("orgd", orgd.url(path), auth, scripts.tokens(path, many), [orgd.pid])
                same = load.Side("orgd", orgd.url(path), auth, scripts.post('{"token":"' + one + '"}'), [orgd.pid])
                bearer = [f"Authorization: Bearer {one}"]
                others, apache = [], None
                if options.peer:
                    others.append(load.Side("peer", peer.url("/verify"), bearer, "", [peer.pid]))
                if algorithm == "RS256" and os.path.exists(f"{servers.Apache.modules}/mod_auth_openidc.so"):
                    apache = servers.Apache(keys.files["rs"])
                    apache.start()
                    others.append(load.Side(apache.name, apache.url("/index.html"), bearer, "", apache.pids))
                for other in others or [None]:
                    name = other.name if other else "nothing"
                    row_pair(f"{algorithm}, each token new", name, compare(fresh, other))
                    row_pair(f"{algorithm}, token seen before", name, compare(same, other))
                if apache:
                    apache.stop()
                    shutil.rmtree(apache.folder, ignore_errors=True)
            peer.stop()
            shutil.rmtree(peer.folder, ignore_errors=True)


def gate(options):
    header("Forward-auth", COLUMNS)
    with servers.DevIdP(options.orgd) as idp, servers.Orgd(options.orgd) as orgd, servers.Nginx() as nginx:
        gate = seed.gate(orgd.port, servers.TOKEN, idp.issuer)
        cookie = signin.sign_in(orgd.port, gate.host)
        denied = signin.sign_in(orgd.port, gate.denied_host)
        gate.shut()
        plain = load.Side("nginx return 200", nginx.url("/"), pids=[nginx.pid])

        def ask(host, *more):
            asked = [f"X-Forwarded-Host: {host}", "X-Forwarded-Proto: http", "X-Forwarded-Uri: /page?x=1",
                     "X-Forwarded-Method: GET", "X-Forwarded-For: 203.0.113.9", "Accept: text/html", *more]
            return load.Side("orgd", orgd.url("/cdn-cgi/access/forward-auth"), asked, pids=[orgd.pid])

        session = ask(gate.host, f"Cookie: CF_Authorization={cookie}; theirs=1")
        machine = ask(gate.host, f"CF-Access-Client-Id: {gate.client_id}", f"CF-Access-Client-Secret: {gate.client_secret}")
        cases = [
            ("session cookie", session), ("service token", machine),
            ("denied, 403 with a page", ask(gate.denied_host, f"Cookie: CF_Authorization={denied}")),
            ("nobody yet, 302 with a signature", ask(gate.host))]
        for title, side in cases:
            row_pair(title, plain.name, load.compare(side, plain, options.rounds, options.seconds))
        if os.path.exists(f"{servers.Apache.modules}/mod_auth_openidc.so"):
            import tokens

            with tempfile.TemporaryDirectory() as folder:
                os.chmod(folder, 0o755)
                keys = tokens.Keys(folder)
                with servers.Apache(keys.files["rs"]) as apache:
                    bearer = [f"Authorization: Bearer {keys.sign('RS256', 'one')}"]
                    other = load.Side(apache.name, apache.url("/index.html"), bearer, "", apache.pids)
                    for title, side in cases[:2]:
                        row_pair(title, apache.name, load.compare(side, other, options.rounds, options.seconds))


def agents(options):
    """A token of managed OAuth beside a session cookie in the same rounds, then each step of the way to it."""
    header("Agents: forward-auth", COLUMNS)
    with servers.DevIdP(options.orgd) as idp, servers.Orgd(options.orgd) as orgd, servers.Nginx() as nginx:
        gate = seed.gate(orgd.port, servers.TOKEN, idp.issuer)
        jar = {}
        cookie = signin.sign_in(orgd.port, gate.host, jar)
        agent = agents_module.Agent(orgd.port, gate.host, gate.team, jar[gate.team])
        agent.register(), agent.authorize(), agent.consent(), agent.token()
        asked = [f"X-Forwarded-Host: {gate.host}", "X-Forwarded-Proto: http", "X-Forwarded-Uri: /page?x=1",
                 "X-Forwarded-Method: GET", "X-Forwarded-For: 203.0.113.9"]

        def ask(name, *more):
            return load.Side(name, orgd.url("/cdn-cgi/access/forward-auth"), asked + list(more), pids=[orgd.pid])

        token = ask("orgd", f"Authorization: Bearer {agent.access}")
        session = ask("cookie", f"Cookie: CF_Authorization={cookie}")
        plain = load.Side("nginx return 200", nginx.url("/"), pids=[nginx.pid])
        row_pair("token of an agent", "session cookie", load.compare(token, session, options.rounds, options.seconds))
        row_pair("token of an agent", plain.name, load.compare(token, plain, options.rounds, options.seconds))

        header("Agents: the way to a token, one client", ["request", "CPU µs per request", "p50 ms", "p99 ms"])
        found = agents_module.measure(agent, options.flows, 15, [orgd.pid])
        for name in agents_module.STEPS:
            cpu, median, last = found[name]
            row(name, f"{cpu:.0f}", f"{median:.2f}", f"{last:.2f}")
        row("all of them", f"{sum(cpu for cpu, _, _ in found.values()):.0f}",
            f"{sum(median for _, median, _ in found.values()):.2f}", "")


def memory(options):
    header("Memory", ["", "orgd", "peer", "share"])
    figures = []
    for make in [lambda: servers.Orgd(options.orgd)] + ([lambda: servers.Peer(options.peer)] if options.peer else []):
        server = make()
        server.start()
        server.stop()
        server.start()  # the figure of a server that finds its database
        idle = load.memory(server.pid, "VmRSS")
        figures.append((idle, probes.connection_memory(server)))
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)
    for position, (title, form) in enumerate([("resident, idle, MB", "{:.1f}"), ("per idle connection, kB", "{:.1f}")]):
        ours = figures[0][position]
        theirs = figures[1][position] if len(figures) > 1 else None
        row(title, form.format(ours), form.format(theirs) if theirs else "", f"{ours / theirs:.2f}" if theirs else "")


def start(options):
    header("Start to first answer, database present, median of 7", ["", "ms"])
    found = {}
    for name, make in [("orgd", lambda: servers.Orgd(options.orgd))] + (
            [("peer", lambda: servers.Peer(options.peer))] if options.peer else []):
        server = make()
        server.start()
        server.stop()
        times = []
        for _ in range(7):
            times.append(server.start())
            server.stop()
        found[name] = statistics.median(times)
        row(name, f"{found[name] * 1000:.1f}")
        shutil.rmtree(server.folder, ignore_errors=True)
    if len(found) == 2:
        row("share", f"{found['orgd'] / found['peer']:.2f}")


def scale(options):
    with tempfile.TemporaryDirectory() as folder:
        library = probes.compile_c(HERE, folder, "count_statements.c", ["-shared", "-fPIC", "-ldl"])
        header("Size of an organization", ["accounts", "request", "statements", "ms", "kB", "resident MB"])
        for accounts in options.accounts:
            counter = os.path.join(folder, f"count-{accounts}")
            preload = {"LD_PRELOAD": library, "STATEMENT_COUNT": counter}
            with servers.Orgd(options.orgd, preload=preload) as orgd:
                world = seed.seed(orgd.port, servers.TOKEN, accounts)
                for title, path in [
                        ("list accounts, first page of 50", f"/organizations/{world.organization}/accounts?page_size=50"),
                        ("coverage report, first page", f"/organizations/{world.organization}/idp_coverage"),
                        ("coverage of one account", f"/accounts/{world.account}/access/idp_coverage"),
                        ("one account", f"/accounts/{world.account}")]:
                    statements, milliseconds, size = probes.statements(orgd, path, counter)
                    row(f"{accounts:,}", title, statements, f"{milliseconds:.2f}", f"{size / 1000:.1f}",
                        f"{load.memory(orgd.pid, 'VmRSS'):.1f}")


def primitives(options):
    header("What the host can do", ["", "figure"])
    for name, figure in probes.openssl():
        row(f"openssl speed {name}, one core", figure)
    with tempfile.TemporaryDirectory() as folder:
        program = probes.compile_c(HERE, folder, "sqlite_loop.c", ["-lsqlite3"])
        out = subprocess.run(
            ["taskset", "-c", servers.SERVER_CPU, program, os.path.join(folder, "loop.sqlite")],
            capture_output=True, text=True, check=True).stdout
        titles = {
            "read": "SQLite point read of 1 kB", "insert": "SQLite durable insert of 1 kB, alone",
            "grouped": "the same in groups of 64"}
        for line in out.splitlines():
            name, value = line.split()
            row(titles[name], f"{value} µs")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of: {' '.join(PARTS)} (default: all)")
    parser.add_argument("--orgd", default=os.path.join(ROOT, ".build/release/orgd"), help="the binary to measure")
    parser.add_argument("--peer", help="the binary of ../shared/bench, where that is at hand")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5, help="of each run")
    parser.add_argument("--flows", type=int, default=150, help="of each step, at most 190, for the part 'agents'")
    parser.add_argument("--tokens", type=int, default=16000, help="different tokens for the part 'verify'")
    parser.add_argument("--accounts", type=int, nargs="+", default=[1000, 10000], help="sizes for the part 'scale'")
    options = parser.parse_args()
    parts = options.parts or PARTS
    if unknown := set(parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    if not os.path.exists(options.orgd):
        parser.error(f"{options.orgd} is not there: make release")
    print(f"host: {probes.host()}")
    if {"health", "read", "list", "create"} & set(parts):
        rates(options, parts)
    for name in ("verify", "gate", "agents", "memory", "start", "scale", "primitives"):
        if name in parts:
            globals()[name](options)


if __name__ == "__main__":
    main()
