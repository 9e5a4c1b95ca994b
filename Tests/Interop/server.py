"""A built orgd under test: started on a free port, stopped or killed, spoken to over plain HTTP."""

import os
import pathlib
import re
import signal
import subprocess
import threading
import time

import httpx

ROOT = pathlib.Path(__file__).resolve().parents[2]
ORGD = pathlib.Path(os.environ.get("ORGD_BIN", ROOT / ".build/debug/orgd")).resolve()
ORGCTL = pathlib.Path(os.environ.get("ORGCTL_BIN", ORGD.parent / "orgctl")).resolve()

# Time for a debug build on a busy machine to start or to stop; never a measurement.
PATIENCE = 60


class Server:
    """One server process on one database folder. A second `start` after `kill` resumes on the same database."""

    def __init__(self, folder: pathlib.Path, *flags: str, env: dict | None = None):
        self.folder = pathlib.Path(folder)
        self.database = self.folder / "data" / "orgd.sqlite"
        self.flags = list(flags)
        self.env = {**os.environ, "ORGD_LOG_FORMAT": "json", "ORGD_LOG_LEVEL": "warning", **(env or {})}
        self.process = None
        self.url = None

    def command(self, *arguments: str) -> list[str]:
        return [str(ORGD), *arguments]

    def start(self, preexec_fn=None, listen: str = "127.0.0.1:0") -> "Server":
        self.log = open(self.folder / "orgd.log", "ab")
        self.process = subprocess.Popen(
            self.command("serve", "--listen", listen, "--database", str(self.database), *self.flags),
            stdout=subprocess.PIPE, stderr=self.log, env=self.env, preexec_fn=preexec_fn, text=True, bufsize=1,
        )
        guard = threading.Timer(PATIENCE, self.process.kill)
        guard.start()
        line = self.process.stdout.readline()
        guard.cancel()
        ready = re.fullmatch(r"orgd listening on (http://\S+)\n", line)
        assert ready, f"orgd did not start: {line!r}\n{self.log_tail()}"
        self.url = ready.group(1)
        self.api = f"{self.url}/client/v4"
        return self

    def log_tail(self) -> str:
        return (self.folder / "orgd.log").read_text(errors="replace")[-4000:]

    @property
    def root_token(self) -> str:
        return (self.database.parent / "bootstrap-token").read_text().strip()

    def stop(self) -> int:
        """Stops it as an operator would; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.log.close()
        return status

    def kill(self) -> None:
        """Ends it as a power cut would."""
        self.process.kill()
        self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.log.close()

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def run(self, *arguments: str, **options) -> subprocess.CompletedProcess:
        """Another orgd command on the same database."""
        return subprocess.run(
            self.command(*arguments, "--database", str(self.database)), capture_output=True, text=True, env=self.env,
            timeout=PATIENCE, **options)


class API:
    """Plain requests with one credential. Answers are checked against the rules that hold for all of them."""

    def __init__(self, server: Server, token: str | None):
        self.server = server
        self.token = token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.http = httpx.Client(base_url=server.api, headers=headers, timeout=PATIENCE)

    def request(self, method: str, path: str, body=None, **options) -> httpx.Response:
        if body is not None:
            options["json"] = body
        answer = self.http.request(method, self.server.api + path, **options)
        check_envelope(answer)
        return answer

    def get(self, path, **options): return self.request("GET", path, **options)
    def post(self, path, body=None, **options): return self.request("POST", path, body, **options)
    def put(self, path, body=None, **options): return self.request("PUT", path, body, **options)
    def patch(self, path, body=None, **options): return self.request("PATCH", path, body, **options)
    def delete(self, path, **options): return self.request("DELETE", path, **options)

    def result(self, method: str, path: str, body=None, **options):
        """The result of a request that must succeed."""
        answer = self.request(method, path, body, **options)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()["result"]


RAY = re.compile(r"[0-9a-f]{16}-ORG")


def check_envelope(answer: httpx.Response) -> None:
    """What every enveloped answer has in common."""
    assert RAY.fullmatch(answer.headers.get("cf-ray", "")), f"no cf-ray in {answer.request.method} {answer.request.url}"
    if answer.status_code in (204, 304) or answer.request.method == "HEAD":
        return
    assert answer.headers["content-type"].split(";")[0] == "application/json", answer.headers["content-type"]
    envelope = answer.json()
    assert envelope["success"] is answer.is_success
    assert isinstance(envelope["messages"], list)
    if answer.is_success:
        assert envelope["errors"] == []
        assert "result" in envelope
    else:
        assert 1 <= len(envelope["errors"]) <= 20
        assert envelope["result"] is None
        for error in envelope["errors"]:
            assert isinstance(error["code"], int) and error["code"] >= 1000
            assert error["message"]
        if answer.status_code < 500 and answer.status_code != 429 and envelope["errors"][0]["code"] != 21906:
            assert answer.headers.get("x-should-retry") == "false"


def eventually(check, within: float = PATIENCE):
    """Asks until the answer is true; reports the last value seen."""
    deadline = time.monotonic() + within
    while True:
        value = check()
        if value or time.monotonic() > deadline:
            assert value, f"still {value!r} after {within} s"
            return value
        time.sleep(0.05)
