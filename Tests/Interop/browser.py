"""A cookie-keeping HTTP client that finds every *.localhost name on loopback, and keeps cookies by host as browsers do."""

import http.client
import json
import urllib.parse


class Answer:
    def __init__(self, status, headers, body, url):
        self.status, self.headers, self.body, self.url = status, headers, body, url

    def header(self, name):
        """The first value of a field, or None."""
        return next((value for key, value in self.headers if key.lower() == name), None)

    @property
    def text(self):
        return self.body.decode(errors="replace")

    @property
    def json(self):
        return json.loads(self.body)


class Browser:
    """One person's browser."""

    navigation = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}

    def __init__(self, user=None):
        self.user = user
        self.jar = {}

    def send(self, method, url, headers=None, body=None, raw_path=None):
        parts = urllib.parse.urlsplit(url)
        host, port = parts.hostname, parts.port or 80
        cookies = self.jar.setdefault(host, {})
        path = raw_path or (parts.path or "/") + ("?" + parts.query if parts.query else "")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", parts.netloc)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        if cookies:
            connection.putheader("Cookie", "; ".join(f"{name}={value}" for name, value in cookies.items()))
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        answer = Answer(response.status, response.getheaders(), response.read(), url)
        connection.close()
        for name, value in answer.headers:
            if name.lower() == "set-cookie":
                pair, *attributes = value.split(";")
                key, content = pair.split("=", 1)
                if any(item.strip().lower() == "max-age=0" for item in attributes):
                    cookies.pop(key, None)
                else:
                    cookies[key] = content
        return answer

    def get(self, url, headers=None, **options):
        return self.send("GET", url, headers or self.navigation, **options)

    def open(self, url):
        """Follows redirects, and signs in where an identity provider asks who it is."""
        seen = []
        for _ in range(15):
            parts = urllib.parse.urlsplit(url)
            if parts.path == "/authorize" and self.user:
                url += f"&user={self.user}"
            answer = self.get(url)
            seen.append(url)
            if answer.status not in (301, 302, 303, 307, 308):
                answer.hops = seen
                return answer
            url = urllib.parse.urljoin(url, answer.header("location"))
        raise AssertionError(f"redirects without end: {seen}")
