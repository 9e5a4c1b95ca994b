"""Measurements that are no load: memory of idle connections, statements of a request, what the host can do."""
import mmap
import os
import platform
import re
import socket
import statistics
import struct
import subprocess
import time

import load
import servers
from client import Client

CONNECTIONS = 800


def host():
    model = re.search(r"model name\s*:\s*(.*)", open("/proc/cpuinfo").read())
    return f"{os.cpu_count()} CPUs, {model[1] if model else platform.machine()}, Linux {platform.release()}"


def connection_memory(server):
    """kB of one idle keep-alive connection: each has asked once and was answered."""
    def ask():
        connection = socket.create_connection(("127.0.0.1", server.port))
        connection.sendall(f"GET {server.health} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        connection.recv(4096)
        return connection

    warm = [ask() for _ in range(20)]
    before = load.memory(server.pid, "VmRSS")
    held = [ask() for _ in range(CONNECTIONS)]
    time.sleep(1)
    after = load.memory(server.pid, "VmRSS")
    for connection in warm + held:
        connection.close()
    return (after - before) * 1024 / CONNECTIONS


def compile_c(source_folder, folder, name, flags):
    target = os.path.join(folder, name.replace(".c", ".bin"))
    subprocess.run(["cc", "-O2", "-o", target, os.path.join(source_folder, name)] + flags, check=True)
    return target


def statements(server, path, counter):
    """Statements that the server executes for one GET, its median time in ms, and the size of the answer."""
    client = Client(server.port, servers.TOKEN)
    status, body = client.raw("GET", path)
    if status != 200:
        raise SystemExit(f"{path}: {status} {body[:200]!r}")
    time.sleep(0.3)  # what runs beside the first request
    with open(counter, "r+b") as file, mmap.mmap(file.fileno(), 8) as memory:
        counts, times = [], []
        for _ in range(9):
            before, begin = struct.unpack("q", memory[:8])[0], time.perf_counter()
            client.raw("GET", path)
            times.append((time.perf_counter() - begin) * 1000)
            time.sleep(0.02)
            counts.append(struct.unpack("q", memory[:8])[0] - before)
    return round(statistics.median(counts)), statistics.median(times), len(body)


def openssl():
    for name, arguments, pattern in [
            ("RSA 2048", ["rsa2048"], r"rsa 2048 bits\s+\S+\s+\S+\s+([\d.]+)\s+([\d.]+)"),
            ("ECDSA P-256", ["ecdsap256"], r"nistp256\)\s+\S+\s+\S+\s+([\d.]+)\s+([\d.]+)"),
            ("Ed25519", ["ed25519"], r"Ed25519\)\s+\S+\s+\S+\s+([\d.]+)\s+([\d.]+)")]:
        out = subprocess.run(
            ["taskset", "-c", servers.SERVER_CPU, "openssl", "speed", "-seconds", "2"] + arguments,
            capture_output=True, text=True).stdout
        if found := re.search(pattern, out):
            yield name, f"sign {float(found[1]):,.0f}/s, verify {float(found[2]):,.0f}/s"
