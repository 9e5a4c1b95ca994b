"""The whole way of a program that acts for a person, request by request, as an OAuth client and a browser would make it."""
import base64
import hashlib
import http.client
import json
import re
import secrets
import statistics
import time
import urllib.parse

import load

REDIRECT = "http://127.0.0.1:4711/callback"
STEPS = ["register", "authorize", "consent", "token", "first request", "refresh"]


class Agent:
    """A program, and the browser of its person, who has signed in to the team before. One connection, kept open."""

    def __init__(self, port, host, team, cookies):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.host, self.team = f"{host}:{port}", f"{team}:{port}"
        self.cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())

    def ask(self, method, host, path, body=None, fields=()):
        self.connection.request(method, path, body, {"Host": host, **dict(fields)})
        answer = self.connection.getresponse()
        return answer, answer.read().decode()

    def form(self, path, form, fields=()):
        return self.ask("POST", self.team, f"/cdn-cgi/access/oauth/{path}", urllib.parse.urlencode(form),
                        {"Content-Type": "application/x-www-form-urlencoded", **dict(fields)})

    def expect(self, status, answer):
        if answer[0].status != status:
            raise SystemExit(f"the flow of an agent broke: {answer[0].status} {answer[1][:300]}")
        return answer

    def register(self):
        body = json.dumps({"redirect_uris": [REDIRECT], "client_name": "Bench", "application_type": "native"})
        answer = self.expect(201, self.ask(
            "POST", self.team, "/cdn-cgi/access/oauth/registration", body, {"Content-Type": "application/json"}))
        self.client = json.loads(answer[1])["client_id"]

    def authorize(self):
        self.verifier = secrets.token_urlsafe(32)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        query = urllib.parse.urlencode({
            "response_type": "code", "client_id": self.client, "redirect_uri": REDIRECT, "state": "x",
            "code_challenge": challenge, "code_challenge_method": "S256", "resource": f"http://{self.host}/"})
        answer = self.expect(200, self.ask(
            "GET", self.team, f"/cdn-cgi/access/oauth/authorization?{query}", fields={"Cookie": self.cookie}))
        self.ticket = re.search('name="ticket" value="([^"]+)"', answer[1])[1]

    def consent(self):
        answer = self.expect(302, self.form(
            "consent", {"ticket": self.ticket, "decision": "allow"}, {"Cookie": self.cookie}))
        query = urllib.parse.urlsplit(answer[0].getheader("location")).query
        self.code = dict(urllib.parse.parse_qsl(query))["code"]

    def token(self):
        self.keep(self.expect(200, self.form("token", {
            "grant_type": "authorization_code", "code": self.code, "redirect_uri": REDIRECT, "client_id": self.client,
            "code_verifier": self.verifier})))

    def first_request(self):
        fields = {"X-Forwarded-Host": self.host, "X-Forwarded-Proto": "http", "X-Forwarded-Uri": "/",
                  "X-Forwarded-Method": "GET", "Authorization": f"Bearer {self.access}"}
        self.expect(200, self.ask("GET", self.host, "/cdn-cgi/access/forward-auth", fields=fields))

    def refresh(self):
        self.keep(self.expect(200, self.form("token", {
            "grant_type": "refresh_token", "refresh_token": self.renewal, "client_id": self.client})))

    def keep(self, answer):
        tokens = json.loads(answer[1])
        self.access, self.renewal = tokens["access_token"], tokens["refresh_token"]


def measure(agent, flows, registrations, pids):
    """Per step: CPU µs of the server per request, and the median and 99th percentile of what the client waits, in ms.

    The steps that lead to the measured one are made again for each, and are not counted. Registrations
    are limited to 20 an address and minute, and token requests to 600: that bounds both counts.
    """
    found = {}

    def repeat(name, count, *steps):
        times, used = [], 0
        for _ in range(count):
            for step in steps[:-1]:
                step()
            before = load.cpu_nanoseconds(pids)
            begin = time.perf_counter()
            steps[-1]()
            times.append((time.perf_counter() - begin) * 1000)
            used += load.cpu_nanoseconds(pids) - before
        times.sort()
        found[name] = (used / count / 1000, statistics.median(times), times[int(len(times) * 0.99)])

    repeat("register", registrations, agent.register)
    repeat("authorize", flows, agent.authorize)
    repeat("consent", flows, agent.authorize, agent.consent)
    repeat("token", flows, agent.authorize, agent.consent, agent.token)
    repeat("first request", flows, agent.authorize, agent.consent, agent.token, agent.first_request)
    repeat("refresh", flows, agent.refresh)
    return found
