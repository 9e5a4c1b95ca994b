"""A small client of the REST API: one connection, kept open."""
import http.client
import json
import time


class APIError(Exception):
    pass


class Client:
    """Speaks to `/client/v4` of one server on loopback."""

    def __init__(self, port, token):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Authorization": f"Bearer {token}"}

    def call(self, method, path, body=None):
        """The `result` of the answer; raises APIError for anything but 2xx."""
        status, answer = self.raw(method, path, body)
        if not 200 <= status < 300:
            raise APIError(f"{method} {path}: {status} {answer[:300]!r}")
        return json.loads(answer)["result"]

    def raw(self, method, path, body=None):
        """Status and bytes of any answer."""
        headers = dict(self.headers)
        data = None
        if body is not None:
            data = json.dumps(body, separators=(",", ":"))
            headers["Content-Type"] = "application/json"
        self.connection.request(method, "/client/v4" + path, data, headers)
        response = self.connection.getresponse()
        return response.status, response.read()

    def wait(self):
        """A new server answers before its first administrator exists: waits for that."""
        for _ in range(50):
            if self.raw("GET", "/user/tokens/verify")[0] == 200:
                return
            time.sleep(0.05)
        raise APIError("the bootstrap token is not accepted")

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, body):
        return self.call("POST", path, body)

    def put(self, path, body):
        return self.call("PUT", path, body)
