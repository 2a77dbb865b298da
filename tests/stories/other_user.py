"""Run as another user of the machine: which of the paths on stdin can be read, listed or connected to.

python -I other_user.py USER_ID GROUP_ID < PATHS prints {"opened": [...]}. `port:N` is a port of this machine: it gets
garbage, and is named where it answers more than zmq's greeting. Becomes that user for good, after the imports: Python
may lie where others can't read it. Standard library only.
"""

import json
import os
import socket
import sys
from pathlib import Path


def answer_of(port: int) -> bytes:
    """What a port says to a wrong greeting, to a right one that asks for anything, and to noise."""
    said = b""
    greeting = b"\xff" + b"\0" * 8 + b"\x7f\x03\0NULL" + b"\0" * 48
    for words in (
        b"GET / HTTP/1.0\r\n\r\n",
        greeting + b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x04PUSH",
        b"\xff" * 100_000,
    ):
        # Not create_connection: it looks up names, and imports a codec for that when Python is out of reach already.
        with socket.socket() as client:
            client.settimeout(0.5)
            client.connect(("127.0.0.1", port))
            try:
                client.sendall(words)
                while part := client.recv(4096):
                    said += part
            except OSError:
                continue
    return said


if os.geteuid() == 0 and int(sys.argv[1]) != 0:
    os.setgroups([])
    os.setgid(int(sys.argv[2]))
    os.setuid(int(sys.argv[1]))
opened = []
for path in sys.stdin.read().split("\0"):
    if not path:
        continue
    if path.startswith("port:"):
        if b"only-the-owner" in (answer := answer_of(int(path.removeprefix("port:")))) or len(answer) > 400:
            opened.append(path)
        continue
    try:
        if Path(path).is_dir():
            list(Path(path).iterdir())
        else:
            os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        opened.append(path)
    except OSError:
        pass
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        try:
            client.connect(path)
            opened.append(f"socket {path}")
        except OSError:
            pass
print(json.dumps({"opened": opened}))
