"""The demo on a terminal: at its end the console waits for whoever wants to try it, and Enter ends it."""

import os
import pty
import re
import select
import signal
import subprocess
import time

import httpx

from server import ORGD, PATIENCE, ROOT


def test_on_a_terminal_the_demo_ends_with_the_console():
    ours, theirs = pty.openpty()
    demo = subprocess.Popen(
        [str(ROOT / "scripts/demo.sh"), str(ORGD.parent)], stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True)
    os.close(theirs)
    said, deadline = "", time.monotonic() + 5 * PATIENCE

    def listen() -> bool:
        """Whether there is more to come."""
        nonlocal said
        assert time.monotonic() < deadline, said
        if not select.select([ours], [], [], 1)[0]:
            return True
        try:
            more = os.read(ours, 65536)
        except OSError:
            # So a terminal ends on Linux.
            return False
        said += more.decode(errors="replace")
        return bool(more)

    try:
        console = re.compile(r"Open (http://localhost:\d+/) and sign in with this API token:\s+(cfut_\S+)\s")
        while not console.search(said):
            assert listen(), said
        address, token = console.search(said).groups()
        assert httpx.get(address, follow_redirects=True, timeout=PATIENCE).url.path == "/sign-in"
        answer = httpx.get(f"{address}client/v4/accounts", headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE)
        assert "EMEA" in [account["name"] for account in answer.json()["result"]]
        assert demo.poll() is None
        os.write(ours, b"\n")
        while listen():
            pass
        assert demo.wait(PATIENCE) == 0, said
        assert "Done." in said
    finally:
        if demo.poll() is None:
            os.killpg(demo.pid, signal.SIGTERM)
            demo.wait(PATIENCE)
        os.close(ours)
