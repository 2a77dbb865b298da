"""What another user can try: read every file, connect to every socket and port, subscribe, send requests without a key.

    python -I spy.py RUNTIME_FOLDER SOCKET_STEM TCP_PORTS USER_ID GROUP_ID

The ports, a list in JSON, are those of the processes that are tried: others of the machine may speak freely.
Becomes that user for good, after the imports: the program may lie where others can't read it.
Prints {"received": messages, "opened": files and sockets}.
"""

import contextlib
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


def received(stem: str, ports: list[int]) -> int:
    """Messages that arrive within 2 s at a subscriber and at a client without a key."""
    context = zmq.Context()
    poller = zmq.Poller()
    made = []
    addresses = [f"ipc://{stem}-{number}" for number in range(1, 6)]
    addresses += [f"tcp://127.0.0.1:{port}" for port in ports]
    for address in addresses:
        for kind in (zmq.SUB, zmq.DEALER):
            client = context.socket(kind)
            client.linger = 0
            client.connect(address)
            if kind == zmq.SUB:
                client.subscribe(b"")
            else:
                header = json.dumps({"msg_type": "kernel_info_request", "msg_id": "spy"}).encode()
                with contextlib.suppress(zmq.Again):  # what speaks no ZeroMQ may be gone already
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
    os.setgid(int(sys.argv[5]))
    os.setuid(int(sys.argv[4]))
messages = received(sys.argv[2], json.loads(sys.argv[3]))
print(json.dumps({"received": messages, "opened": openable(Path(sys.argv[1]), sys.argv[2])}))
