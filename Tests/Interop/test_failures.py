"""What goes wrong around the server, and the clear answer that each of these gets."""

import os
import resource
import socket
import sqlite3
import stat
import subprocess
import threading

import httpx
import pytest

from server import API, PATIENCE, eventually


def refused_start(server, *flags: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run(
        server.command("serve", "--listen", "127.0.0.1:0", "--database", str(server.database), *flags),
        capture_output=True, text=True, env=server.env, timeout=PATIENCE, **options)


def one_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    assert len(lines) == 1, text
    return lines[0]


# Misuse

@pytest.mark.parametrize("flags, named", [
    (["--colour"], "--colour"), (["--listen", "nowhere"], "--listen"), (["--threads", "none"], "--threads"),
    (["--log-level", "loud"], "--log-level"), (["--trusted-proxies", "10.0.0.0/99"], "--trusted-proxies"),
    (["--public-url", "ftp://x"], "--public-url"), (["--max-accounts", "-1"], "--max-accounts"), (["--listen"], "--listen")])
def test_a_bad_flag_is_named(fresh, flags, named):
    server = fresh(start=False)
    answer = refused_start(server, *flags)
    assert answer.returncode == 64 and named in one_line(answer.stderr) and answer.stdout == ""
    assert not server.database.exists()


def test_a_bad_variable_is_named(fresh):
    server = fresh(start=False, env={"ORGD_THREADS": "none"})
    answer = refused_start(server)
    assert answer.returncode == 64 and "ORGD_THREADS" in one_line(answer.stderr)


def test_an_unknown_command_is_named(fresh):
    answer = subprocess.run([*fresh(start=False).command("sirve")], capture_output=True, text=True, timeout=PATIENCE)
    assert answer.returncode == 64 and "sirve" in answer.stderr and "serve" in answer.stderr


# The machine

def test_a_busy_port_is_named(fresh):
    server = fresh(start=False)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = subprocess.run(
            server.command("serve", "--listen", f"127.0.0.1:{port}", "--database", str(server.database)),
            capture_output=True, text=True, env=server.env, timeout=PATIENCE)
    assert answer.returncode not in (0, 64) and str(port) in answer.stderr and answer.stdout == ""


def test_a_second_server_on_the_same_database_names_the_first(fresh):
    server = fresh()
    answer = refused_start(server)
    assert answer.returncode == 73
    assert str(server.process.pid) in answer.stderr or server.url in answer.stderr
    assert API(server, server.root_token).get("/user").status_code == 200


def test_files_are_private(fresh):
    server = fresh()
    folder = server.database.parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in (server.database.name, "secret.key", "bootstrap-token"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600, name


@pytest.mark.parametrize("content", [None, b"short", b"x" * 33], ids=["missing", "too short", "too long"])
def test_a_missing_or_damaged_key_file_stops_the_start(fresh, content):
    server = fresh()
    assert server.stop() == 0
    key = server.database.parent / "secret.key"
    if content is None:
        key.unlink()
    else:
        key.write_bytes(content)
    answer = refused_start(server)
    assert answer.returncode not in (0, 64) and "secret.key" in answer.stderr
    assert (key.read_bytes() if content else None) == content or not key.exists()


def test_a_newer_database_is_refused_and_named(fresh):
    server = fresh()
    assert server.stop() == 0
    with sqlite3.connect(server.database) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        migrations = next(name for name in tables if "migration" in name)
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({migrations})")]
        newest = dict(zip(columns, database.execute(f"SELECT * FROM {migrations} ORDER BY 1 DESC LIMIT 1").fetchone()))
        newest[columns[0]] = 9999 if isinstance(newest[columns[0]], int) else "9999_from_the_future"
        if "name" in newest:
            newest["name"] = "9999_from_the_future"
        marks = ", ".join("?" for _ in columns)
        database.execute(f"INSERT INTO {migrations} VALUES ({marks})", [newest[column] for column in columns])
    answer = refused_start(server)
    assert answer.returncode not in (0, 64) and "9999" in answer.stderr and "newer" in answer.stderr


def test_a_file_that_is_no_database_is_refused(fresh):
    server = fresh(start=False)
    server.database.parent.mkdir(mode=0o700)
    server.database.write_bytes(b"not a database" * 1000)
    answer = refused_start(server)
    assert answer.returncode not in (0, 64) and "database" in answer.stderr
    assert server.database.read_bytes().startswith(b"not a database")


def test_a_full_disk_is_503_until_there_is_room(fresh):
    """The limit on file sizes stands in for the disk: writes beyond it fail as they do when the disk is full."""
    server = fresh(start=False)

    def limited():
        import signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (3 << 20, resource.RLIM_INFINITY))

    server.start(preexec_fn=limited)
    api = API(server, server.root_token)
    account = api.result("POST", "/accounts", {"name": "full", "standalone": True})["id"]
    api.result("POST", f"/accounts/{account}/access/organizations", {"name": "full", "auth_domain": "full.access.localhost"})
    pages = f"/accounts/{account}/access/custom_pages"
    body = {"name": "page", "type": "forbidden", "custom_html": "x" * 400_000}
    made = 0
    for _ in range(60):
        answer = api.post(pages, body)
        if answer.status_code != 201:
            break
        made += 1
    assert answer.status_code == 503 and answer.json()["errors"][0]["code"] == 21998
    assert answer.headers["retry-after"] and "x-should-retry" not in answer.headers
    assert len(api.result("GET", pages)) == made, "the refused page left nothing behind"
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    eventually(lambda: api.post(pages, body).status_code == 201)
    assert server.stop() == 0
    assert server.run("check").returncode == 0


def test_a_folder_that_cannot_be_written_is_named(fresh, tmp_path):
    server = fresh(start=False)
    blocker = tmp_path / "file"
    blocker.write_text("")
    server.database = blocker / "orgd.sqlite"
    answer = refused_start(server)
    assert answer.returncode not in (0, 64) and str(blocker) in answer.stderr


# Around a running server

def test_backup_and_check(fresh, tmp_path):
    server = fresh()
    api = API(server, server.root_token)
    organization = api.result("POST", "/organizations", {"name": "Backed up"})["id"]
    copy = tmp_path / "copy" / "orgd.sqlite"
    copy.parent.mkdir(mode=0o700)
    done = server.run("backup", str(copy))
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    api.result("POST", "/organizations", {"name": "Later"})
    (copy.parent / "secret.key").write_bytes((server.database.parent / "secret.key").read_bytes())
    os.chmod(copy.parent / "secret.key", 0o600)
    token = server.root_token
    assert server.stop() == 0
    assert server.run("check").returncode == 0
    server.database = copy
    server.start()
    names = [item["name"] for item in API(server, token).result("GET", "/organizations")]
    assert names == ["Backed up"] and organization


@pytest.mark.parametrize("damage", [
    "UPDATE {table} SET {column} = {column} || ' ' WHERE rowid = (SELECT rowid FROM {table} LIMIT 1 OFFSET 2)",
    "DELETE FROM {table} WHERE rowid = (SELECT rowid FROM {table} LIMIT 1 OFFSET 2)"], ids=["changed", "removed"])
def test_check_finds_a_damaged_audit_row(fresh, damage):
    server = fresh()
    api = API(server, server.root_token)
    for number in range(5):
        api.result("POST", "/organizations", {"name": f"organization {number}"})
    assert server.stop() == 0
    with sqlite3.connect(server.database) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        table = next(name for name in tables if name.startswith("audit"))
        for (trigger,) in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,)).fetchall():
            database.execute(f"DROP TRIGGER {trigger}")
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})") if row[2] == "TEXT"]
        column = next(name for name in ("request", "response", "resource_id", *columns) if name in columns)
        database.execute(damage.format(table=table, column=column))
    checked = server.run("check")
    assert checked.returncode == 1 and "audit" in (checked.stdout + checked.stderr)


