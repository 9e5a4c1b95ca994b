import sys
import pathlib

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from screenshots import Album  # noqa: E402
from server import API, ORGD, Server  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--screenshots", type=pathlib.Path, metavar="DIR", help="put pictures of the pages people see into a folder")


@pytest.fixture(scope="session")
def album(pytestconfig):
    return Album(pytestconfig.getoption("--screenshots"))


@pytest.fixture(scope="session")
def built():
    """The binary under test is there."""
    if not ORGD.exists():
        pytest.exit(f"{ORGD} is not there; build it with `swift build` or name another with ORGD_BIN", returncode=2)


@pytest.fixture
def fresh(built, tmp_path):
    """A server that is the test's own; ended whatever happens."""
    servers = []

    def make(*flags, start=True, folder=None, **options):
        server = Server(folder or tmp_path, *flags, **options)
        servers.append(server)
        return server.start() if start else server

    yield make
    for server in servers:
        if server.is_running:
            server.kill()


@pytest.fixture(scope="module")
def server(built, tmp_path_factory):
    """One server for the tests of a file, which must not depend on each other."""
    server = Server(tmp_path_factory.mktemp("orgd")).start()
    yield server
    if server.is_running:
        assert server.stop() == 0, server.log_tail()


@pytest.fixture(scope="module")
def root(server):
    """The API as the first administrator."""
    return API(server, server.root_token)


def pytest_terminal_summary(terminalreporter, config):
    table = getattr(config, "sdk_coverage", None)
    if table:
        terminalreporter.section("methods of the cloudflare SDK")
        for line in table:
            terminalreporter.write_line(line)
