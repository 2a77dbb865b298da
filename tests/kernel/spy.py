"""What another user can try: read every file, connect to every socket and port, subscribe, send requests without a key.

    python -I spy.py RUNTIME_FOLDER SOCKET_STEM USER_ID GROUP_ID

Becomes that user for good, after the imports: the program may lie where others can't read it.
Prints {"received": messages, "opened": files and sockets}.
"""

import json
import os
import socket
import sys
from pathlib import Path

import zmq


def openable(runtime: Path, stem: str) -> int:
    """How many files can be read and sockets connected to."""
    found = 0
    candidates = {
        *(Path(f"{stem}-{number}") for number in range(1, 6)),
        runtime / "keeper.json",
        runtime,
        Path(stem).parent,
    }
    for path in (runtime, Path(stem).parent):
        try:
            candidates.update(path.iterdir())
        except OSError:
            continue
    for path in candidates:
        try:
            with path.open("rb"):
                found += 1
        except OSError:
            pass
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(str(path))
                found += 1
            except OSError:
                pass
    return found


def ports() -> list[int]:
    """Every listening TCP port of the machine."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    fields = [line.split() for line in lines]
    return sorted({int(field[1].rpartition(":")[2], 16) for field in fields if field[3] == "0A"})


def received(stem: str) -> int:
    """Messages that arrive within 2 s at a subscriber and at a client without a key."""
    context = zmq.Context()
    poller = zmq.Poller()
    made = []
    addresses = [f"ipc://{stem}-{number}" for number in range(1, 6)]
    addresses += [f"tcp://127.0.0.1:{port}" for port in ports()]
    for address in addresses:
        for kind in (zmq.SUB, zmq.DEALER):
            client = context.socket(kind)
            client.linger = 0
            client.connect(address)
            if kind == zmq.SUB:
                client.subscribe(b"")
            else:
                header = json.dumps({"msg_type": "kernel_info_request", "msg_id": "spy"}).encode()
                client.send_multipart([b"<IDS|MSG>", b"", header, b"{}", b"{}", b"{}"], zmq.NOBLOCK)
            poller.register(client, zmq.POLLIN)
            made.append(client)
    count = 0
    for _ in range(20):
        for client, _event in poller.poll(100):
            count += b"kernel" in b"".join(client.recv_multipart())
    for client in made:
        client.close()
    context.term()
    return count


if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(int(sys.argv[4]))
    os.setuid(int(sys.argv[3]))
print(json.dumps({"received": received(sys.argv[2]), "opened": openable(Path(sys.argv[1]), sys.argv[2])}))
