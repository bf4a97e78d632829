# SPDX-License-Identifier: Apache-2.0
"""A wire between the service and its Redis that can be made bad: stalled, a byte a second, reset, garbled, cut."""
import random
import socket
import struct
import threading

CHUNK = 65536
POLL_S = 0.2


class Proxy:
    """Listens on a free port of loopback and passes on to `target`. `mode` counts for all that is under way:
    pass; stall: nothing moves on; trickle: a byte a second towards the service; garble: what Redis answers is
    replaced by noise; reset, cut: connections end by RST, or by FIN after half of what came, new ones too."""

    MODES = ("stall", "trickle", "reset", "garble", "cut")

    def __init__(self, target, seed):
        self.target, self.mode, self.rng = target, "pass", random.Random(seed)
        self.bad, self.changed, self.over = 0, threading.Event(), False
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.listen, daemon=True).start()

    def close(self):
        self.over = True
        self.listener.close()

    def set(self, mode):
        self.mode = mode
        self.changed.set()                # wakes who waits for the stall's end
        self.changed.clear()

    def listen(self):
        while not self.over:
            try:
                client, _ = self.listener.accept()
                server = socket.create_connection(self.target, 5)
            except OSError:
                continue
            for one in (client, server):
                one.settimeout(POLL_S)
            for way in ((client, server, False), (server, client, True)):
                threading.Thread(target=self.carry, args=way, daemon=True).start()

    def end(self, one, other):
        hard = self.mode == "reset"
        for end in (one, other):
            try:
                if hard:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                else:
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
            except OSError:
                pass

    def bend(self, data, to_service):
        """What is passed on of `data`; None: the connection ends."""
        if self.mode == "stall":
            self.bad += 1
            while self.mode == "stall" and not self.over:
                self.changed.wait(POLL_S)
        if self.mode == "garble" and to_service:
            self.bad += 1
            return self.rng.randbytes(len(data))
        if self.mode in ("reset", "cut"):
            self.bad += 1
            return None
        return data

    def give(self, target, data, to_service):
        while data:
            if self.mode == "trickle" and to_service:
                self.bad += 1
                self.changed.wait(1)
                piece, data = data[:1], data[1:]
            else:
                piece, data = data, b""
            target.settimeout(None)
            target.sendall(piece)
            target.settimeout(POLL_S)

    def carry(self, source, target, to_service):
        while not self.over:
            try:
                data = source.recv(CHUNK)
            except TimeoutError:
                if self.mode in ("reset", "cut"):
                    break
                continue
            except OSError:
                break
            if not data:
                break
            try:
                passed = self.bend(data, to_service)
                if passed is None:
                    if self.mode == "cut":
                        target.sendall(data[:len(data) // 2])
                    break
                self.give(target, passed, to_service)
            except OSError:
                break
        self.end(source, target)
