"""Debian's nginx and Caddy before an application that shows what reaches it, with the files of docs/proxies as they stand."""

import http.server
import json
import os
import pathlib
import shutil
import socket
import subprocess
import threading
import time

from server import PATIENCE, ROOT

FILES = ROOT / "docs" / "proxies"


class Origin:
    """An application that answers with the request that it got."""

    def __init__(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length).decode()
                shown = json.dumps({
                    "method": self.command, "path": self.path, "body": body,
                    "headers": [[name.lower(), value] for name, value in self.headers.items()]}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(shown)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(shown)

            do_GET = do_HEAD = do_POST = do_OPTIONS = do_DELETE = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Proxy:
    """A proxy process before one application host."""

    def __init__(self, folder: pathlib.Path, orgd_port: int, origin_port: int, host: str):
        self.folder, self.port = folder, free_port()
        self.orgd, self.origin = f"127.0.0.1:{orgd_port}", f"127.0.0.1:{origin_port}"
        self.host, self.authority = host, f"{host}:{self.port}"
        self.url = f"http://{self.authority}"
        self.process = None

    def start(self):
        command, environment = self.prepare()
        self.process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=open(self.folder / "proxy.log", "ab"), stderr=subprocess.STDOUT)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                log = (self.folder / "proxy.log").read_text()
                assert self.process.poll() is None and time.monotonic() < deadline, log
                time.sleep(0.02)

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)


class Nginx(Proxy):
    name = "nginx"

    def prepare(self):
        text = (FILES / "nginx.conf").read_text()
        for example, real in [
            ("server 127.0.0.1:8787", f"server {self.orgd}"), ("server 127.0.0.1:3000", f"server {self.origin}"),
            ("listen 80;", f"listen 127.0.0.1:{self.port};"), ("server_name wiki.example.org", f"server_name {self.host}"),
            ("set $app wiki.example.org", f"set $app {self.authority}"),
        ]:
            assert text.count(example) == 1, example
            text = text.replace(example, real)
        (self.folder / "site.conf").write_text(text)
        temporary = "".join(
            f"{kind}_temp_path {self.folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.folder / "nginx.conf").write_text(
            f"daemon off;\nmaster_process off;\npid {self.folder}/pid;\nerror_log stderr;\nevents {{}}\n"
            f"http {{\naccess_log off;\n{temporary}include {self.folder}/site.conf;\n}}\n")
        return [tool("nginx"), "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")], {}


class Caddy(Proxy):
    name = "caddy"

    def prepare(self):
        (self.folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + (FILES / "Caddyfile").read_text())
        return [tool("caddy"), "run", "--adapter", "caddyfile", "--config", str(self.folder / "Caddyfile")], {
            "APP_ADDRESS": f"http://{self.authority}", "ORGD": self.orgd, "APPLICATION": self.origin,
            "HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder)}


def tool(name):
    """nginx is in a folder that only administrators look in."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    assert found, f"{name} is not installed: scripts/deps.sh"
    return found
