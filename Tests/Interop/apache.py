"""Debian's Apache with mod_auth_openidc: a relying party that others wrote, before a page that shows who came."""

import pathlib
import secrets
import shutil
import socket
import subprocess
import time

from server import PATIENCE

MODULES = pathlib.Path("/usr/lib/apache2/modules")


class Apache:
    """`/app` is behind the login; it is a static page whose answer shows in its header what the module found out."""

    def __init__(self, folder: pathlib.Path):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port = listener.getsockname()[1]
        self.folder, self.url = folder, f"http://rp.localhost:{self.port}"
        self.redirect_uri = f"{self.url}/app/callback"
        self.process = None

    def start(self, app: dict, pkce: bool) -> "Apache":
        binary = shutil.which("apache2", path="/usr/sbin:/usr/bin")
        assert binary, "apache2 is not installed: scripts/deps.sh"
        pages = self.folder / "pages" / "app"
        pages.mkdir(parents=True)
        (pages / "index.html").write_text("the application\n")
        loaded = "".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so\n" for name in (
            "mpm_event", "authn_core", "authz_core", "authz_user", "headers", "dir", "mime", "env", "auth_openidc"))
        (self.folder / "apache.conf").write_text(f"""
ServerRoot {self.folder}
ServerName rp.localhost
Listen 127.0.0.1:{self.port}
PidFile {self.folder}/pid
ErrorLog {self.folder}/error.log
LogLevel warn auth_openidc:info
{loaded}
DocumentRoot {self.folder}/pages
TypesConfig /etc/mime.types
DirectoryIndex index.html
OIDCProviderMetadataURL {app["issuer"]}/.well-known/openid-configuration
OIDCClientID {app["client_id"]}
OIDCClientSecret {app["client_secret"]}
OIDCRedirectURI {self.redirect_uri}
OIDCScope "openid email profile groups"
OIDCCryptoPassphrase {secrets.token_hex(16)}
OIDCPassClaimsAs environment
OIDCRemoteUserClaim email
{"OIDCPKCEMethod S256" if pkce else ""}
<Location /app>
  AuthType openid-connect
  Require valid-user
  Header always set X-User "%{{OIDC_CLAIM_email}}e"
  Header always set X-Groups "%{{OIDC_CLAIM_groups}}e"
  Header always set X-Name "%{{OIDC_CLAIM_name}}e"
</Location>
""")
        self.process = subprocess.Popen([binary, "-f", str(self.folder / "apache.conf"), "-DFOREGROUND"],
                                        stdout=open(self.folder / "out.log", "ab"), stderr=subprocess.STDOUT)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                assert self.process.poll() is None and time.monotonic() < deadline, self.log
                time.sleep(0.02)

    @property
    def log(self) -> str:
        return "".join((self.folder / name).read_text() for name in ("out.log", "error.log") if (self.folder / name).exists())

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(PATIENCE)
