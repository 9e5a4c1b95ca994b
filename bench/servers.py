"""Starts and stops the servers that are measured; each is pinned to the first CPU and listens on loopback only."""
import http.client
import os
import shutil
import socket
import subprocess
import tempfile
import time

SERVER_CPU = "0"
TOKEN = "bench-administrator-token-0123456789"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def answers(port, path):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except OSError:
        return False


class Server:
    """A child process and a folder of its own, gone at the end of a `with`."""

    name = "server"
    health = "/"

    def __init__(self):
        self.port = free_port()
        self.folder = tempfile.mkdtemp(prefix="orgd-bench-")
        self.process = None
        self.environment = dict(os.environ)

    def command(self):
        raise NotImplementedError

    def start(self):
        """Seconds from fork to the first answer."""
        log = open(os.path.join(self.folder, "log"), "ab")
        begin = time.perf_counter()
        self.process = subprocess.Popen(
            ["taskset", "-c", SERVER_CPU] + self.command(), stdout=log, stderr=log, env=self.environment)
        while not answers(self.port, self.health):
            if self.process.poll() is not None or time.perf_counter() - begin > 120:
                raise SystemExit(f"{self.name} does not start: see {self.folder}/log")
            time.sleep(0.0005)
        return time.perf_counter() - begin

    def stop(self):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def pid(self):
        return self.process.pid

    @property
    def pids(self):
        """The process and its children: some servers work in children."""
        listed = subprocess.run(["pgrep", "-P", str(self.pid)], capture_output=True, text=True).stdout.split()
        return [self.pid] + [int(pid) for pid in listed]

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"


class Orgd(Server):
    name, health = "orgd", "/healthz"

    def __init__(self, binary, options=(), preload=None):
        super().__init__()
        self.binary, self.options = binary, list(options)
        self.environment["ORGD_BOOTSTRAP_TOKEN"] = TOKEN
        if preload:
            self.environment |= preload

    def command(self):
        return [
            self.binary, "serve", "--listen", f"127.0.0.1:{self.port}", "--database", f"{self.folder}/orgd.sqlite",
            "--threads", "1", "--log-level", "warning", "--max-accounts", "100000"] + self.options


class DevIdP(Server):
    """Signs everybody in as one person."""

    name, health = "dev-idp", "/keys"

    def __init__(self, binary):
        super().__init__()
        self.binary = binary

    def command(self):
        return [self.binary, "dev-idp", "--listen", f"127.0.0.1:{self.port}", "--user", "alice@example.com:Alice",
                "--everyone", "alice"]

    @property
    def issuer(self):
        return f"http://127.0.0.1:{self.port}"


class Peer(Server):
    """Hummingbird, GRDB and jwt-kit, durable like the other side."""

    name, health = "peer", "/hello"

    def __init__(self, binary, keys=None):
        super().__init__()
        self.binary = binary
        self.environment |= {
            "PORT": str(self.port), "DB": f"{self.folder}/peer.sqlite", "ACCOUNTS": "200", "APPS": "50", "SYNC": "FULL",
            "NIO_SINGLETON_GROUP_LOOP_COUNT": "1",
        } | (keys or {})

    def command(self):
        return [self.binary]

    account = "acc" + f"{5:029x}"

    @staticmethod
    def app(number):
        return "app" + f"{5 * 50 + number:029x}"


class Nginx(Server):
    name = "nginx"

    def command(self):
        path = f"{self.folder}/nginx.conf"
        with open(path, "w") as file:
            file.write(f"""
daemon off; master_process off; worker_processes 1; pid {self.folder}/pid; error_log {self.folder}/error.log;
events {{ worker_connections 2048; }}
http {{
    access_log off; keepalive_requests 100000000;
    server {{ listen 127.0.0.1:{self.port}; location / {{ default_type text/plain; return 200 "ok\\n"; }} }}
}}
""")
        return ["nginx", "-p", self.folder, "-c", path]


class Apache(Server):
    """mod_auth_openidc as an OAuth 2.0 resource server that checks RS256 tokens itself; one process of 64 threads."""

    name = "Apache mod_auth_openidc"
    modules = "/usr/lib/apache2/modules"

    def __init__(self, key):
        super().__init__()
        self.key = key

    def command(self):
        root = f"{self.folder}/root"
        os.makedirs(root, exist_ok=True)
        with open(f"{root}/index.html", "w") as file:
            file.write("ok\n")
        path = f"{self.folder}/apache.conf"
        modules = [
            "mpm_event", "authn_core", "authz_core", "authz_user", "auth_openidc", "dir", "mime", "unixd"]
        loads = "\n".join(
            f"LoadModule {name}_module {self.modules}/mod_{name}.so" for name in modules
            if os.path.exists(f"{self.modules}/mod_{name}.so"))
        with open(path, "w") as file:
            file.write(f"""
{loads}
ServerName localhost
Listen 127.0.0.1:{self.port}
PidFile {self.folder}/pid
ErrorLog {self.folder}/error.log
DocumentRoot {root}
StartServers 1
ServerLimit 1
ThreadsPerChild 64
MaxRequestWorkers 64
MaxKeepAliveRequests 0
KeepAliveTimeout 60
User nobody
Group nogroup
TypesConfig /etc/mime.types
OIDCCryptoPassphrase bench
OIDCOAuthVerifyCertFiles rs#{self.key}
OIDCOAuthRemoteUserClaim sub
<Directory {root}>
    Require all denied
</Directory>
<Location />
    AuthType oauth20
    Require valid-user
</Location>
""")
        os.chmod(self.folder, 0o755)
        return ["apache2", "-D", "FOREGROUND", "-f", path]