def test_migrate_status_lists_and_changes_nothing(fresh):
    server = fresh()
    assert server.stop() == 0
    done = server.run("migrate", "--status")
    assert done.returncode == 0 and "0001" in done.stdout


def test_a_stop_lets_requests_in_flight_finish(fresh):
    import concurrent.futures
    server = fresh()
    api = API(server, server.root_token)

    def create(number: int) -> bool:
        try:
            return api.post("/organizations", {"name": f"{number}"}).status_code == 200
        except Exception:
            return False

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(create, number) for number in range(200)]
        eventually(lambda: sum(answer.done() for answer in answers) > 20)
        assert server.stop() == 0
        acknowledged = sum(answer.result() for answer in answers)
    server.start()
    found = API(server, server.root_token).get("/organizations", params={"page_size": 1}).json()["result_info"]["total_size"]
    assert found >= acknowledged


# Start

def test_nobody_is_told_before_the_first_token_exists_that_it_is_unknown(fresh):
    token = "cfut_of_the_very_first_request_0123456789"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    statuses, stop = [], threading.Event()

    def ask():
        while not stop.is_set():
            try:
                statuses.append(httpx.get(
                    f"http://127.0.0.1:{port}/client/v4/user/tokens/verify",
                    headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE).status_code)
            except httpx.TransportError:
                pass

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    try:
        fresh(start=False, env={"ORGD_BOOTSTRAP_TOKEN": token}).start(listen=f"127.0.0.1:{port}")
        eventually(lambda: len(statuses) > 8)
    finally:
        stop.set()
        for asker in askers:
            asker.join()
    assert set(statuses) == {200}
